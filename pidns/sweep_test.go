package pidns

import (
	"slices"
	"syscall"
	"testing"

	"example.com/pidmap/alloc"
)

// seams are numbers where words, flights, pages, batches and parts end.
func seams(limit alloc.PID) []alloc.PID {
	var all []alloc.PID
	for _, at := range []alloc.PID{2, 15, 16, 17, 63, 64, 65, 127, 128, 4095, 4096, 4097, 8191, 8192, 8193, 16383, 16384, 32767, 32768, limit - 1} {
		if at < limit {
			all = append(all, at)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// A sweep marks whoever is there, once, whatever their numbers: at the seams,
// in dense runs and behind gaps; and delivery comes to all of them.
func TestSweepsAtSeams(t *testing.T) {
	for _, limit := range []alloc.PID{65, 4097, 8192, 8193, 40000} {
		every(t, func(w *world) {
			w.cfg.Limits = alloc.Limits{Max: limit, Reserved: 2}
			ns, reaper := w.space(w.init)
			var tasks []Task
			for _, pid := range seams(limit) {
				task := w.must(reaper.ForkAt(pid))
				w.hold(task)
				tasks = append(tasks, task)
			}
			for range min(int(limit)/3, 300) {
				tasks = append(tasks, w.fork(reaper))
			}
			n, err := ns.Mark(w.sweep, syscall.SIGUSR2)
			if err != nil || n != len(tasks) {
				w.Fatalf("limit %d: %d marks of %d tasks, %v", limit, n, len(tasks), err)
			}
			for _, task := range tasks {
				if got := task.Pending(); !slices.Equal(got, []syscall.Signal{syscall.SIGUSR2}) {
					w.Fatalf("limit %d: pid %d: pending %v", limit, task.PID(), got)
				}
			}
			ns.Deliver()
			for i, task := range tasks {
				if held := i < len(seams(limit)); dead(task) == held || len(task.Pending()) != 0 {
					w.Fatalf("limit %d: pid %d: dead %t, held %t", limit, task.PID(), dead(task), held)
				}
			}
			if n, err = ns.Signal(w.sweep, syscall.SIGUSR2); err != nil || n != len(seams(limit)) {
				w.Errorf("limit %d: %d marks, want %d: zombies are spared; %v", limit, n, len(seams(limit)), err)
			}
		})
	}
}
