package pidns

import (
	"context"
	"errors"
	"slices"
	"syscall"
	"testing"

	"example.com/pidmap/alloc"
)

// The hook sees every task once, by number, with no lock held and before
// anything is told; programs that it puts back are told at the thaw: SIGCONT,
// and what is pending, SIGKILL too, whether the old program was told or not.
func TestRestoreHook(t *testing.T) {
	everyRegistry(t, func(w *world) {
		ns, reaper := w.space(w.init)
		killed, termed, zombie := w.fork(reaper), w.fork(reaper), w.fork(reaper)
		thread := w.thread(killed)
		w.hold(killed)
		w.hold(thread)
		w.ok(killed.Signal(syscall.SIGKILL))
		w.ok(zombie.Exit(0))
		w.freeze(ns)
		w.ok(termed.Signal(syscall.SIGTERM))
		snap := w.checkpoint(ns)

		var seen []alloc.PID
		programs := map[alloc.PID]*told{}
		copied, err := Restore(w.init, snap, func(task Task) {
			pid := task.PID()
			seen = append(seen, pid)
			if pid == zombie.PID() {
				w.fails(task.OnSignal((&told{}).hook), ErrDead)
				return
			}
			programs[pid] = w.hold(task)
		})
		w.ok(err)
		if want := []alloc.PID{1, 2, 3, 4, 5}; !slices.Equal(seen, want) {
			w.Errorf("the hook saw %d, want %d", seen, want)
		}
		for pid, program := range programs {
			if !program.is() {
				w.Errorf("%d is told %v before the thaw", pid, program.sigs)
			}
		}
		w.ok(copied.Thaw())
		for pid, want := range map[alloc.PID][]syscall.Signal{
			1:            {syscall.SIGCONT},
			killed.PID(): {syscall.SIGCONT, syscall.SIGKILL},
			thread.PID(): {syscall.SIGCONT, syscall.SIGKILL},
			termed.PID(): {syscall.SIGCONT, syscall.SIGTERM},
		} {
			if got := programs[pid]; !slices.Equal(sorted(got.sigs), sorted(want)) {
				w.Errorf("%d is told %v, want %v", pid, got.sigs, want)
			}
		}
		w.check()
	})
}

// sorted leaves it open in which order signals came.
func sorted(sigs []syscall.Signal) []syscall.Signal { return slices.Sorted(slices.Values(sigs)) }

// Without programs the pending signals take their course at the thaw.
func TestRestoredSignals(t *testing.T) {
	every(t, func(w *world) {
		ns, reaper := w.space(w.init)
		killed, termed, stopped := w.fork(reaper), w.fork(reaper), w.fork(reaper)
		leader := w.fork(reaper)
		w.thread(leader)
		w.ok(leader.Exit(3))
		w.freeze(ns)
		for task, sig := range map[Task]syscall.Signal{termed: syscall.SIGTERM, stopped: syscall.SIGTSTP, leader: syscall.SIGUSR2} {
			w.ok(task.Signal(sig))
		}
		_, err := ns.Mark(w.sweep, syscall.SIGURG)
		w.ok(err)
		killed.record().mark(bit(sigKill)) // as by a sweep that has not delivered yet
		snap := w.checkpoint(ns)
		copied := w.restored(w.init, snap)
		for pid, task := range copied.Tasks() {
			was, _ := ns.Task(pid)
			if got, want := task.Pending(), was.Pending(); !slices.Equal(got, want) || dead(task) != dead(was) {
				w.Errorf("%d has %d pending, want %d", pid, got, want)
			}
		}
		w.ok(copied.Thaw())
		w.ok(ns.Thaw())
		for _, of := range []*Namespace{ns, copied} {
			w.reaps(of.Reaper(), 2, 128+9)
			w.reaps(of.Reaper(), 3, 128+15)
			w.reaps(of.Reaper(), 5, 128+12) // by way of the thread
			if _, _, err := of.Reaper().Wait(ended); !errors.Is(err, context.Canceled) {
				w.Errorf("Wait for the stopped one: %v", err)
			}
		}
		w.check()
	})
}
