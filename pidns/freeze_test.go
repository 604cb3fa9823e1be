package pidns

import (
	"fmt"
	"slices"
	"syscall"
	"testing"

	"example.com/pidmap/alloc"
)

// marksHold wants every task of a frozen namespace to be stopped, zombies
// aside, and nobody else to be.
func (h *host) marksHold() error {
	h.lock()
	defer h.unlock()
	frozen := 0
	for _, ns := range h.spaces {
		if ns == nil {
			continue
		}
		if ns.frozen > 0 {
			frozen++
		}
		for pid, ok := ns.set.Next(0); ok; pid, ok = ns.set.Next(pid) {
			slot := ns.at(pid)
			if slot == 0 || int(h.slab.at(slot).level) != ns.level {
				continue
			}
			r := h.slab.at(slot)
			if stopped := ns.stopped(); stopped != h.isFrozen(r) && r.state != zombie {
				return fmt.Errorf("level %d, number %d, state %d: marked %t in a namespace that is frozen %t", ns.level, pid, r.state, !stopped, stopped)
			}
		}
	}
	if frozen != h.frozen {
		return fmt.Errorf("%d namespaces are frozen, and the host says %d", frozen, h.frozen)
	}
	return nil
}

// thaw undoes a freeze and looks at what is left of it.
func (w *world) thaw(ns *Namespace) {
	w.Helper()
	w.ok(ns.Thaw())
	w.ok(w.root.host.marksHold())
}

// forks starts every kind of birth, by tasks inside and by one outside.
func (w *world) forks(ns *Namespace, child Task, at alloc.PID) []pending {
	w.Helper()
	outside := w.fork(w.init)
	w.ok(outside.Enter(ns))
	var births []pending
	for _, birth := range []func() (Task, error){
		ns.Reaper().Fork, ns.Reaper().Thread, child.Fork, child.Thread, outside.Fork,
		func() (Task, error) { return child.ForkAt(at) },
		func() (Task, error) { return child.ForkNamespace(w.cfg) },
	} {
		births = append(births, start(func() error { _, err := birth(); return err }))
	}
	return births
}

// counters is what births move in every namespace.
func (w *world) counters() string {
	h := w.root.host
	h.mu.Lock()
	defer h.mu.Unlock()
	text := ""
	for _, ns := range h.spaces {
		if ns != nil {
			text += fmt.Sprintf("level %d: %d numbers, %d tasks, last %d\n", ns.level, ns.pids.Len(), ns.tasks, ns.pids.Last())
		}
	}
	return text
}

// Freezes nest: of one namespace, and of one in another, in any order.
func TestFreezeNests(t *testing.T) {
	every(t, func(w *world) {
		spaces, reapers := w.chain(600, 600, 600)
		for _, order := range [][]int{{1, 1}, {2, 2, 2}, {1, 2}, {2, 1}, {0, 1, 2}, {2, 1, 0, 1}} {
			for _, backwards := range []bool{true, false} {
				thaws := slices.Clone(order)
				if backwards {
					slices.Reverse(thaws)
				}
				for _, level := range order {
					w.freeze(spaces[level])
					w.ok(w.root.host.marksHold())
				}
				w.ok(reapers[2].Signal(syscall.SIGUSR1))
				fork := start(func() error { _, err := reapers[2].Fork(); return err })
				for _, level := range thaws {
					if !fork.waits() || reapers[2].Pending() == nil {
						w.Errorf("frozen %d, thawed up to %d of %d: it goes on", order, level, thaws)
					}
					w.thaw(spaces[level])
				}
				w.ok(<-fork)
				if reapers[2].Pending() != nil {
					w.Error("thawed, and a signal is still pending")
				}
				for _, ns := range spaces {
					w.fails(ns.Thaw(), ErrNotFrozen)
				}
			}
		}
	})
}

// A freeze of a namespace leaves those beside and above it alone.
func TestFreezeLeavesOthers(t *testing.T) {
	every(t, func(w *world) {
		ns, _ := w.space(w.init)
		_, sibling := w.space(w.init)
		w.freeze(ns)
		for _, task := range []Task{w.init, sibling} {
			child := w.fork(task)
			w.ok(child.Signal(syscall.SIGTERM))
			w.reaps(task, child.PID(), 128+15)
		}
		w.ok(w.root.host.marksHold())
	})
}

