package pidns

import (
	"context"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"

	"example.com/pidmap/alloc"
)

// duet is two programs that answer each other's signals.
type duet struct {
	a, b        Task
	told        int
	depth, most int // programs in the middle of being told, one called from the other
	last        func()
	n           int // how many are answered
}

func (w *world) duet(n int, last func()) *duet {
	w.Helper()
	d := &duet{a: w.fork(w.init), b: w.fork(w.init), n: n, last: last}
	answer := func(self, other Task) {
		w.ok(self.OnSignal(func(Task, syscall.Signal) {
			d.depth++
			defer func() { d.depth-- }()
			d.most = max(d.most, d.depth)
			if d.told++; d.told == d.n {
				d.last()
			}
			if d.told < d.n {
				w.ok(self.Kill(other.PID(), syscall.SIGUSR1))
			}
		}))
	}
	answer(d.a, d.b)
	answer(d.b, d.a)
	return d
}

// Programs that answer each other's signals are told for as long as they do, and
// no stack grows with it.
func TestProgramsAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, TreeTable, Walk)
		d := w.duet(10*mostTold, func() {})
		w.ok(d.a.Signal(syscall.SIGUSR1))
		if d.told != 10*mostTold || d.most > mostTold {
			t.Errorf("%d are told, %d of them one within the other", d.told, d.most)
		}
		if h := w.root.host; h.telling != 0 || len(h.left) != 0 {
			t.Errorf("%d are being told, %d are left", h.telling, len(h.left))
		}
	})
}

// A panic far down loses nobody's news: neither of those who were to be told
// after the first, nor of those who were left to whoever comes back.
func TestProgramsAnswerAndPanic(t *testing.T) {
	for how, fault := range map[string]func(){"panic": func() { panic("a program's") }, "exit": runtime.Goexit} {
		t.Run(how, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, TreeTable, Walk)
				after, left := &told{}, &told{}
				var another Task
				d := w.duet(mostTold, func() {
					w.ok(another.Signal(syscall.SIGUSR2)) // one too many
					if !left.is() {
						t.Error("told, one too many")
					}
					fault()
				})
				calm := w.fork(w.init)
				w.ok(calm.OnSignal(after.hook))
				another = w.fork(w.init)
				w.ok(another.OnSignal(left.hook))
				if got := ends(func() { _ = w.init.Kill(-1, syscall.SIGUSR1) }); got != how {
					t.Errorf("it ends by %q", got)
				}
				if d.most != mostTold || !after.is(syscall.SIGUSR1) {
					t.Errorf("depth %d, told %v", d.most, after.sigs)
				}
				if !slices.Equal(sorted(left.sigs), []syscall.Signal{syscall.SIGUSR1, syscall.SIGUSR2}) {
					t.Errorf("the one that was left is told %v", left.sigs)
				}
				if h := w.root.host; h.telling != 0 || len(h.left) != 0 {
					t.Errorf("%d are being told, %d are left", h.telling, len(h.left))
				}
			})
		})
	}
}

// A program that waits for something holds up what its own goroutine has to
// tell, and nobody else: not even who wants those told that are behind it.
func TestProgramBlocks(t *testing.T) {
	every(t, func(w *world) {
		ns, reaper := w.space(w.init)
		goOn := make(chan struct{})
		w.ok(w.fork(reaper).OnSignal(func(self Task, sig syscall.Signal) {
			if sig == syscall.SIGKILL {
				<-goOn
				w.ok(self.Exit(0))
			}
		}))
		var behind []*told
		for range 2 * batchSize {
			p := &told{}
			behind = append(behind, p)
			w.ok(w.fork(reaper).OnSignal(func(self Task, sig syscall.Signal) {
				p.hook(self, sig)
				if sig == syscall.SIGKILL {
					w.ok(self.Exit(0))
				}
			}))
		}
		stranger := w.fork(w.init)
		ofStranger := w.hold(stranger)
		first := w.startZap(ns)
		if !behind[0].is() {
			w.Error("the first does not hold up those behind it")
		}
		w.ok(stranger.Signal(syscall.SIGUSR1))
		if !ofStranger.is(syscall.SIGUSR1) {
			w.Errorf("a stranger is told %v", ofStranger.sigs)
		}
		second := w.startZap(ns)
		for i, p := range behind {
			if !p.is(syscall.SIGKILL) {
				w.Fatalf("%d is told %v by the second zap", i, p.sigs)
			}
		}
		if !first.waits() || !second.waits() {
			w.Error("a zap has ended")
		}
		close(goOn)
		w.ok(<-first)
		w.ok(<-second)
		for i, p := range behind {
			if !p.is(syscall.SIGKILL) {
				w.Fatalf("%d is told %v in the end", i, p.sigs)
			}
		}
		w.empty(ns, 1)
	})
}

