package pidns

import (
	"slices"
	"syscall"
	"testing"
)

// Signals do by default what signal(7) says: most end the whole thread group,
// some stop it, some do nothing.
func TestDefaultActions(t *testing.T) {
	ignored := []syscall.Signal{syscall.SIGCHLD, syscall.SIGURG, syscall.SIGWINCH, syscall.SIGCONT}
	stops := []syscall.Signal{syscall.SIGSTOP, syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU}
	everyRegistry(t, func(w *world) {
		for sig := syscall.Signal(1); sig <= sigLast; sig++ {
			lead := w.fork(w.init)
			thread := w.thread(lead)
			pid := lead.PID()
			w.ok(thread.Signal(sig))
			survives := slices.Contains(ignored, sig) || slices.Contains(stops, sig)
			if dead(lead) == survives {
				w.Errorf("signal %d: dead=%t", sig, !survives)
			}
			if survives {
				if len(thread.Pending()) != 0 {
					w.Errorf("signal %d is pending after delivery", sig)
				}
				w.ok(lead.ExitGroup(0))
				w.reaps(w.init, pid, 0)
				continue
			}
			w.reaps(w.init, pid, 128+int(sig))
		}
	})
}

// From inside a reaper takes only what it has a program for, and never SIGKILL
// or SIGSTOP; from above it is killed as anybody else.
func TestReaperImmunity(t *testing.T) {
	everyRegistry(t, func(w *world) {
		_, reaper := w.space(w.init)
		inside := w.fork(reaper)
		for sig := syscall.Signal(1); sig <= sigLast; sig++ {
			w.ok(inside.Kill(1, sig))
			w.ok(reaper.Kill(1, sig))
		}
		if dead(reaper) || len(reaper.Pending()) != 0 {
			w.Fatal("a signal from inside has reached the reaper")
		}
		p := w.hold(reaper)
		w.ok(inside.Kill(1, syscall.SIGTERM))
		w.ok(inside.Kill(1, syscall.SIGKILL))
		w.ok(inside.Kill(1, syscall.SIGSTOP))
		if !p.is(syscall.SIGTERM) {
			w.Errorf("the reaper's program was told %v, want SIGTERM alone", p.sigs)
		}
		w.ok(reaper.OnSignal(nil))
		outside := w.fork(w.init)
		w.ok(outside.Kill(w.pid(reaper, w.root), syscall.SIGTERM))
		if dead(reaper) {
			w.Error("a reaper without a program has died of SIGTERM")
		}
		w.ok(outside.Kill(w.pid(reaper, w.root), syscall.SIGKILL))
		w.reaps(w.init, 2, 128+9)
		if !gone(inside) {
			w.Error("the reaper's death has left somebody")
		}
	})
}

// A program for a reaper's signals may be that of a thread, once the leader has
// died.
func TestReaperImmunityWithoutLeader(t *testing.T) {
	everyRegistry(t, func(w *world) {
		_, reaper := w.space(w.init)
		thread := w.thread(reaper)
		inside := w.fork(reaper)
		w.ok(reaper.Exit(0))
		w.ok(inside.Kill(1, syscall.SIGTERM))
		if dead(thread) {
			w.Fatal("the reaper has died of SIGTERM from inside")
		}
		p := w.hold(thread)
		w.ok(inside.Kill(1, syscall.SIGTERM))
		w.ok(inside.Kill(1, syscall.SIGKILL))
		if !p.is(syscall.SIGTERM) {
			w.Errorf("told %v, want SIGTERM alone", p.sigs)
		}
	})
}

// Kill sees the numbers of the caller's namespace, and asks with signal 0.
func TestKill(t *testing.T) {
	everyRegistry(t, func(w *world) {
		_, reaper := w.space(w.init)
		a, b := w.fork(reaper), w.fork(reaper)
		outside := w.fork(w.init)
		w.ok(a.Kill(3, 0))
		w.fails(a.Kill(w.pid(outside, w.root), 0), ErrNoTask)
		w.fails(a.Kill(4, syscall.SIGKILL), ErrNoTask)
		w.ok(a.Kill(3, syscall.SIGUSR1))
		if !dead(b) || dead(a) {
			w.Error("the wrong one has died")
		}
		w.ok(a.Kill(3, syscall.SIGKILL)) // a zombie is there, and does not mind
		w.reaps(reaper, 3, 128+int(syscall.SIGUSR1))
		w.fails(a.Kill(3, 0), ErrNoTask)
		w.ok(a.Kill(2, syscall.SIGKILL)) // itself
		if !dead(a) {
			w.Error("it has not killed itself")
		}
		w.fails(a.Kill(1, 0), ErrDead)
		w.fails(a.Kill(-1, 0), ErrDead)
	})
}