// Freeze counts whom it stops: everybody but zombies, the reaper's group too;
// by leaders, processes.
func TestFreezeCounts(t *testing.T) {
	every(t, func(w *world) {
		ns, reaper := w.space(w.init)
		w.thread(reaper)
		leader := w.fork(reaper)
		w.thread(leader)
		w.ok(leader.Exit(0)) // its number stays, and it counts
		_, inner := w.space(leader.thread1(w))
		w.thread(inner)
		w.ok(w.fork(reaper).Exit(0)) // a zombie
		want := 6
		if w.sweep == Leaders {
			want = 3
		}
		for range 2 {
			if n, err := ns.Freeze(forever, w.sweep); n != want || err != nil {
				w.Errorf("Freeze gives %d, %v; want %d", n, err, want)
			}
		}
		w.ok(w.root.host.marksHold())
		w.ok(reaper.Exit(0)) // its thread goes on, and both count
		if n, err := ns.Freeze(forever, w.sweep); n != want || err != nil {
			w.Errorf("Freeze gives %d, %v; want %d", n, err, want)
		}
		for range 3 {
			w.thaw(ns)
		}
	})
}

// thread1 is the first thread of a leader that has exited.
func (t Task) thread1(w *world) Task {
	w.root.host.lock()
	defer w.root.host.unlock()
	return w.root.host.handle(t.record().peers.next)
}

// Signals stay pending on frozen tasks, whoever sends them and to whichever
// thread, and take their course at the thaw.
func TestGuarantee8_SignalsWait(t *testing.T) {
	every(t, func(w *world) {
		ns, reaper := w.space(w.init)
		single, leader, front := w.fork(reaper), w.must(reaper.ForkAt(40)), w.fork(reaper)
		thread, behind := w.thread(leader), w.thread(front)
		w.ok(front.Exit(0))
		told := w.hold(reaper)
		w.freeze(ns)
		all := []Task{single, thread, front, behind}
		for _, task := range all {
			w.ok(task.Signal(syscall.SIGUSR1))
			w.ok(reaper.Kill(task.PID(), syscall.SIGURG))
		}
		w.ok(reaper.Signal(syscall.SIGTERM))
		_, err := ns.Signal(w.sweep, syscall.SIGWINCH)
		w.ok(err)
		w.ok(w.init.Kill(-1, syscall.SIGCHLD))
		for _, task := range all {
			if !slices.Contains(task.Pending(), syscall.SIGUSR1) || !slices.Contains(task.Pending(), syscall.SIGURG) || gone(task) {
				w.Errorf("%d has %v pending", task.PID(), task.Pending())
			}
		}
		if !told.is(syscall.SIGSTOP) {
			w.Errorf("told %v in the frost", told.sigs)
		}
		w.thaw(ns)
		for range 3 {
			if _, status, err := reaper.Wait(ended); status != 128+10 || err != nil {
				w.Errorf("Wait gives status %d, %v", status, err)
			}
		}
		if got := told.sigs; len(got) < 3 || got[1] != syscall.SIGCONT || !slices.Contains(got, syscall.SIGTERM) {
			w.Errorf("told %v", got)
		}
		for _, task := range ns.Tasks() {
			if task.Pending() != nil {
				w.Errorf("%v pending", task.Pending())
			}
		}
	})
}

// SIGKILL does not wait, and reaches reapers from above.
func TestGuarantee8_KillOverrides(t *testing.T) {
	every(t, func(w *world) {
		ns, reaper := w.space(w.init)
		inner, below := w.space(reaper)
		w.fork(below)
		child := w.fork(reaper)
		w.thread(child)
		held := w.fork(reaper)
		program := w.hold(held)
		w.freeze(inner)
		w.freeze(ns)
		w.ok(child.Signal(syscall.SIGTERM))
		w.ok(child.Signal(syscall.SIGKILL))
		w.reaps(reaper, child.PID(), 128+9)
		w.ok(held.Signal(syscall.SIGKILL))
		if !program.is(syscall.SIGSTOP, syscall.SIGKILL) {
			w.Errorf("told %v", program.sigs)
		}
		w.ok(below.Signal(syscall.SIGKILL))
		w.reaps(reaper, 2, 128+9)
		w.fails(inner.Thaw(), ErrNotFrozen) // it has ended
		w.ok(w.root.host.marksHold())
		pid := held.PID()
		w.ok(held.OnSignal(nil)) // nothing holds it any more
		w.reaps(reaper, pid, 128+9)
		w.thaw(ns)
	})
}

// What a task is made to do all the same is done.
func TestFreezeLetsTasksAct(t *testing.T) {
	everyRegistry(t, func(w *world) {
		ns, reaper := w.space(w.init)
		inner, _ := w.space(reaper)
		child, other := w.fork(reaper), w.fork(reaper)
		w.freeze(ns)
		w.ok(child.Enter(ns))
		w.ok(reaper.Enter(inner))
		w.ok(child.SetSubreaper(true))
		w.ok(child.Exit(4))
		w.reaps(reaper, 3, 4)
		w.ok(other.ExitGroup(5))
		w.ok(reaper.Exit(6))
		w.reaps(w.init, 2, 6)
		w.fails(ns.Thaw(), ErrNotFrozen)
		if n := w.root.host.frozen; n != 0 {
			w.Errorf("%d are frozen", n)
		}
	})
}
