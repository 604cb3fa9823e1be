package pidns

import (
	"context"
	"errors"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/pidmap/alloc"
)

// A zap that comes in the middle of a fork, in the namespace of the birth or in
// any above, waits until the fork has been undone.
func TestGuarantee1_ZapInTheMiddleOfAFork(t *testing.T) {
	every(t, func(w *world) {
		for step := 1; step <= 2; step++ {
			for level := 1; level <= 3; level++ {
				spaces, reapers := w.chain(600, 600, 600, 600)
				forker := w.fork(reapers[3])
				if level < 3 {
					w.fork(reapers[level+1])
				}
				births := []func() (Task, error){
					forker.Fork, forker.Thread, reapers[3].Fork, reapers[3].Thread,
					func() (Task, error) { return forker.ForkNamespace(w.cfg) },
					func() (Task, error) { return reapers[3].ForkAt(40, 41) },
				}
				for _, birth := range births[(step+level)%2 : (step+level)%2+1+4*(level/3)] {
					var zap pending
					w.fault(pauses(step, func() {
						zap = w.startZap(spaces[level])
						if !zap.waits() {
							w.Errorf("step %d: zap of level %d ends while a number is taken there", step, level)
						}
					}))
					task, err := birth()
					if err == nil || task != (Task{}) || !errors.Is(err, alloc.ErrTerminating) && !errors.Is(err, ErrDead) {
						w.Errorf("step %d, level %d: born: %v, %v", step, level, task, err)
					}
					w.fault(nil)
					if zap != nil {
						w.ok(<-zap)
					}
				}
				w.empty(spaces[level], 1)
			}
		}
	})
}

// Whoever has been published before the gate was shut is killed, also where
// the forker returns after the zap.
func TestGuarantee1_PublishedBeforeTheGate(t *testing.T) {
	every(t, func(w *world) {
		ns, reaper := w.space(w.init)
		for range 70 {
			w.fork(w.fork(reaper))
		}
		w.zap(ns)
		w.empty(ns, 1)
		outside := w.fork(w.init)
		w.ok(outside.Enter(ns))
		w.everyBirth(reaper, alloc.ErrTerminating)
		_, err := outside.Fork()
		w.fails(err, alloc.ErrTerminating)
		if w.root.Len() != 3 {
			w.Errorf("%d tasks at the root", w.root.Len())
		}
	})
}

// What the count counts: a number that is taken and has no task holds the zap
// up, and is named; and the zap looks when the count falls, not now and then.
func TestGuarantee3_EndsByTheCount(t *testing.T) {
	every(t, func(w *world) {
		ns, reaper := w.space(w.init)
		held := w.fork(reaper)
		w.hold(held)
		var zap pending
		w.fault(pauses(2, func() {
			zap = w.startZap(ns)
			w.ok(held.Exit(0))
			if !zap.waits() {
				w.Error("the zap has ended while a number is reserved")
			}
			var left *SurvivorsError
			err := ns.Zap(ended, w.sweep)
			if !errors.As(err, &left) || left.Count != 1 || !slices.Equal(left.PIDs, []alloc.PID{3}) {
				w.Errorf("left: %v", err)
			}
		}))
		_, err := reaper.Fork()
		w.fails(err, alloc.ErrTerminating)
		w.fault(nil)
		w.ok(<-zap)
		w.empty(ns, 1)
	})
}

// The reaper's own threads are not waited for, whoever of them is left: the
// leader may be dead.
func TestGuarantee3_LastThreadIsNotTheLeader(t *testing.T) {
	every(t, func(w *world) {
		ns, reaper := w.space(w.init)
		a, b := w.thread(reaper), w.thread(reaper)
		held := w.fork(reaper)
		w.hold(held)
		w.ok(reaper.Exit(7))
		zap := w.startZap(ns)
		w.ok(b.Exit(0))
		w.ok(held.Exit(0))
		w.ok(<-zap)
		w.empty(ns, 2)
		w.ok(a.Exit(8))
		w.reaps(w.init, 2, 7)
		w.empty(ns, 0)
		w.ok(ns.Zap(forever, w.sweep)) // of what is gone
	})
}

// Nothing looks whether a zap may end but who lets the count fall: an hour
// passes without anybody looking.
func TestGuarantee3_NobodyPolls(t *testing.T) {
	every(t, func(w *world) {
		ns, reaper := w.space(w.init)
		held, other := w.fork(reaper), w.fork(reaper)
		w.hold(held)
		w.hold(other)
		looks := 0
		w.fault(&faults{isEmpty: func(ns *Namespace) bool { looks++; return ns.left() == 0 }})
		zap := w.startZap(ns)
		before := looks
		time.Sleep(time.Hour)
		if !zap.waits() || looks != before {
			w.Errorf("%d looks in an hour", looks-before)
		}
		w.ok(other.Exit(0))
		w.ok(held.Exit(0))
		w.ok(<-zap)
		w.fault(nil)
		if looks > before+4 { // two a death: of the namespace, and of what it held
			w.Errorf("%d looks for two deaths", looks-before)
		}
	})
}

