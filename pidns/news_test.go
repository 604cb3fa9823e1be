package pidns

import (
	"runtime"
	"syscall"
	"testing"
)

// A program is told SIGCHLD when a child of its process becomes a zombie:
// wait(2), signal(7). Threads' ends are nobody's news.
func TestChildDies(t *testing.T) {
	everyRegistry(t, func(w *world) {
		parent := w.fork(w.init)
		thread := w.thread(parent)
		p, ofThread := w.hold(parent), w.hold(thread)
		a, b := w.fork(parent), w.fork(thread)
		second := w.thread(b)
		w.ok(a.Exit(1))
		w.ok(b.Exit(2))
		if !p.is(syscall.SIGCHLD) {
			w.Errorf("told %v after one death", p.sigs)
		}
		w.ok(second.Exit(3)) // the last of the process
		if !p.is(syscall.SIGCHLD, syscall.SIGCHLD) || !ofThread.is() {
			w.Errorf("told %v, its thread %v", p.sigs, ofThread.sigs)
		}
		w.reaps(thread, 4, 1)
		if len(parent.Pending()) != 0 {
			w.Errorf("pending %v", parent.Pending())
		}
		// The leader is dead: its first thread is told.
		last := w.fork(parent)
		w.ok(parent.Exit(0))
		w.ok(last.Signal(syscall.SIGKILL))
		if !ofThread.is(syscall.SIGCHLD) {
			w.Errorf("its thread is told %v", ofThread.sigs)
		}
	})
}

// Who is given a zombie is told, as Linux tells a new parent; a new parent of
// children who live is not. As with every standard signal, what comes while it
// is pending comes once.
func TestChildDiesAndIsHandedOn(t *testing.T) {
	everyRegistry(t, func(w *world) {
		_, reaper := w.space(w.init)
		p := w.hold(reaper)
		parent := w.fork(reaper)
		dead, alive := w.fork(parent), w.fork(parent)
		w.ok(dead.Exit(1))
		w.ok(parent.Exit(2))
		if !p.is(syscall.SIGCHLD) {
			w.Errorf("told %v: of the zombie, and of its parent", p.sigs)
		}
		w.ok(alive.Exit(3))
		if !p.is(syscall.SIGCHLD, syscall.SIGCHLD) {
			w.Errorf("told %v in the end", p.sigs)
		}
		w.reaps(reaper, 3, 1)
		w.reaps(reaper, 2, 2)
		w.reaps(reaper, 4, 3)
	})
}

// Where SIGCHLD is ignored nobody is told: in a zap children reap themselves. A
// parent outside is told, and must wait.
func TestChildDiesInAZap(t *testing.T) {
	every(t, func(w *world) {
		ns, reaper := w.space(w.init)
		outside := w.fork(w.init)
		w.ok(outside.Enter(ns))
		child := w.fork(outside)
		inside, ofInit, far := w.hold(reaper), w.hold(w.init), w.hold(outside)
		w.fork(w.fork(reaper))
		zap := w.startZap(ns)
		if !zap.waits() || !inside.is() || !far.is(syscall.SIGCHLD) {
			w.Errorf("the reaper is told %v, the parent outside %v", inside.sigs, far.sigs)
		}
		w.reaps(outside, 4, 128+9)
		w.ok(<-zap)
		if !gone(child) {
			w.Error("it is not gone")
		}
		w.ok(reaper.Exit(0))
		if !ofInit.is(syscall.SIGCHLD) {
			w.Errorf("the reaper's parent is told %v", ofInit.sigs)
		}
	})
}

// The reaper of an empty namespace becomes a zombie when the last number is
// given back: whoever does that tells the reaper's parent, holding no lock.
func TestReaperDiesInSomebodysWait(t *testing.T) {
	everyRegistry(t, func(w *world) {
		ns, reaper := w.space(w.init)
		outside := w.fork(w.init)
		w.ok(outside.Enter(ns))
		w.ok(w.fork(outside).Exit(4))
		var told []syscall.Signal
		w.ok(w.init.OnSignal(func(self Task, sig syscall.Signal) {
			told = append(told, sig)
			w.reaps(self, 2, 0)
		}))
		w.ok(reaper.Exit(0))
		if len(told) != 0 {
			w.Errorf("told %v before the namespace was empty", told)
		}
		if _, status, err := outside.Wait(ended); status != 4 || err != nil {
			w.Errorf("%d, %v", status, err)
		}
		if len(told) != 1 || told[0] != syscall.SIGCHLD || !gone(reaper) {
			w.Errorf("told %v", told)
		}
	})
}

