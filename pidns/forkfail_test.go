package pidns

import (
	"errors"
	"fmt"
	"syscall"
	"testing"

	"example.com/pidmap/alloc"
)

// chain makes a namespace in a namespace, depth of them below the root, each
// with its own limit; it gives them all, the root first, and their reapers.
func (w *world) chain(limits ...alloc.PID) ([]*Namespace, []Task) {
	w.Helper()
	cfg := w.cfg
	cfg.Limits.Max = limits[0]
	root, err := New(cfg)
	w.ok(err)
	w.root, w.init = root, root.Reaper()
	spaces, reapers := []*Namespace{root}, []Task{root.Reaper()}
	for i, limit := range limits[1:] {
		cfg.Limits.Max = limit
		reaper := w.must(reapers[i].ForkNamespace(cfg))
		spaces, reapers = append(spaces, reaper.Namespace()), append(reapers, reaper)
	}
	return spaces, reapers
}

// everyBirth tries every way to be born, all of which are to fail.
func (w *world) everyBirth(by Task, want error) {
	w.Helper()
	births := map[string]func() (Task, error){
		"Fork":          by.Fork,
		"Thread":        by.Thread,
		"ForkAt":        func() (Task, error) { return by.ForkAt(500) },
		"ForkNamespace": func() (Task, error) { return by.ForkNamespace(w.cfg) },
	}
	for name, birth := range births {
		w.unchanged(func() {
			w.Helper()
			if task, err := birth(); !errors.Is(err, want) || task != (Task{}) {
				w.Errorf("%s gives %v, %v; want %v", name, task, err, want)
			}
		})
	}
}

// A level that is full fails every fork from it and from below, and nothing of
// the levels that had a number to give has changed. When one is free, forks go on.
func TestGuarantee2_FullLevel(t *testing.T) {
	for full := range 4 {
		t.Run(fmt.Sprint("level=", full), func(t *testing.T) {
			every(t, func(w *world) {
				limits := []alloc.PID{600, 600, 600, 600}
				limits[full] = 7
				if full == 3 {
					limits[full] = 501 // so that 500 is a number there
				}
				spaces, reapers := w.chain(limits...)
				var last Task
				for {
					task, err := reapers[full].Fork()
					if err != nil {
						w.fails(err, alloc.ErrFull)
						break
					}
					last = task
				}
				if n := spaces[full].Len(); n != int(limits[full])-1 {
					w.Fatalf("full with %d tasks", n)
				}
				w.unchanged(func() {
					_, err := reapers[3].Fork()
					w.fails(err, alloc.ErrFull)
					_, err = reapers[3].Thread()
					w.fails(err, alloc.ErrFull)
					_, err = reapers[3].ForkNamespace(w.cfg)
					w.fails(err, alloc.ErrFull)
				})
				w.ok(last.Exit(0))
				w.reaps(reapers[full], limits[full]-1, 0)
				w.fork(reapers[3])
				w.check()
			})
		})
	}
}

// So it is where the number inside was the one that made its table grow: the
// queue of those to come is as it was, and the checkpoint.
func TestGuarantee2_FullLevelAtADoubling(t *testing.T) {
	every(t, func(w *world) {
		for in := 25; in < 70; in++ {
			spaces, reapers := w.chain(alloc.PID(in+2), 4096) // full with so many inside
			for range in - 1 {
				w.fork(reapers[1])
			}
			taken := func() string {
				w.freeze(spaces[1])
				defer w.thaw(spaces[1])
				return text(w, w.checkpoint(spaces[1]))
			}
			before := taken()
			w.unchanged(func() {
				_, err := reapers[1].Fork()
				w.fails(err, alloc.ErrFull)
			})
			if after := taken(); after != before {
				w.Errorf("%d inside: the checkpoint was %.200s, and is %.200s", in, before, after)
			}
		}
	})
}

// A gate that is shut at any level fails every fork from there and from below,
// and no fork from above.
func TestGuarantee2_ShutGate(t *testing.T) {
	for shut := range 4 {
		t.Run(fmt.Sprint("level=", shut), func(t *testing.T) {
			every(t, func(w *world) {
				spaces, reapers := w.chain(600, 600, 600, 600)
				w.root.host.lock()
				w.root.host.shut(spaces[shut])
				w.root.host.unlock()
				for level, reaper := range reapers {
					if level >= shut {
						w.everyBirth(reaper, alloc.ErrTerminating)
						continue
					}
					w.fork(reaper)
					w.ok(reaper.Enter(spaces[3]))
					_, err := reaper.Fork()
					w.fails(err, alloc.ErrTerminating)
					w.ok(reaper.Enter(spaces[level]))
				}
			})
		})
	}
}

