package pidns

import (
	"math/rand/v2"
	"runtime"
	"syscall"
	"testing"

	"example.com/pidmap/alloc"
)

// notBack is how a hook may fail to come back, by what ends makes of it.
var notBack = map[string]func(){"panic": func() { panic("a hook's") }, "exit": runtime.Goexit}

// failsIn restores a snapshot with a hook that does not come back from its nth
// call, and gives whom it was shown.
func (w *world) failsIn(parent Task, snap *Snapshot, how string, n int) []Task {
	w.Helper()
	var seen []Task
	got := ends(func() {
		_, _ = Restore(parent, snap, func(task Task) {
			if seen = append(seen, task); len(seen) == n {
				notBack[how]()
			}
		})
	})
	if got != how || len(seen) != n {
		w.Fatalf("the hook was called %d times, then: %q", len(seen), got)
	}
	for _, task := range seen {
		if !gone(task) {
			w.Error("a task of the copy is left")
		}
	}
	return seen
}

// A hook that does not come back leaves nothing of the copy, whichever call it
// is: every level is as before, its checkpoint too, and the next restore is as if
// there had been none.
func TestGuarantee9_HookDoesNotComeBack(t *testing.T) {
	every(t, func(w *world) {
		_, snap := w.family()
		spaces, reapers := w.chain(600, 600, 600)
		w.ok(w.fork(reapers[2]).Exit(5)) // a zombie before, among them
		childless := w.fork(reapers[2])
		taken := func() string {
			w.freeze(w.root)
			defer w.thaw(w.root)
			return text(w, w.checkpoint(w.root))
		}
		before := taken()
		for how := range notBack {
			for _, parent := range []Task{reapers[2], childless} {
				for n := 1; n <= len(snap.Tasks); n += 3 {
					w.unchanged(func() { w.failsIn(parent, snap, how, n) })
				}
			}
		}
		if after := taken(); after != before {
			w.Errorf("the checkpoint was\n%s\nand is\n%s", before, after)
		}
		copied := w.restored(childless, snap)
		if pid := w.pid(copied.Reaper(), spaces[2]); pid != 4 {
			w.Errorf("the copy's reaper is %d, want the next number, 4", pid)
		}
	})
}

// So it is where the numbers above were those that made a table grow.
func TestGuarantee9_HookAtADoubling(t *testing.T) {
	everyRegistry(t, func(w *world) {
		_, snap := w.family()
		for in := 18; in < 34; in++ {
			_, reapers := w.chain(4096, 4096)
			for range in {
				w.fork(reapers[1])
			}
			w.unchanged(func() { w.failsIn(reapers[1], snap, "panic", 2) })
		}
	})
}

// As a root it has a host of its own, on which nobody is left.
func TestHookDoesNotComeBackOfARoot(t *testing.T) {
	everyRegistry(t, func(w *world) {
		_, snap := w.family()
		for how := range notBack {
			task := w.failsIn(Task{}, snap, how, 3)[0]
			w.ok(task.host.verifyNow())
			_, err := task.Fork()
			w.fails(err, ErrDead)
			w.fails(task.Signal(syscall.SIGKILL), ErrDead)
		}
	})
}