// A frozen parent is told at the thaw, once for any number of deaths, also as a
// copy; a killed one no more.
func TestChildDiesInTheFrost(t *testing.T) {
	every(t, func(w *world) {
		ns, reaper := w.space(w.init)
		p := w.hold(reaper)
		a, b := w.fork(reaper), w.fork(reaper)
		w.freeze(ns)
		w.ok(a.Exit(0))
		w.ok(b.Exit(0))
		w.ok(ns.Thaw())
		if !p.is(syscall.SIGSTOP, syscall.SIGCONT, syscall.SIGCHLD) {
			w.Errorf("told %v", p.sigs)
		}
		c := w.fork(reaper)
		w.ok(reaper.Signal(syscall.SIGKILL))
		w.ok(c.Exit(0))
		if !p.is(syscall.SIGSTOP, syscall.SIGCONT, syscall.SIGCHLD, syscall.SIGKILL) {
			w.Errorf("told %v", p.sigs)
		}
		w.ok(reaper.Exit(0))
	})
}

// ends calls f and tells how its goroutine went on: "", "panic" or "exit".
func ends(f func()) string {
	how := make(chan string)
	go func() {
		end := "exit"
		defer func() {
			if recover() != nil {
				end = "panic"
			}
			how <- end
		}()
		f()
		end = ""
	}()
	return <-how
}

// A program that panics, or ends its goroutine, takes nobody's news away: the
// others are told, what was begun is done, no lock is held, and then it goes on
// in the goroutine that told the program.
func TestProgramPanics(t *testing.T) {
	faults := map[string]func(){"panic": func() { panic("a program's") }, "exit": runtime.Goexit}
	for how, fault := range faults {
		t.Run(how, func(t *testing.T) {
			every(t, func(w *world) {
				ns, reaper := w.space(w.init)
				var calm []*told
				for i := range 3 * batchSize {
					task := w.fork(reaper)
					switch i % 8 {
					case 0:
						w.ok(task.OnSignal(func(self Task, sig syscall.Signal) {
							if sig == sigKill {
								_ = self.Exit(0)
							}
							fault()
						}))
					case 1:
						p := &told{}
						calm = append(calm, p)
						w.ok(task.OnSignal(func(self Task, sig syscall.Signal) {
							p.hook(self, sig)
							if sig == sigKill {
								_ = self.Exit(0)
							}
						}))
					}
				}
				steps := []struct {
					name string
					f    func()
					sig  syscall.Signal
				}{
					{"Signal", func() { _, _ = ns.Signal(w.sweep, syscall.SIGUSR2) }, syscall.SIGUSR2},
					{"Freeze", func() { _, _ = ns.Freeze(forever, w.sweep) }, syscall.SIGSTOP},
					{"Thaw", func() { _ = ns.Thaw() }, syscall.SIGCONT},
					{"Zap", func() { _ = ns.Zap(forever, w.sweep) }, sigKill},
				}
				var want []syscall.Signal
				for _, step := range steps {
					if step.name == "Signal" {
						// those without a program would end
						step.f = func() { _ = w.init.Kill(-1, syscall.SIGURG) }
						step.sig = syscall.SIGURG
					}
					if got := ends(step.f); got != how {
						w.Errorf("%s ends by %q, want %q", step.name, got, how)
					}
					want = append(want, step.sig)
					for i, p := range calm {
						if !p.is(want...) {
							w.Fatalf("%s: program %d is told %v, want %v", step.name, i, p.sigs, want)
						}
					}
					w.check()
				}
				w.ok(ns.Zap(forever, w.sweep)) // nobody is left
				w.empty(ns, 1)
			})
		})
	}
}

// A panic in the news of a reaper's exit does not stop its sweep.
func TestProgramPanicsInAnExit(t *testing.T) {
	everyRegistry(t, func(w *world) {
		ns, reaper := w.space(w.init)
		_, nested := w.space(reaper)
		for range 2 * batchSize {
			w.fork(nested)
		}
		for _, by := range []Task{reaper, nested} {
			w.ok(w.fork(by).OnSignal(func(self Task, _ syscall.Signal) {
				_ = self.Exit(0)
				panic("a program's")
			}))
		}
		if how := ends(func() { _ = reaper.Exit(0) }); how != "panic" {
			w.Errorf("it ends by %q", how)
		}
		w.empty(ns, 1)
		w.reaps(w.init, 2, 0)
	})
}