// Who is dead, or has been killed, forks no more.
func TestGuarantee2_DeadForker(t *testing.T) {
	every(t, func(w *world) {
		zombie := w.fork(w.init)
		w.ok(zombie.Exit(0))
		w.everyBirth(zombie, ErrDead)
		w.reaps(w.init, 2, 0)
		w.everyBirth(zombie, ErrDead)

		held := w.fork(w.init)
		p := w.hold(held)
		w.ok(held.Signal(syscall.SIGKILL))
		if !p.is(syscall.SIGKILL) {
			w.Error("the program was not told once")
		}
		w.everyBirth(held, ErrDead)
		w.ok(held.Exit(0))

		front := w.fork(w.init)
		thread := w.thread(front)
		w.ok(front.Exit(0))
		w.everyBirth(front, ErrDead)
		w.fork(thread)

		_, reaper := w.space(w.init)
		h := w.hold(w.fork(reaper))
		w.ok(reaper.Exit(0)) // its namespace is not empty: it is no zombie yet
		w.everyBirth(reaper, ErrDead)
		_ = h
	})
}

// A thread of a group that a sweep of leaders has marked is as dead as one that
// was marked itself.
func TestForkBetweenMarkAndDelivery(t *testing.T) {
	every(t, func(w *world) {
		_, reaper := w.space(w.init)
		ns := reaper.Namespace()
		lead := w.fork(reaper)
		thread := w.thread(lead)
		if _, err := ns.Mark(w.sweep, syscall.SIGKILL); err != nil {
			w.Fatal(err)
		}
		w.everyBirth(lead, ErrDead)
		w.everyBirth(thread, ErrDead)
		ns.Deliver()
		if !dead(lead) || !dead(thread) {
			w.Error("marked and delivered, and not dead")
		}
	})
}

// 32 levels below the root can be nested, and no more.
func TestGuarantee2_TooDeep(t *testing.T) {
	every(t, func(w *world) {
		reaper := w.init
		for level := 1; level <= MaxLevel; level++ {
			_, reaper = w.space(reaper)
		}
		w.unchanged(func() {
			_, err := reaper.ForkNamespace(w.cfg)
			w.fails(err, ErrTooDeep)
		})
		child := w.fork(reaper)
		if child.Namespace().Level() != MaxLevel || w.root.Len() != MaxLevel+2 || w.pid(child, w.root) != MaxLevel+2 {
			w.Errorf("level %d, %d tasks", child.Namespace().Level(), w.root.Len())
		}
		w.check()
	})
}

// ForkAt gives the numbers asked for, innermost first, and the next ones at
// levels not named; Last does not move where one is named.
func TestForkAt(t *testing.T) {
	everyRegistry(t, func(w *world) {
		spaces, reapers := w.chain(600, 600, 600)
		task := w.must(reapers[2].ForkAt(50, 60))
		for level, want := range []alloc.PID{4, 60, 50} {
			if pid := w.pid(task, spaces[level]); pid != want {
				w.Errorf("level %d: pid %d, want %d", level, pid, want)
			}
		}
		if spaces[2].Last() != 1 || spaces[1].Last() != 2 || spaces[0].Last() != 4 {
			w.Errorf("last %d, %d, %d; want 1, 2, 4", spaces[2].Last(), spaces[1].Last(), spaces[0].Last())
		}
		all := w.must(reapers[2].ForkAt(70, 71, 72))
		if w.pid(all, spaces[0]) != 72 || spaces[0].Last() != 4 {
			w.Error("a number at every level was asked for and not given")
		}
		none := w.must(reapers[2].ForkAt())
		if none.PID() != 2 {
			w.Errorf("ForkAt() gives pid %d, want the next, 2", none.PID())
		}
		below := w.must(reapers[2].ForkNamespace(w.cfg, 1, 90))
		if below.PID() != 1 || w.pid(below, spaces[2]) != 90 {
			w.Error("the new reaper is not 1 and 90")
		}
		w.check()
	})
}