// Whatever the hook, or somebody beside it, has made of the copy goes with it,
// and who waits for any of it hears.
func TestHookHasUsedTheCopy(t *testing.T) {
	every(t, func(w *world) {
		_, snap := w.family()
		outer, reaper := w.space(w.init)
		parent, outside := w.fork(reaper), w.fork(reaper)
		before := outer.Len()
		var waits, births, zap, fork pending
		calls := 0
		end := ends(func() {
			_, _ = Restore(parent, snap, func(task Task) {
				if calls++; calls > 1 {
					return
				}
				ns := task.Namespace()
				fork = start(func() error { _, err := task.Fork(); return err })
				w.ok(outside.Enter(ns))
				births = start(func() error { _, err := outside.Fork(); return err })
				if !fork.waits() || !births.waits() {
					w.Error("somebody did not wait")
				}
				w.ok(ns.Thaw())
				w.ok(<-fork)
				w.ok(<-births)
				held := w.fork(task)
				w.hold(held)
				_, nested := w.space(task)
				w.ok(w.fork(nested).Exit(1))
				w.freeze(nested.Namespace())
				fork = start(func() error { _, err := nested.Fork(); return err })
				zap = w.startZap(ns)
				if !zap.waits() || dead(held) {
					w.Error("the zap does not wait")
				}
				for {
					if _, _, err := parent.Wait(ended); err != nil {
						break
					}
				}
				waits = start(func() error { _, _, err := parent.Wait(forever); return err }) // for the copy's reaper
				if !waits.waits() {
					w.Error("nobody is left to wait for")
				}
				panic("a hook's")
			})
		})
		if end != "panic" || outer.Len() != before || len(w.root.host.hooks) != 0 {
			w.Errorf("the call ended with %q; %d tasks, want %d; %d programs", end, outer.Len(), before, len(w.root.host.hooks))
		}
		w.ok(<-zap)
		if err := <-fork; err == nil {
			w.Error("somebody was born where nothing is")
		}
		w.fails(<-waits, ErrNoChild)
		_, err := outside.Fork() // what it had entered is gone
		w.fails(err, alloc.ErrTerminating)
		w.check()
		w.zap(outer)
		w.empty(outer, 1)
	})
}

// Random trees, untouched and with a life of their own, are taken back from
// between other children of the parent's.
func TestTakeBackRandomly(t *testing.T) {
	every(t, func(w *world) {
		seed := drawSeed(w)
		for round := range rounds(6) {
			was := newWorld(w.T, w.cfg.Registry, w.sweep)
			snap := was.stage(seed+uint64(round), 150, was.init).take()
			host := newWorld(w.T, registries[round%len(registries)], w.sweep)
			ns, parent := host.space(host.init)
			first, last := host.fork(parent), host.fork(parent)
			host.ok(first.Exit(1))
			host.unchanged(func() { host.failsIn(parent, snap, "exit", 1+round%len(snap.Tasks)) })
			var copied *Namespace
			end := ends(func() {
				_, _ = Restore(parent, snap, func(task Task) {
					host.ok(last.Exit(2)) // behind zombies of the copy's, if there are any
					copied = task.Namespace()
					q := &player{world: host, top: copied, keep: []Task{task}}
					q.r = rand.New(rand.NewPCG(seed+uint64(round), 3))
					host.ok(copied.Thaw())
					for range 150 {
						q.step()
					}
					panic("a hook's")
				})
			})
			host.check()
			host.swept()
			if end != "panic" || copied.Len() != 0 || ns.Len() != 3 || len(host.root.host.hooks) != 0 {
				w.Fatalf("round %d: %q, %d tasks are left, %d outside, %d programs", round, end, copied.Len(), ns.Len(), len(host.root.host.hooks))
			}
			host.reaps(parent, 2, 1)
			host.reaps(parent, 3, 2)
			_, _, err := parent.Wait(ended)
			host.fails(err, ErrNoChild)
		}
	})
}

// Forks that wait for the copy's thaw when it is taken back are refused, and a
// zap from above that waits for somebody of the copy ends.
func TestTakeBackWakes(t *testing.T) {
	every(t, func(w *world) {
		_, snap := w.family()
		outer, reaper := w.space(w.init)
		parent, outside := w.fork(reaper), w.fork(reaper)
		var inside, entered pending
		restore := func(then func(Task)) {
			end := ends(func() {
				_, _ = Restore(parent, snap, func(task Task) { then(task); panic("a hook's") })
			})
			if end != "panic" {
				w.Errorf("the call ended with %q", end)
			}
		}
		restore(func(task Task) {
			w.ok(outside.Enter(task.Namespace()))
			inside = start(func() error { _, err := task.Fork(); return err })
			entered = start(func() error { _, err := outside.Fork(); return err })
			if !inside.waits() || !entered.waits() {
				w.Error("a birth in what is frozen")
			}
		})
		w.fails(<-inside, ErrDead)
		w.fails(<-entered, alloc.ErrTerminating)
		w.check()
		var zap pending
		restore(func(task Task) {
			w.hold(task)
			zap = w.startZap(outer)
			if !zap.waits() {
				w.Error("the zap does not wait for a program")
			}
		})
		w.ok(<-zap)
		w.empty(outer, 1)
	})
}