// A program that zaps or freezes its namespace, when it is told before others
// that this waits for, tells them itself.
func TestProgramZaps(t *testing.T) {
	every(t, func(w *world) {
		for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
			ns, reaper := w.space(w.init)
			for range 3 {
				w.ok(w.fork(reaper).OnSignal(func(self Task, got syscall.Signal) {
					if got == syscall.SIGKILL {
						w.ok(self.Exit(0))
					}
					if got == sig {
						w.ok(ns.Zap(forever, w.sweep))
					}
				}))
			}
			_, err := ns.Signal(w.sweep, sig)
			w.ok(err)
			w.ok(ns.Zap(forever, w.sweep))
			w.empty(ns, 1)
		}
	})
}

func TestProgramFreezes(t *testing.T) {
	every(t, func(w *world) {
		ns, reaper := w.space(w.init)
		var tasks []*told
		for i := range 3 {
			p := &told{}
			tasks = append(tasks, p)
			w.ok(w.fork(reaper).OnSignal(func(self Task, sig syscall.Signal) {
				p.hook(self, sig)
				if i == 0 && sig == syscall.SIGUSR1 {
					_, err := ns.Freeze(forever, w.sweep)
					w.ok(err)
				}
			}))
		}
		_, err := ns.Signal(w.sweep, syscall.SIGUSR1)
		w.ok(err)
		if !tasks[0].is(syscall.SIGUSR1, syscall.SIGSTOP) || !tasks[1].is(syscall.SIGSTOP) || !tasks[2].is(syscall.SIGSTOP) {
			w.Errorf("told %v, %v, %v in the frost", tasks[0].sigs, tasks[1].sigs, tasks[2].sigs)
		}
		w.thaw(ns)
		if want := []syscall.Signal{syscall.SIGSTOP, syscall.SIGCONT, syscall.SIGUSR1}; !tasks[1].is(want...) || !tasks[2].is(want...) {
			w.Errorf("told %v, %v after it", tasks[1].sigs, tasks[2].sigs)
		}
	})
}

// What has been sent and not told when a freeze comes is pending: the checkpoint
// has it, the copy hears of it, and the original at the thaw.
func TestGuarantee8_UntoldIsPending(t *testing.T) {
	everyRegistry(t, func(w *world) {
		ns, reaper := w.space(w.init)
		first, second := w.fork(reaper), w.fork(reaper)
		goOn := make(chan struct{})
		w.ok(first.OnSignal(func(_ Task, sig syscall.Signal) {
			if sig == syscall.SIGUSR1 {
				<-goOn
			}
		}))
		p, ofCopy := w.hold(second), &told{}
		signal := start(func() error { _, err := ns.Signal(Walk, syscall.SIGUSR1); return err })
		if got := second.Pending(); !slices.Equal(got, []syscall.Signal{syscall.SIGUSR1}) {
			w.Errorf("pending before it is told: %v", got)
		}
		w.freeze(ns)
		snap := w.checkpoint(ns)
		close(goOn)
		w.ok(<-signal)
		if !p.is(syscall.SIGSTOP) {
			w.Errorf("told %v in the frost", p.sigs)
		}
		w.thaw(ns)
		if !p.is(syscall.SIGSTOP, syscall.SIGCONT, syscall.SIGUSR1) {
			w.Errorf("told %v", p.sigs)
		}
		w.ok(ofCopy.ofCopy(w, snap, second.PID()))
		if !ofCopy.is(syscall.SIGCONT, syscall.SIGUSR1) {
			w.Errorf("the copy is told %v", ofCopy.sigs)
		}
	})
}