// Requests of ForkAt that cannot be met, or half of which can, change nothing.
func TestGuarantee2_ForkAtRefused(t *testing.T) {
	cases := []struct {
		name string
		at   []alloc.PID
		want error
	}{
		{"zero", []alloc.PID{0}, ErrInvalid},
		{"negative", []alloc.PID{-1}, ErrInvalid},
		{"lowest", []alloc.PID{-1 << 31}, ErrInvalid},
		{"limit", []alloc.PID{600}, ErrInvalid},
		{"highest", []alloc.PID{1<<31 - 1}, ErrInvalid},
		{"outer limit", []alloc.PID{70, 100}, ErrInvalid},
		{"outermost zero", []alloc.PID{70, 71, 0}, ErrInvalid},
		{"more than levels", []alloc.PID{70, 71, 72, 73}, ErrInvalid},
		{"the reaper's", []alloc.PID{1}, alloc.ErrInUse},
		{"in use", []alloc.PID{50}, alloc.ErrInUse},
		{"in use outside", []alloc.PID{70, 60}, alloc.ErrInUse},
		{"in use at the root", []alloc.PID{70, 71, 1}, alloc.ErrInUse},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			every(t, func(w *world) {
				_, reapers := w.chain(600, 100, 600)
				w.must(reapers[2].ForkAt(50, 60))
				w.unchanged(func() {
					_, err := reapers[2].ForkAt(c.at...)
					w.fails(err, c.want)
				})
				w.unchanged(func() {
					_, err := reapers[1].ForkNamespace(w.cfg, append([]alloc.PID{2}, c.at...)...)
					w.fails(err, ErrInvalid) // the first can only be 1
				})
				if len(c.at) > 1 && c.name != "more than levels" {
					w.unchanged(func() {
						_, err := reapers[1].ForkNamespace(w.cfg, append([]alloc.PID{1}, c.at[1:]...)...)
						w.fails(err, c.want)
					})
				}
			})
		})
	}
}

// Whatever fails a fork in its first step, at whatever level, changes nothing.
func TestGuarantee2_FaultAtLevel(t *testing.T) {
	broken := errors.New("broken")
	every(t, func(w *world) {
		_, reapers := w.chain(600, 600, 600, 600)
		for at := range 4 {
			w.fault(&faults{reserve: func(level int) error {
				if level == at {
					return broken
				}
				return nil
			}})
			w.everyBirth(reapers[3], broken)
		}
		w.fault(nil)
		w.fork(reapers[3])
	})
}

// pauses gives a fault that runs f in the nth pause of a fork.
func pauses(n int, f func()) *faults {
	return &faults{pause: func() {
		if n--; n == 0 {
			f()
		}
	}}
}

// What happens between the steps of a fork, at whatever level, undoes it there
// and everywhere.
func TestGuarantee2_UndoneInTheMiddle(t *testing.T) {
	for step := 1; step <= 2; step++ {
		for shut := range 4 {
			t.Run(fmt.Sprintf("step=%d/level=%d", step, shut), func(t *testing.T) {
				every(t, func(w *world) {
					spaces, reapers := w.chain(600, 600, 600, 600)
					births := []func() (Task, error){
						reapers[3].Fork, reapers[3].Thread,
						func() (Task, error) { return reapers[3].ForkAt(9, 10) },
						func() (Task, error) { return reapers[3].ForkNamespace(w.cfg) },
					}
					birth := births[(step+shut)%len(births)]
					before := w.root.host.dump()
					w.fault(pauses(step, func() {
						w.swept() // and not who is half born
						spaces[shut].pids.Terminate()
					}))
					_, err := birth()
					w.fails(err, alloc.ErrTerminating)
					w.fault(nil)
					spaces[shut].pids, spaces[shut].pidmap = open{spaces[shut].pids}, nil
					if after := w.root.host.dump(); after != before {
						w.Errorf("before:\n%s\nafter:\n%s", before, after)
					}
					w.swept()
				})
			})
		}
	}
}

// open is an allocator whose gate looks open.
type open struct{ alloc.Allocator }

func (open) Terminating() bool { return false }

// A forker that dies, or is killed, in the middle of its fork leaves no child.
func TestGuarantee2_ForkerDiesForking(t *testing.T) {
	for step := 1; step <= 2; step++ {
		t.Run(fmt.Sprint("step=", step), func(t *testing.T) {
			every(t, func(w *world) {
				ns, reaper := w.space(w.init)
				deaths := map[string]func(Task) error{
					"exits": func(by Task) error { return by.Exit(0) },
					"killed": func(by Task) error {
						return by.Signal(syscall.SIGKILL)
					},
					"swept": func(Task) error {
						_, err := ns.Signal(w.sweep, syscall.SIGKILL)
						return err
					},
					"reaped": func(by Task) error {
						err := by.Exit(0)
						_, _, _ = reaper.Wait(ended)
						w.fork(reaper) // takes its slot
						return err
					},
				}
				for name, death := range deaths {
					by := w.fork(reaper)
					w.fault(pauses(step, func() { w.ok(death(by)) }))
					child, err := by.Fork()
					if !errors.Is(err, ErrDead) || child != (Task{}) {
						w.Errorf("%s: %v, %v", name, child, err)
					}
					w.fault(nil)
					w.swept()
					w.check()
				}
				held := w.fork(reaper)
				w.hold(held)
				w.fault(pauses(step, func() { w.ok(held.Signal(syscall.SIGKILL)) }))
				_, err := held.Thread()
				w.fails(err, ErrDead)
				w.fault(nil)
				if n := ns.pids.Len(); n != ns.Len() {
					w.Errorf("%d numbers are taken by %d tasks", n, ns.Len())
				}
				w.check()
			})
		})
	}
}