// Everybody but the reaper's group goes, whatever it is.
func TestGuarantee4_WhoGoes(t *testing.T) {
	every(t, func(w *world) {
		ns, reaper := w.space(w.init)
		own := w.thread(reaper)
		goes := map[string]Task{}
		_, nested := w.space(reaper)
		goes["nested reaper"], goes["in a nested namespace"] = nested, w.fork(nested)
		front := w.fork(reaper)
		goes["dead leader"], goes["thread whose leader is dead"] = front, w.thread(front)
		w.ok(front.Exit(0))
		outside := w.fork(w.init)
		w.ok(outside.Enter(ns))
		goes["child of a parent outside"] = w.fork(outside)
		zombie := w.fork(reaper)
		w.ok(zombie.Exit(0))
		goes["zombie"] = zombie
		sub := w.fork(reaper)
		w.ok(sub.SetSubreaper(true))
		parent := w.fork(sub)
		goes["subreaper"], goes["orphan with a subreaper"] = sub, w.fork(parent)
		w.ok(parent.Exit(0))
		stops := w.fork(reaper)
		w.ok(stops.Signal(syscall.SIGSTOP))
		goes["stopped"] = stops

		zap := w.startZap(ns)
		if !zap.waits() {
			w.Error("the zombie of a parent outside is not counted")
		}
		_, status, err := outside.Wait(forever)
		if status != 128+9 || err != nil {
			w.Errorf("the child of a parent outside: %d, %v", status, err)
		}
		w.ok(<-zap)
		for name, task := range goes {
			if !gone(task) {
				w.Errorf("%s: is left", name)
			}
		}
		if dead(reaper) || dead(own) || dead(outside) {
			w.Error("somebody has gone who is spared")
		}
		w.empty(ns, 2)
	})
}

// Zombies whose parents are outside are the parents' to wait for; where the
// parent dies, its heir's, and if that ignores them they go.
func TestGuarantee4_ZombiesOfParentsOutside(t *testing.T) {
	every(t, func(w *world) {
		outer, reaper := w.space(w.init)
		ns, _ := w.space(reaper)
		outside := w.fork(reaper)
		w.ok(outside.Enter(ns))
		child := w.fork(outside)
		w.ok(child.Exit(1))
		zap := w.startZap(ns)
		if !zap.waits() {
			w.Error("it is not counted")
		}
		w.ok(outside.Exit(0)) // its heir is the reaper of outer
		if !zap.waits() || gone(child) {
			w.Error("it has gone with its parent")
		}
		w.zap(outer) // which makes that reaper ignore it
		w.ok(<-zap)
		w.empty(outer, 1)
	})
}

// A reaper ends its namespace by whatever death, and returns at once; it is a
// zombie when the last has gone, and not before.
func TestGuarantee5_ReaperEnds(t *testing.T) {
	deaths := map[string]func(w *world, reaper Task) error{
		"Exit":      func(_ *world, reaper Task) error { return reaper.Exit(3) },
		"ExitGroup": func(_ *world, reaper Task) error { return reaper.ExitGroup(3) },
		"SIGKILL":   func(_ *world, reaper Task) error { return reaper.Signal(syscall.SIGKILL) },
		"kill": func(w *world, reaper Task) error {
			return w.init.Kill(2, syscall.SIGKILL)
		},
		"killed by a sweep from above": func(w *world, _ Task) error {
			_, err := w.root.Signal(w.sweep, syscall.SIGKILL)
			return err
		},
		"a thread, after its leader": func(w *world, reaper Task) error {
			thread := w.thread(reaper)
			w.ok(reaper.Exit(3))
			if ns := reaper.Namespace(); ns.Terminating() {
				w.Error("the leader's exit has shut the gate, and a thread runs")
			}
			return thread.Exit(4)
		},
		"a thread, for all": func(w *world, reaper Task) error { return w.thread(reaper).ExitGroup(3) },
	}
	for name, death := range deaths {
		t.Run(name, func(t *testing.T) {
			every(t, func(w *world) {
				ns, reaper := w.space(w.init)
				child, held := w.fork(reaper), w.fork(reaper)
				p := w.hold(held)
				inner, nested := w.space(reaper)
				w.ok(death(w, reaper))
				if !gone(child) || !gone(nested) || !p.is(syscall.SIGKILL) || !dead(reaper) {
					w.Error("somebody was not killed")
				}
				if !ns.Terminating() || !inner.Terminating() || ns.Len() != 2 {
					w.Errorf("%d are left, gates %t, %t", ns.Len(), ns.Terminating(), inner.Terminating())
				}
				_, _, err := w.init.Wait(ended)
				w.fails(err, context.Canceled)
				w.ok(held.Exit(0))
				w.empty(ns, 1)
				status := 3
				if strings.Contains(strings.ToLower(name), "kill") {
					status = 128 + 9
				}
				w.reaps(w.init, 2, status)
				w.empty(ns, 0)
				if w.root.Len() != 1 || !gone(ns.Reaper()) {
					w.Error("the reaper is not gone")
				}
			})
		})
	}
}

