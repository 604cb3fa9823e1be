package pidns

import (
	"errors"
	"slices"
	"syscall"
	"testing"

	"example.com/pidmap/alloc"
)

// Nobody is born in a frozen namespace, or below it, or by parents outside;
// births go on at the thaw.
func TestGuarantee8_NobodyIsBorn(t *testing.T) {
	every(t, func(w *world) {
		spaces, reapers := w.chain(600, 600, 600, 600)
		for frozen := 1; frozen <= 3; frozen++ {
			child := w.fork(reapers[3])
			w.freeze(spaces[frozen])
			births := w.forks(spaces[3], child, alloc.PID(40+frozen))
			lens := []int{spaces[1].Len(), spaces[3].Len()}
			for i, birth := range births {
				if !birth.waits() {
					w.Errorf("frozen at level %d: birth %d gives %v", frozen, i, <-birth)
				}
			}
			if got := []int{spaces[1].Len(), spaces[3].Len()}; !slices.Equal(got, lens) || spaces[3].pids.Len() != lens[1] {
				w.Errorf("born in the frost: %d, %d before", got, lens)
			}
			w.fork(reapers[0]) // outside it goes on
			w.thaw(spaces[frozen])
			for _, birth := range births {
				w.ok(<-birth)
			}
			if got := spaces[3].Len(); got != lens[1]+len(births) {
				w.Errorf("%d are born, of %d", got-lens[1], len(births))
			}
		}
	})
}

// A fork caught between allocation and publication is undone, at every level,
// and waits.
func TestGuarantee8_InTheMiddleOfAFork(t *testing.T) {
	every(t, func(w *world) {
		for step := 1; step <= 2; step++ {
			for level := range 4 {
				spaces, reapers := w.chain(600, 600, 600, 600)
				births := []func() (Task, error){
					reapers[3].Fork, reapers[3].Thread,
					func() (Task, error) { return reapers[3].ForkAt(9, 10) },
					func() (Task, error) { return reapers[3].ForkNamespace(w.cfg) },
				}
				for _, birth := range births {
					before := w.counters()
					w.fault(pauses(step, func() { w.freeze(spaces[level]) }))
					fork := start(func() error { _, err := birth(); return err })
					if !fork.waits() {
						w.Fatalf("frozen at level %d in step %d, the fork gives %v", level, step, <-fork)
					}
					if after := w.counters(); after != before {
						w.Errorf("not undone; before:\n%s\nafter:\n%s", before, after)
					}
					w.fault(nil)
					w.ok(w.root.host.marksHold())
					w.thaw(spaces[level])
					w.ok(<-fork)
				}
				w.check()
			}
		}
	})
}

// Forks that wait for a thaw fail when a zap comes, of their namespace or of
// one above it; the zap does not wait for a freeze, there, above or below.
func TestGuarantee8_ZapOverrides(t *testing.T) {
	every(t, func(w *world) {
		for zapped := 1; zapped <= 3; zapped++ {
			spaces, reapers := w.chain(600, 600, 600, 600)
			child := w.fork(reapers[3])
			outside := w.fork(w.init)
			w.ok(outside.Enter(spaces[3]))
			for _, ns := range spaces {
				w.freeze(ns)
			}
			inside := start(func() error { _, err := child.Fork(); return err })
			entered := start(func() error { _, err := outside.Fork(); return err })
			if !inside.waits() || !entered.waits() {
				w.Error("born in the frost")
			}
			zap := w.startZap(spaces[zapped])
			if zap.waits() {
				w.Fatal("the zap waits for a freeze")
			}
			w.ok(<-zap)
			w.fails(<-entered, alloc.ErrTerminating)
			if err := <-inside; !errors.Is(err, alloc.ErrTerminating) && !errors.Is(err, ErrDead) {
				w.Errorf("the fork gives %v", err)
			}
			if n := spaces[zapped].Len(); n != 1 || !gone(child) {
				w.Errorf("%d are left", n)
			}
			w.fails(func() error { _, err := spaces[zapped].Freeze(forever, w.sweep); return err }(), alloc.ErrTerminating)
			w.check()
			w.ok(w.root.host.marksHold())
		}
	})
}

// A forker that is killed, or exits, does not wait for the thaw; others do.
func TestGuarantee8_WaitingForkerDies(t *testing.T) {
	every(t, func(w *world) {
		ns, reaper := w.space(w.init)
		held := w.fork(reaper)
		w.hold(held)
		deaths := map[string]func(Task) error{
			"exits":            func(by Task) error { return by.Exit(0) },
			"exits in a group": func(by Task) error { return by.ExitGroup(0) },
			"is killed":        func(by Task) error { return by.Signal(syscall.SIGKILL) },
			"is killed from inside": func(by Task) error {
				return reaper.Kill(by.PID(), syscall.SIGKILL)
			},
		}
		for name, death := range deaths {
			for _, by := range []Task{w.fork(reaper), w.thread(w.fork(reaper)), held} {
				w.freeze(ns)
				fork := start(func() error { _, err := by.Fork(); return err })
				other := start(func() error { _, err := reaper.Fork(); return err })
				w.ok(death(by))
				if fork.waits() {
					w.Fatalf("the forker %s, and the fork waits", name)
				}
				w.fails(<-fork, ErrDead)
				if !other.waits() {
					w.Errorf("the forker %s, and another's fork gives %v", name, <-other)
				}
				w.thaw(ns)
				w.ok(<-other)
				if by == held {
					held = w.fork(reaper)
					w.hold(held)
				}
			}
		}
	})
}

// Forks that wait are not woken by what does not concern them.
func TestGuarantee8_WaitingForksSleep(t *testing.T) {
	every(t, func(w *world) {
		ns, reaper := w.space(w.init)
		child := w.fork(reaper)
		w.freeze(ns)
		fork := start(func() error { _, err := reaper.Fork(); return err })
		waiting := w.root.host.thaw
		other := w.fork(w.init)
		w.hold(other)
		w.ok(other.Signal(syscall.SIGKILL))
		w.ok(other.Exit(0))
		w.ok(child.Exit(0))
		if w.root.host.thaw != waiting || !fork.waits() {
			w.Error("another's death has woken the fork")
		}
		w.thaw(ns)
		w.ok(<-fork)
	})
}

// A fork that waits for the thaw of a namespace that its forker has entered fails
// when one above that is zapped, though the forker is outside both, and the
// frozen one is not emptied yet.
func TestGuarantee8_OuterIsZapped(t *testing.T) {
	every(t, func(w *world) {
		outer, reaper := w.space(w.init)
		inner, below := w.space(reaper)
		forker := w.fork(w.init)
		w.ok(forker.Enter(inner))
		w.hold(below)
		w.freeze(inner)
		fork := start(func() error { _, err := forker.Fork(); return err })
		if !fork.waits() {
			w.Error("born in the frost")
		}
		zap := w.startZap(outer)
		if fork.waits() || !zap.waits() {
			w.Fatal("the fork waits, or the zap has ended with a task held in it")
		}
		w.fails(<-fork, alloc.ErrTerminating)
		w.ok(below.Exit(0))
		w.ok(<-zap)
		w.empty(outer, 1)
	})
}
