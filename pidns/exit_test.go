package pidns

import (
	"context"
	"syscall"
	"testing"
	"testing/synctest"

	"example.com/pidmap/alloc"
)

// A dead child keeps its number until its parent waits for it; children are
// waited for in the order of their deaths.
func TestWait(t *testing.T) {
	everyRegistry(t, func(w *world) {
		a, b, c := w.fork(w.init), w.fork(w.init), w.fork(w.init)
		w.ok(b.Exit(2))
		w.ok(a.Exit(1))
		w.ok(c.Signal(syscall.SIGTERM))
		for i, want := range []struct {
			pid    alloc.PID
			status int
		}{{3, 2}, {2, 1}, {4, 128 + 15}} {
			if n := w.root.Len(); n != 4-i {
				w.Errorf("%d tasks, want %d", n, 4-i)
			}
			w.reaps(w.init, want.pid, want.status)
		}
		_, _, err := w.init.Wait(forever)
		w.fails(err, ErrNoChild)
	})
}

// Wait sleeps until a child dies, and ends with its context.
func TestWaitSleeps(t *testing.T) {
	everyRegistry(t, func(w *world) {
		child := w.fork(w.init)
		_, _, err := w.init.Wait(ended)
		w.fails(err, context.Canceled)
		done := make(chan alloc.PID)
		go func() {
			pid, _, _ := w.init.Wait(forever)
			done <- pid
		}()
		synctest.Wait()
		w.ok(child.Exit(0))
		if pid := <-done; pid != 2 {
			w.Errorf("Wait gives pid %d", pid)
		}
	})
}

// Children are those of the whole thread group, and any thread may wait.
func TestWaitInThreads(t *testing.T) {
	everyRegistry(t, func(w *world) {
		lead := w.fork(w.init)
		thread := w.thread(lead)
		ofLead, ofThread := w.fork(lead), w.fork(thread)
		if p, ok := ofThread.Parent(); !ok || p != lead {
			w.Errorf("the parent of a thread's child is %v", p)
		}
		if p, ok := thread.Parent(); !ok || p != w.init {
			w.Errorf("the parent of a thread is %v", p)
		}
		w.ok(ofLead.Exit(7))
		w.reaps(thread, 4, 7)
		w.ok(ofThread.Exit(8))
		w.reaps(lead, 5, 8)
	})
}

// Whoever dies while it waits is told at once: with the whole process, and as
// one thread of several.
func TestWaitOfTheDying(t *testing.T) {
	everyRegistry(t, func(w *world) {
		lead := w.fork(w.init)
		thread := w.thread(lead)
		w.fork(lead)
		results := make(chan error, 2)
		wait := func(task Task) {
			_, _, err := task.Wait(forever)
			results <- err
		}
		go wait(thread)
		synctest.Wait()
		w.ok(thread.Exit(0))
		w.fails(<-results, ErrDead)
		go wait(lead)
		synctest.Wait()
		w.ok(lead.Signal(syscall.SIGKILL))
		w.fails(<-results, ErrDead)

		_, reaper := w.space(w.init)
		w.hold(w.fork(reaper))
		go wait(reaper)
		synctest.Wait()
		w.ok(reaper.ExitGroup(0))
		w.fails(<-results, ErrDead)
	})
}

// The last child's reaping itself ends the wait of a parent that is left
// without.
func TestWaitWhileChildrenReapThemselves(t *testing.T) {
	every(t, func(w *world) {
		ns, reaper := w.space(w.init)
		w.fork(reaper)
		result := make(chan error)
		go func() {
			_, _, err := reaper.Wait(forever)
			result <- err
		}()
		synctest.Wait()
		w.zap(ns)
		w.fails(<-result, ErrNoChild)
	})
}

