package pidns

import (
	"slices"
	"syscall"
	"testing"

	"example.com/pidmap/alloc"
)

// stopped tells whether a task runs and its process is stopped.
func (t Task) stopped() bool {
	t.host.mu.Lock()
	defer t.host.mu.Unlock()
	r := t.running()
	return r != nil && t.host.slab.at(r.leader).flags&stopped != 0
}

// stops wants tasks to be stopped, or none of them to be.
func (w *world) stops(want bool, tasks ...Task) {
	w.Helper()
	for _, task := range tasks {
		if got := task.stopped(); got != want || dead(task) {
			w.Errorf("pid %d: stopped %t, want %t; dead %t", task.PID(), got, want, dead(task))
		}
	}
}

// A stop is the process's, whichever thread is sent it, and ends with SIGCONT to
// any other; so says a checkpoint.
func TestStopIsTheGroups(t *testing.T) {
	everyRegistry(t, func(w *world) {
		ns, reaper := w.space(w.init)
		lead := w.fork(reaper)
		a, b := w.thread(lead), w.thread(lead)
		other := w.fork(reaper)
		for _, sig := range []syscall.Signal{syscall.SIGSTOP, syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU} {
			w.ok(a.Signal(sig))
			w.stops(true, lead, a, b)
			w.stops(false, other, reaper)
			w.ok(b.Signal(syscall.SIGCONT))
			w.stops(false, lead, a, b)
		}
		w.ok(lead.Exit(0))
		w.ok(lead.Signal(syscall.SIGSTOP)) // by way of a thread
		w.stops(true, a, b)
		w.freeze(ns)
		snap := w.checkpoint(ns)
		for _, task := range snap.Tasks {
			pid := task.PIDs[0]
			if want := pid == a.PID() || pid == b.PID(); task.Stopped != want {
				w.Errorf("number %d: stopped %t in the snapshot", pid, task.Stopped)
			}
		}
		copied := w.restored(w.init, snap)
		for _, task := range []Task{a, b} {
			again, _ := copied.Task(task.PID())
			w.stops(true, again)
		}
		w.ok(copied.Thaw())
		again, _ := copied.Task(b.PID())
		w.ok(again.Signal(syscall.SIGCONT))
		w.stops(false, again)
		w.thaw(ns)
	})
}

// A reaper without a program is stopped by SIGSTOP from above and by nothing
// else, and anybody's SIGCONT lets it go on.
func TestStopOfAReaper(t *testing.T) {
	everyRegistry(t, func(w *world) {
		_, reaper := w.space(w.init)
		thread, inside := w.thread(reaper), w.fork(reaper)
		for _, sig := range []syscall.Signal{syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU} {
			w.ok(reaper.Signal(sig))
			w.ok(thread.Signal(sig))
			w.ok(w.init.Kill(reaper.numberAbove(w), sig))
			w.stops(false, reaper, thread)
			if got := reaper.Pending(); got != nil {
				w.Errorf("%v pending", got)
			}
		}
		w.ok(inside.Kill(1, syscall.SIGSTOP))
		w.stops(false, reaper, thread)
		w.ok(w.init.Kill(reaper.numberAbove(w), syscall.SIGSTOP))
		w.stops(true, reaper, thread)
		w.ok(inside.Kill(1, syscall.SIGCONT))
		w.stops(false, reaper, thread)
	})
}

