package pidns

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"

	"example.com/pidmap/alloc"
)

// refuses wants a Restore to fail and to leave no trace.
func (w *world) refuses(parent Task, snap *Snapshot, want error) {
	w.Helper()
	w.unchanged(func() {
		w.Helper()
		ns, err := Restore(parent, snap, func(Task) { w.Error("the hook is called") })
		if ns != nil || !errors.Is(err, want) {
			w.Errorf("Restore gives %v, %v; want %v", ns, err, want)
		}
	})
}

// A gate that is shut, there or at any level above, lets nothing be restored.
func TestGuarantee9_ShutGate(t *testing.T) {
	for shut := range 4 {
		every(t, func(w *world) {
			_, snap := w.family()
			spaces, reapers := w.chain(600, 600, 600, 600)
			spaces[shut].pids.Terminate()
			w.refuses(reapers[3], snap, alloc.ErrTerminating)
		})
	}
}

// A level without numbers enough fails it all, also where that shows only in
// the end: low numbers do not come again.
func TestGuarantee9_FullLevel(t *testing.T) {
	for full := range 4 {
		every(t, func(w *world) {
			_, snap := w.family()
			for _, missing := range []int{1, len(snap.Tasks) / 2, len(snap.Tasks)} {
				limits := []alloc.PID{600, 600, 600, 600}
				limits[full] = 60
				_, reapers := w.chain(limits...)
				taken := w.root.host.spaces[full].Len()
				for range int(limits[full]) - 1 - taken - len(snap.Tasks) + missing {
					w.fork(reapers[full])
				}
				w.refuses(reapers[3], snap, alloc.ErrFull)
			}
			if !w.cyclic() {
				return // it is full when all numbers are taken
			}
			limits := []alloc.PID{600, 600, 600, 600}
			limits[full] = 304
			spaces, reapers := w.chain(limits...)
			w.ok(spaces[full].pids.SetLast(303))
			w.refuses(reapers[3], snap, alloc.ErrFull)
		})
	}
}

// More tasks than there are numbers above are not begun with: an order of free
// numbers would not be the same once it has grown.
func TestGuarantee9_TooMany(t *testing.T) {
	every(t, func(w *world) {
		ns, reaper := w.space(w.init)
		for range 97 {
			w.fork(reaper)
		}
		w.freeze(ns)
		snap := w.checkpoint(ns) // of 98
		for _, limit := range []alloc.PID{50, 98, 99} {
			_, reapers := w.chain(400, limit)
			queues := w.queues()
			w.refuses(reapers[1], snap, alloc.ErrFull)
			if !slices.Equal(w.queues(), queues) {
				w.Errorf("limit %d: the order of free numbers has changed", limit)
			}
		}
		_, reapers := w.chain(400, 100) // one is the reaper's
		w.restored(reapers[1], snap)
	})
}

// An allocation that fails, whichever it is, undoes all that went before.
func TestGuarantee9_FaultAtLevel(t *testing.T) {
	broken := errors.New("broken")
	every(t, func(w *world) {
		_, snap := w.family()
		_, reapers := w.chain(600, 600, 600)
		numbers := 0
		for _, task := range snap.Tasks {
			numbers += len(task.PIDs) + 3
		}
		for at := range numbers {
			left := at
			w.fault(&faults{reserve: func(int) error {
				if left--; left < 0 {
					return broken
				}
				return nil
			}})
			w.refuses(reapers[2], snap, broken)
		}
		w.fault(nil)
		w.restored(reapers[2], snap)
		w.check()
	})
}

// What happens between the steps, at whatever level, undoes it everywhere.
func TestGuarantee9_UndoneInTheMiddle(t *testing.T) {
	for step := 1; step <= 2; step++ {
		t.Run(fmt.Sprint("step=", step), func(t *testing.T) {
			every(t, func(w *world) {
				_, snap := w.family()
				for level := 1; level <= 2; level++ {
					spaces, reapers := w.chain(600, 600, 600)
					by := w.fork(reapers[2])
					var zap pending
					w.fault(pauses(step, func() {
						zap = w.startZap(spaces[level])
						if !zap.waits() {
							w.Error("a zap that did not wait for numbers taken")
						}
					}))
					ns, err := Restore(by, snap, nil)
					if ns != nil || !errors.Is(err, ErrDead) && !errors.Is(err, alloc.ErrTerminating) {
						w.Errorf("Restore gives %v, %v", ns, err)
					}
					w.ok(<-zap)
					w.check()
				}
				_, reapers := w.chain(600, 600)
				for name, death := range map[string]func(Task) error{
					"exits":  func(by Task) error { return by.Exit(0) },
					"killed": func(by Task) error { return by.Signal(syscall.SIGKILL) },
				} {
					by := w.fork(reapers[1])
					w.fault(pauses(step, func() { w.ok(death(by)) }))
					if ns, err := Restore(by, snap, nil); ns != nil || !errors.Is(err, ErrDead) {
						w.Errorf("%s: Restore gives %v, %v", name, ns, err)
					}
					w.check()
				}
			})
		})
	}
}