// The children of a dead process go to its namespace's reaper, the dead ones
// too, and it waits for them.
func TestReparenting(t *testing.T) {
	everyRegistry(t, func(w *world) {
		_, reaper := w.space(w.init)
		parent := w.fork(reaper)
		alive, zombie := w.fork(parent), w.fork(parent)
		w.ok(zombie.Exit(3))
		inner := w.must(parent.ForkNamespace(w.cfg))
		result := make(chan alloc.PID)
		go func() {
			pid, _, _ := reaper.Wait(forever)
			result <- pid
		}()
		synctest.Wait()
		w.ok(parent.Exit(1))
		// It was waiting for parent, whose zombie came first: as an orphan.
		first := <-result
		for _, task := range []Task{alive, inner} {
			if p, ok := task.Parent(); !ok || p != reaper {
				w.Errorf("the orphan's parent is %v", p)
			}
		}
		second, _, err := reaper.Wait(ended)
		w.ok(err)
		if first+second != 2+4 {
			w.Errorf("Wait gave %d and %d, want 2 and 4", first, second)
		}
		w.check()
	})
}

// A child with a parent outside its namespace goes to the reaper of its
// parent's namespace when that parent dies.
func TestReparentingOutside(t *testing.T) {
	everyRegistry(t, func(w *world) {
		ns, reaper := w.space(w.init)
		outside := w.fork(w.init)
		w.ok(outside.Enter(ns))
		child := w.fork(outside)
		if child.Namespace() != ns || child.PID() != 2 {
			w.Fatalf("born as %d", child.PID())
		}
		p, ok := child.Parent()
		if !ok || p != outside {
			w.Errorf("parent %v", p)
		}
		if _, visible := p.PIDIn(ns); visible {
			w.Error("a parent outside has a number inside")
		}
		_, _, err := reaper.Wait(forever)
		w.fails(err, ErrNoChild)
		w.ok(outside.Exit(0))
		if p, _ := child.Parent(); p != w.init {
			w.Errorf("orphaned to %v", p)
		}
		w.ok(child.Exit(5))
		w.reaps(w.init, 3, 0)
		w.reaps(w.init, 4, 5)
	})
}

// Orphans go to the nearest subreaper above, within the namespace.
func TestSubreapers(t *testing.T) {
	everyRegistry(t, func(w *world) {
		ns, reaper := w.space(w.init)
		far := w.fork(reaper)
		near := w.fork(far)
		parent := w.fork(near)
		orphan := w.fork(parent)
		w.ok(far.SetSubreaper(true))
		w.ok(near.SetSubreaper(true))
		heir := func(task, want Task, why string) {
			w.Helper()
			if p, _ := task.Parent(); p != want {
				w.Errorf("%s: the parent is %v, want %v", why, p, want)
			}
		}
		w.ok(parent.Exit(0))
		heir(orphan, near, "two subreapers above")
		w.ok(near.SetSubreaper(false))
		w.ok(near.Exit(0))
		heir(orphan, far, "one has died")
		w.ok(far.Exit(0))
		heir(orphan, reaper, "both have died")

		// A subreaper outside the namespace is none.
		w.ok(w.init.SetSubreaper(true))
		_, inner := w.space(orphan)
		mid := w.fork(inner)
		kid := w.fork(mid)
		w.ok(orphan.SetSubreaper(true))
		w.ok(mid.Exit(0))
		heir(kid, inner, "the subreaper is outside")
		w.ok(kid.SetSubreaper(true))
		w.ok(orphan.Enter(inner.Namespace()))
		mid = w.fork(orphan)
		kid = w.fork(mid)
		w.ok(mid.Exit(0))
		heir(kid, inner, "the subreaper is the parent, from outside")
		w.zap(ns)
		if ns.Len() != 1 {
			w.Errorf("%d are left: a subreaper has saved somebody", ns.Len())
		}
	})
}

