package pidns

import (
	"errors"
	"fmt"
	"sync"
	"syscall"
	"testing"

	"example.com/pidmap/alloc"
)

// finds wants a sweep to mark exactly those in ns whom a look through all records
// says it should, once each, and takes the marks away again.
func (h *host) finds(ns *Namespace, sweep Sweep) error {
	const mark = syscall.SIGWINCH
	h.beginSweep()
	defer h.endSweep()
	n := ns.visit(sweep, bit(mark))
	for slot := uint32(1); slot < h.slab.next; slot++ {
		r := h.slab.at(slot)
		want := r.state > reserved && r.state != zombie && h.inside(r, ns) && r.leader != ns.reaper.slot &&
			(sweep != Leaders || r.leader == slot)
		if want {
			n--
		}
		if got := r.unmark(bit(mark)) != 0; got != want {
			return fmt.Errorf("sweep %s of level %d: slot %d, state %d, pid %d: marked %t, want %t", sweep, ns.level, slot, r.state, r.own.pid, got, want)
		}
	}
	if n != 0 {
		return fmt.Errorf("sweep %s of level %d counts %d marks too many", sweep, ns.level, n)
	}
	return nil
}

// swept wants the world's sweep to find everybody, at every level.
func (w *world) swept() {
	w.Helper()
	for _, ns := range w.root.host.spaces {
		if ns != nil && ns.keeps(w.sweep) == nil {
			if err := w.root.host.finds(ns, w.sweep); err != nil {
				w.Error(err)
			}
		}
	}
}

// A sweep that leaves somebody out, marks a stranger, the reaper or a zombie, or
// counts what it has not marked, is found out.
func TestFinds(t *testing.T) {
	every(t, func(w *world) {
		ns, reaper := w.space(w.init)
		first, stranger, zombie := w.fork(reaper), w.fork(w.init), w.fork(reaper)
		w.fork(reaper)
		w.ok(zombie.Exit(0))
		w.swept()
		h := w.root.host
		right := func(bits uint32) int { return ns.markWalk(bits) }
		for name, visit := range map[string]func(bits uint32) int{
			"nobody": func(uint32) int { return 0 },
			"all but one": func(bits uint32) int {
				n := right(bits)
				h.slab.at(first.slot).unmark(bits)
				return n
			},
			"a stranger": func(bits uint32) int { h.slab.at(stranger.slot).mark(bits); return right(bits) },
			"the reaper": func(bits uint32) int { h.slab.at(reaper.slot).mark(bits); return right(bits) },
			"a zombie":   func(bits uint32) int { h.slab.at(zombie.slot).mark(bits); return right(bits) },
			"one twice":  func(bits uint32) int { return right(bits) + 1 },
		} {
			w.fault(&faults{visit: func(_ *Namespace, _ Sweep, bits uint32) int { return visit(bits) }})
			if h.finds(ns, w.sweep) == nil {
				w.Errorf("%s: not found out", name)
			}
			for slot := uint32(1); slot < h.slab.next; slot++ {
				h.slab.at(slot).unmark(bit(syscall.SIGWINCH))
			}
		}
		w.fault(nil)
		w.swept()
	})
}

// Forks that fail beside sweeps, at a level above, are neither marked nor
// missed, and the zap that follows ends exactly who is there.
func TestGuarantee2_FailedForksBesideSweeps(t *testing.T) {
	every(t, func(w *world) {
		spaces, reapers := w.chain(600, 60, 600)
		var tasks []Task
		for task, err := reapers[2].Fork(); err == nil; task, err = reapers[2].Fork() {
			tasks = append(tasks, task)
		}
		before := w.root.host.dump()
		var forkers sync.WaitGroup
		for range 2 {
			forkers.Go(func() {
				for i := range 200 {
					birth := []func() (Task, error){tasks[i%len(tasks)].Fork, tasks[0].Thread, reapers[2].Fork}[i%3]
					if _, err := birth(); !errors.Is(err, alloc.ErrFull) {
						w.Errorf("born, or %v", err)
					}
				}
			})
		}
		for range 20 {
			w.swept()
		}
		forkers.Wait()
		if after := w.root.host.dump(); after != before {
			w.Errorf("before:\n%s\nafter:\n%s", before, after)
		}
		n, err := spaces[2].Signal(w.sweep, syscall.SIGKILL)
		if err != nil || n != len(tasks) {
			w.Errorf("%d marks of %d, %v", n, len(tasks), err)
		}
		w.zap(spaces[2])
		w.empty(spaces[2], 1)
		w.zap(spaces[1])
		w.empty(spaces[1], 1)
	})
}