// ofCopy restores a snapshot, puts p behind number pid, and lets it go on.
func (p *told) ofCopy(w *world, snap *Snapshot, pid alloc.PID) error {
	ns, err := Restore(w.init, snap, func(t Task) {
		if t.PID() == pid {
			w.ok(t.OnSignal(p.hook))
		}
	})
	if err != nil {
		return err
	}
	return ns.Thaw()
}

// So is the news of a death.
func TestGuarantee8_UntoldDeath(t *testing.T) {
	everyRegistry(t, func(w *world) {
		ns, reaper := w.space(w.init)
		grandmother := w.fork(reaper)
		mother := w.fork(grandmother)
		w.ok(w.fork(mother).Exit(0))
		p := w.hold(grandmother)
		var snap *Snapshot
		w.ok(reaper.OnSignal(func(_ Task, sig syscall.Signal) {
			if sig == syscall.SIGCHLD && snap == nil { // it is given the zombie
				w.freeze(ns)
				snap = w.checkpoint(ns)
			}
		}))
		w.ok(mother.Exit(0))
		if !p.is(syscall.SIGSTOP) {
			w.Errorf("told %v in the frost", p.sigs)
		}
		w.thaw(ns)
		if !p.is(syscall.SIGSTOP, syscall.SIGCONT, syscall.SIGCHLD) {
			w.Errorf("told %v", p.sigs)
		}
		ofCopy := &told{}
		w.ok(ofCopy.ofCopy(w, snap, grandmother.PID()))
		if !ofCopy.is(syscall.SIGCONT, syscall.SIGCHLD) {
			w.Errorf("the copy is told %v", ofCopy.sigs)
		}
	})
}

// A program in place of one that has been told SIGKILL is told too; so is one in
// place of another that has not been told yet, and that only.
func TestNewProgramIsKilled(t *testing.T) {
	every(t, func(w *world) {
		ns, reaper := w.space(w.init)
		task := w.fork(reaper)
		old := w.hold(task)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := ns.Zap(ctx, w.sweep); err == nil {
			w.Error("nothing holds up the zap")
		}
		zap := w.startZap(ns)
		p := &told{}
		w.ok(task.OnSignal(func(self Task, sig syscall.Signal) {
			p.hook(self, sig)
			w.ok(self.Exit(0))
		}))
		if !old.is(syscall.SIGKILL) || !p.is(syscall.SIGKILL) {
			w.Errorf("told %v, and the new one %v", old.sigs, p.sigs)
		}
		w.ok(<-zap)
		w.empty(ns, 1)

		first, second := w.fork(w.init), w.fork(w.init)
		before, after := w.hold(second), &told{}
		w.ok(first.OnSignal(func(Task, syscall.Signal) { w.ok(second.OnSignal(after.hook)) }))
		w.ok(w.init.Kill(-1, syscall.SIGUSR1))
		if !before.is() || !after.is(syscall.SIGUSR1) {
			w.Errorf("told %v, and who came in its place %v", before.sigs, after.sigs)
		}
	})
}

// No call of a program begins once it has been taken away, or once its task is
// dead: what was still to be told takes its course.
func TestProgramIsTakenAway(t *testing.T) {
	everyRegistry(t, func(w *world) {
		first, second, third, fourth := w.fork(w.init), w.fork(w.init), w.fork(w.init), w.fork(w.init)
		p, q, r := w.hold(second), w.hold(third), w.hold(fourth)
		w.ok(first.OnSignal(func(Task, syscall.Signal) {
			w.ok(second.OnSignal(nil))
			w.ok(third.Exit(0))
			w.reaps(w.init, 3, 128+int(syscall.SIGUSR1))
			w.reaps(w.init, 4, 0)
		}))
		w.ok(w.init.Kill(-1, syscall.SIGUSR1))
		if !p.is() || !q.is() || !r.is(syscall.SIGUSR1) {
			w.Errorf("told %v, %v and %v", p.sigs, q.sigs, r.sigs)
		}
	})
}