// The parent must be able to fork.
func TestRestoreDeadParent(t *testing.T) {
	everyRegistry(t, func(w *world) {
		_, snap := w.family()
		zombie := w.fork(w.init)
		w.ok(zombie.Exit(0))
		reaped := w.fork(w.init)
		killed := w.fork(w.init)
		w.hold(killed)
		w.ok(killed.Signal(syscall.SIGKILL))
		for _, by := range []Task{zombie, reaped, killed} {
			if by == reaped {
				w.ok(reaped.Exit(1))
				_, _, err := w.init.Wait(ended)
				w.ok(err)
				_, _, err = w.init.Wait(ended)
				w.ok(err)
			}
			w.refuses(by, snap, ErrDead)
		}
	})
}

// It is made where the parent's children are born, and the parent is the
// process, whichever thread it is.
func TestRestorePlace(t *testing.T) {
	everyRegistry(t, func(w *world) {
		_, snap := w.family()
		ns, _ := w.space(w.init)
		by := w.fork(w.init)
		thread := w.thread(by)
		w.ok(thread.Enter(ns))
		copied := w.restored(thread, snap)
		if parent, _ := copied.Reaper().Parent(); copied.Parent() != ns || parent != by {
			w.Error("not where its parent's children are born")
		}
		w.check()
	})
}

func TestRestoreTooDeep(t *testing.T) {
	everyRegistry(t, func(w *world) {
		_, snap := w.family() // two levels
		by := w.init
		for range MaxLevel - 2 {
			_, by = w.space(by)
		}
		w.restored(by, snap)
		_, by = w.space(by)
		w.refuses(by, snap, ErrTooDeep)
	})
}

// A namespace that asks for the host's list cannot be where that is not kept.
func TestRestoreNoList(t *testing.T) {
	everyRegistry(t, func(w *world) {
		_, snap := w.family()
		root, err := New(Config{Registry: w.cfg.Registry})
		w.ok(err)
		plain := &world{T: w.T, root: root, init: root.Reaper()}
		plain.refuses(plain.init, snap, ErrNoList)
		snap.Namespaces[0].Lists = nil
		plain.refuses(plain.init, snap, ErrNoList)
		if _, err := Restore(Task{}, snap, nil); !errors.Is(err, ErrNoList) {
			w.Errorf("as a root: %v", err)
		}
		snap.Namespaces[1].Lists = nil
		plain.restored(plain.init, snap)
	})
}

// A root's reaper cannot have been killed.
func TestRestoreKilledRoot(t *testing.T) {
	everyRegistry(t, func(w *world) {
		for _, spoil := range []func(reaper, thread Task){
			func(reaper, thread Task) { w.hold(reaper); w.ok(reaper.Signal(syscall.SIGKILL)) },
			func(reaper, thread Task) { w.hold(thread); w.ok(reaper.ExitGroup(3)) },
			func(reaper, thread Task) { w.ok(reaper.Exit(3)) },
		} {
			ns, reaper := w.space(w.init)
			spoil(reaper, w.thread(reaper))
			w.freeze(ns)
			snap := w.checkpoint(ns)
			if root, err := Restore(Task{}, snap, nil); root != nil || !errors.Is(err, ErrKillInit) {
				w.Errorf("Restore gives %v, %v", root, err)
			}
			w.ok(w.restored(w.init, snap).Thaw())
			w.check()
		}
		snap := read(w, strings.Replace(good, `"leader":1`, `"leader":1,"pending":[9]`, 1))
		if root, err := Restore(Task{}, snap, nil); root != nil || !errors.Is(err, ErrKillInit) {
			w.Errorf("Restore gives %v, %v", root, err)
		}
	})
}