// Of a stop and a continuation that are pending, the one sent last holds; to
// whichever thread, by whichever way.
func TestStopAndContinueDiscardEachOther(t *testing.T) {
	every(t, func(w *world) {
		ns, reaper := w.space(w.init)
		lead, caller := w.fork(reaper), w.fork(reaper)
		thread := w.thread(lead)
		pid := thread.PID()
		ways := map[string]func(syscall.Signal){
			"Signal": func(sig syscall.Signal) { w.ok(lead.Signal(sig)) },
			"thread": func(sig syscall.Signal) { w.ok(thread.Signal(sig)) },
			"Kill":   func(sig syscall.Signal) { w.ok(caller.Kill(pid, sig)) },
			"all":    func(sig syscall.Signal) { w.ok(caller.Kill(-1, sig)) },
			"sweep":  func(sig syscall.Signal) { _, err := ns.Signal(w.sweep, sig); w.ok(err) },
		}
		for first, send := range ways {
			for second, then := range ways {
				for _, stop := range []syscall.Signal{syscall.SIGSTOP, syscall.SIGTTOU} {
					w.freeze(ns)
					send(stop)
					then(syscall.SIGCONT)
					w.thaw(ns)
					if lead.stopped() || thread.stopped() {
						w.Errorf("%v by %s, continued by %s: stopped", stop, first, second)
					}
					w.freeze(ns)
					send(syscall.SIGCONT)
					then(stop)
					w.thaw(ns)
					if !lead.stopped() || !thread.stopped() {
						w.Errorf("continued by %s, %v by %s: not stopped", first, stop, second)
					}
					w.ok(lead.Signal(syscall.SIGCONT))
					w.ok(caller.Signal(syscall.SIGCONT))
				}
			}
		}
		if n := len(lead.Pending()) + len(thread.Pending()); n > 0 || dead(lead) || dead(thread) {
			w.Errorf("%d pending, dead %t", n, dead(lead))
		}
	})
}

// What would end a stopped process waits until it goes on, for every thread;
// SIGKILL does not, and a program hears everything.
func TestSignalsOfTheStopped(t *testing.T) {
	everyRegistry(t, func(w *world) {
		lead := w.fork(w.init)
		thread, other := w.thread(lead), w.thread(lead)
		w.ok(lead.Signal(syscall.SIGSTOP))
		w.ok(thread.Signal(syscall.SIGTERM))
		w.ok(thread.Signal(syscall.SIGURG))
		w.ok(thread.Signal(syscall.SIGTSTP))
		w.stops(true, lead, thread, other)
		if got := thread.Pending(); !slices.Equal(got, []syscall.Signal{syscall.SIGTERM}) {
			w.Errorf("pending %v", got)
		}
		w.ok(other.Signal(syscall.SIGCONT))
		w.reaps(w.init, 2, 128+15)

		killed := w.fork(w.init)
		w.thread(killed)
		pid := killed.PID()
		w.ok(killed.Signal(syscall.SIGSTOP))
		w.ok(killed.Signal(syscall.SIGTERM))
		w.ok(killed.Signal(syscall.SIGKILL))
		w.reaps(w.init, pid, 128+9)

		played := w.fork(w.init)
		beside := w.thread(played)
		p := w.hold(played)
		w.ok(beside.Signal(syscall.SIGSTOP))
		w.stops(true, played, beside)
		w.ok(played.Signal(syscall.SIGTERM))
		w.ok(beside.Signal(syscall.SIGTERM)) // waits
		w.ok(played.Signal(syscall.SIGCONT))
		if !dead(beside) || !p.is(syscall.SIGTERM, syscall.SIGCONT, syscall.SIGKILL) {
			w.Errorf("dead %t, told %v", dead(beside), p.sigs)
		}
		w.ok(played.Exit(0))
	})
}

// Signals that come to light together come in the order of their numbers.
func TestStopAndTermTogether(t *testing.T) {
	everyRegistry(t, func(w *world) {
		ns, reaper := w.space(w.init)
		before, after := w.fork(reaper), w.fork(reaper)
		w.freeze(ns)
		for task, sig := range map[Task]syscall.Signal{before: syscall.SIGTERM, after: syscall.SIGXCPU} {
			w.ok(task.Signal(sig))
			w.ok(task.Signal(syscall.SIGSTOP))
		}
		w.thaw(ns)
		w.reaps(reaper, 2, 128+15)
		w.stops(true, after)
		w.ok(after.Signal(syscall.SIGCONT))
		w.reaps(reaper, 3, 128+int(syscall.SIGXCPU))
	})
}

// numberAbove is a task's number at the root.
func (t Task) numberAbove(w *world) alloc.PID { return w.pid(t, w.root) }