// A leader may die before its threads; the process is dead with the last.
func TestLeaderDiesFirst(t *testing.T) {
	everyRegistry(t, func(w *world) {
		lead := w.fork(w.init)
		a, b := w.thread(lead), w.thread(lead)
		child := w.fork(b)
		w.ok(lead.Exit(4))
		w.fails(lead.Exit(5), ErrDead)
		if got, ok := w.root.Task(2); !ok || got != lead || w.root.Len() != 5 {
			w.Error("a dead leader has lost its number")
		}
		_, _, err := w.init.Wait(ended)
		w.fails(err, context.Canceled)
		w.ok(a.Exit(6))
		if !gone(a) {
			w.Error("a thread's number outlives it")
		}
		if p, _ := child.Parent(); p != lead {
			w.Errorf("a thread's child has parent %v", p)
		}
		w.ok(b.Exit(7))
		w.reaps(w.init, 2, 4)
		if p, _ := child.Parent(); p != w.init {
			w.Errorf("orphaned to %v", p)
		}
	})
}

// ExitGroup takes every thread along, from a thread too, whose status counts.
func TestExitGroup(t *testing.T) {
	everyRegistry(t, func(w *world) {
		lead := w.fork(w.init)
		a, b := w.thread(lead), w.thread(lead)
		p := w.hold(b)
		w.ok(a.ExitGroup(9))
		if !dead(lead) || !gone(a) || dead(b) || !p.is(syscall.SIGKILL) {
			w.Error("not everybody has gone who must")
		}
		w.ok(b.Exit(1))
		w.reaps(w.init, 2, 9)

		lead = w.fork(w.init)
		a = w.thread(lead)
		w.hold(a)
		w.hold(lead)
		w.ok(a.ExitGroup(3)) // its own program does not hold it
		if !gone(a) || dead(lead) {
			w.Error("the one that calls goes, the one with a program stays")
		}
		w.ok(lead.ExitGroup(4))
		w.reaps(w.init, 5, 3)
	})
}

// The root's reaper cannot exit, its other threads can.
func TestGuarantee5_RootReaperCannotExit(t *testing.T) {
	everyRegistry(t, func(w *world) {
		thread := w.thread(w.init)
		w.unchanged(func() {
			w.fails(w.init.Exit(0), ErrKillInit)
			w.fails(w.init.ExitGroup(0), ErrKillInit)
			w.fails(thread.ExitGroup(0), ErrKillInit)
			w.fails(w.init.Signal(syscall.SIGKILL), ErrKillInit)
			w.fails(thread.Signal(syscall.SIGKILL), ErrKillInit)
		})
		w.ok(thread.Exit(0))
		w.ok(w.init.Signal(syscall.SIGTERM))
		if dead(w.init) {
			w.Error("the root's reaper is dead")
		}
	})
}

// Enter moves the births to come and nothing else, and only downwards.
func TestEnter(t *testing.T) {
	everyRegistry(t, func(w *world) {
		ns, reaper := w.space(w.init)
		inner, _ := w.space(reaper)
		task := w.fork(w.init)
		w.ok(task.Enter(inner))
		if task.Namespace() != w.root {
			w.Error("the task itself has moved")
		}
		if child := w.fork(task); child.Namespace() != inner {
			w.Error("the child is not born there")
		}
		w.unchanged(func() {
			_, err := task.Thread()
			w.fails(err, ErrInvalid)
			_, err = task.ForkNamespace(w.cfg)
			w.fails(err, ErrInvalid)
			_, err = task.ForkNamespace(w.cfg, 1)
			w.fails(err, ErrInvalid)
		})
		below := w.must(w.fork(task).ForkNamespace(w.cfg))
		if below.Namespace().Parent() != inner {
			w.Error("a child's namespace is not born there")
		}
		w.ok(task.Enter(w.root))
		if child := w.fork(task); child.Namespace() != w.root {
			w.Error("it has not come back")
		}
		w.thread(task)
		w.unchanged(func() {
			w.fails(reaper.Enter(w.root), ErrInvalid)
			w.fails(below.Enter(ns), ErrInvalid)
			w.fails(task.Enter(nil), ErrInvalid)
		})
		sibling, _ := w.space(w.init)
		w.fails(reaper.Enter(sibling), ErrInvalid)
		w.ok(task.Enter(ns))
		w.ok(task.Exit(0)) // with births elsewhere
		w.check()
	})
}