// Kill(-1) takes in everybody visible but the caller's process and pid 1.
func TestKillAll(t *testing.T) {
	everyRegistry(t, func(w *world) {
		_, reaper := w.space(w.init)
		w.fails(reaper.Kill(-1, syscall.SIGKILL), ErrNoTask)
		caller := w.fork(reaper)
		own := w.thread(caller)
		ofReaper := w.thread(reaper)
		w.fails(caller.Kill(-1, syscall.SIGTERM), ErrNoTask)
		other := w.fork(caller)
		held := w.fork(reaper)
		p := w.hold(held)
		_, inner := w.space(caller)
		innermost := w.fork(inner)
		outside := w.fork(w.init)
		w.ok(own.Kill(-1, 0))
		w.ok(own.Kill(-1, syscall.SIGKILL))
		for _, task := range []Task{reaper, ofReaper, caller, own, outside, w.init, held} {
			if dead(task) {
				w.Errorf("%v is dead", task)
			}
		}
		for _, task := range []Task{other, inner, innermost} {
			if !dead(task) {
				w.Errorf("%v lives", task)
			}
		}
		if !p.is(syscall.SIGKILL) {
			w.Errorf("told %v", p.sigs)
		}
		w.check()
	})
}

// A program is told of each signal, of SIGKILL once, and nothing happens by
// itself; taken away, what is pending takes its course.
func TestOnSignal(t *testing.T) {
	everyRegistry(t, func(w *world) {
		task := w.fork(w.init)
		p := w.hold(task)
		for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGSTOP, syscall.SIGTERM, syscall.SIGKILL, syscall.SIGKILL} {
			w.ok(task.Signal(sig))
		}
		w.ok(w.init.Kill(-1, syscall.SIGKILL))
		if _, err := w.root.Signal(Walk, syscall.SIGKILL); err != nil {
			w.Error(err)
		}
		if !p.is(syscall.SIGTERM, syscall.SIGSTOP, syscall.SIGTERM, syscall.SIGKILL) {
			w.Errorf("told %v", p.sigs)
		}
		if got := task.Pending(); !slices.Equal(got, []syscall.Signal{syscall.SIGKILL}) {
			w.Errorf("pending %v", got)
		}
		w.ok(task.OnSignal(nil))
		w.reaps(w.init, 2, 128+9)
		w.fails(task.OnSignal(p.hook), ErrDead)
	})
}

// Programs are called with no lock held: they may do anything.
func TestHooksCallBack(t *testing.T) {
	every(t, func(w *world) {
		ns, reaper := w.space(w.init)
		calls := 0
		for range 3 {
			task := w.fork(reaper)
			thread := w.thread(task)
			w.ok(task.OnSignal(func(self Task, sig syscall.Signal) {
				calls++
				if self != task {
					w.Errorf("told as %v, not %v", self, task)
				}
				_ = ns.Len()
				_, _ = ns.Task(self.PID())
				_, err := self.Fork()
				w.fails(err, ErrDead)
				if _, err := ns.Signal(w.sweep, syscall.SIGCONT); err != nil {
					w.Error(err)
				}
				w.ok(self.Exit(0))
			}))
			w.ok(thread.OnSignal(func(self Task, _ syscall.Signal) { calls++; w.ok(self.ExitGroup(0)) }))
		}
		w.zap(ns)
		if calls != 6 || ns.Len() != 1 {
			w.Errorf("%d calls, %d left", calls, ns.Len())
		}
	})
}

// A sweep marks every task of a namespace once, the reaper's group and zombies
// spared, and gives their number; it marks nobody else.
func TestSweeps(t *testing.T) {
	every(t, func(w *world) {
		ns, reaper := w.space(w.init)
		ofReaper, outside := w.thread(reaper), w.fork(w.init)
		var marked []Task
		for range 100 {
			marked = append(marked, w.fork(reaper))
		}
		front := w.fork(reaper)
		follower := w.thread(front)
		w.ok(front.Exit(0))
		_, inner := w.space(reaper)
		innermost := w.fork(inner)
		zombie := w.fork(reaper)
		w.ok(zombie.Exit(0))
		marked = append(marked, front, inner, innermost)
		if w.sweep != Leaders {
			marked = append(marked, follower)
		}
		n, err := ns.Mark(w.sweep, syscall.SIGUSR1)
		if err != nil || n != len(marked) {
			w.Errorf("%d marks, want %d, error %v", n, len(marked), err)
		}
		for _, task := range marked {
			if got := task.Pending(); !slices.Equal(got, []syscall.Signal{syscall.SIGUSR1}) {
				w.Errorf("pid %d: pending %v", task.PID(), got)
			}
		}
		for _, task := range []Task{reaper, ofReaper, outside, zombie, w.init} {
			if got := task.Pending(); len(got) != 0 {
				w.Errorf("pid %d is spared, and %v are pending", task.PID(), got)
			}
		}
		ns.Deliver()
		for _, task := range marked {
			if task != inner && !dead(task) {
				w.Errorf("pid %d lives", task.PID())
			}
		}
		if dead(inner) {
			w.Error("a reaper without a program has died of SIGUSR1")
		}
	})
}