// A reaper with a program behind it is told, and goes when it exits.
func TestGuarantee5_ReaperWithAProgram(t *testing.T) {
	everyRegistry(t, func(w *world) {
		ns, reaper := w.space(w.init)
		child := w.fork(reaper)
		p := w.hold(reaper)
		w.ok(reaper.Signal(syscall.SIGKILL))
		if !p.is(syscall.SIGKILL) || dead(reaper) || dead(child) || ns.Terminating() {
			w.Error("it was not told, or has not been left to end itself")
		}
		w.ok(reaper.Exit(1))
		if !gone(child) {
			w.Error("its child has outlived it")
		}
		w.reaps(w.init, 2, 128+9)
	})
}

// Nested namespaces die with the one that holds them, all the way down.
func TestGuarantee6_NestedDie(t *testing.T) {
	every(t, func(w *world) {
		spaces, reapers := w.chain(600, 600, 600, 600, 600)
		for _, reaper := range reapers {
			w.fork(w.fork(reaper))
		}
		w.zap(spaces[1])
		w.empty(spaces[1], 1)
		for _, ns := range spaces[2:] {
			w.empty(ns, 0)
		}
		if w.root.Len() != 4 {
			w.Errorf("%d at the root", w.root.Len())
		}
		w.ok(reapers[1].Exit(0))
		w.reaps(w.init, w.pid(reapers[1], w.root), 0)
		w.zap(w.root)
		w.empty(w.root, 1)
	})
}

// The death of a nested reaper waits for its namespace, and nobody for it: not
// the sweep of an outer one, that is to kill whom it waits for.
func TestGuarantee6_NestedReaperHoldsNobodyUp(t *testing.T) {
	every(t, func(w *world) {
		outer, reaper := w.space(w.init)
		// parent has a higher number than the nested reaper, which so is killed
		// first, and can be gone only when parent has been killed too: it is
		// the one to wait for a zombie inside.
		ns, nested := w.space(reaper)
		parent := w.fork(reaper)
		w.ok(parent.Enter(ns))
		child := w.fork(parent)
		w.ok(child.Exit(0))
		w.ok(nested.Exit(0))
		if gone(nested) || gone(child) {
			w.Error("the nested reaper has gone before its namespace was empty")
		}
		w.zap(outer)
		w.empty(outer, 1)
		w.empty(ns, 0)
	})
}

// nestedExit begins the exit of a nested reaper whose namespace is held up.
func (w *world) nestedExit() (exit pending, held Task) {
	w.Helper()
	_, reaper := w.space(w.init)
	_, nested := w.space(reaper)
	held = w.fork(nested)
	w.hold(held)
	return start(func() error { return nested.Exit(0) }), held
}

// A nested reaper's exit returns though its namespace is not empty.
func TestGuarantee6_NestedExitReturns(t *testing.T) {
	everyRegistry(t, func(w *world) {
		exit, held := w.nestedExit()
		if exit.waits() {
			w.Error("the exit waits")
		}
		w.ok(<-exit)
		w.ok(held.Exit(0))
	})
}

// Who has a number that was a killed task's is told, and killed, as anybody: a
// sweep remembers tasks, by their marks, and no numbers.
func TestGuarantee7_KilledByTaskNotByNumber(t *testing.T) {
	every(t, func(w *world) {
		cfg := w.cfg
		cfg.Limits.Max = 3
		reaper := w.must(w.init.ForkNamespace(cfg))
		ns := reaper.Namespace()
		for round := range 3 {
			task := w.fork(reaper) // pid 2, each time
			p := w.hold(task)
			n, err := ns.Signal(w.sweep, syscall.SIGKILL)
			if err != nil || n != 1 || !p.is(syscall.SIGKILL) {
				w.Errorf("round %d: %d marks, %v, told %v", round, n, err, p.sigs)
			}
			w.ok(task.Exit(0))
			w.reaps(reaper, 2, 128+9)
		}
	})
}
