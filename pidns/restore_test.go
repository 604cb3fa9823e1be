package pidns

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"example.com/pidmap/alloc"
)

// family makes a namespace with a thread, a child below the child, a zombie, a
// namespace below and a child of a parent outside, and takes it down.
func (w *world) family() (*Namespace, *Snapshot) {
	w.Helper()
	ns, reaper := w.space(w.init)
	w.thread(reaper)
	child := w.fork(reaper)
	w.ok(w.fork(child).Exit(7))
	_, inner := w.space(child)
	w.fork(inner)
	outside := w.fork(w.init)
	w.ok(outside.Enter(ns))
	w.fork(outside)
	w.freeze(ns)
	return ns, w.checkpoint(ns)
}

func (w *world) freeze(ns *Namespace) {
	w.Helper()
	_, err := ns.Freeze(forever, w.sweep)
	w.ok(err)
}

// What Restore makes is frozen, once, and whoever is in it can be found.
func TestRestore(t *testing.T) {
	every(t, func(w *world) {
		old, snap := w.family()
		parent := w.fork(w.init)
		ns := w.restored(parent, snap)
		if ns.Parent() != w.root || ns.Level() != 1 || ns.Len() != old.Len() || ns.Last() != old.Last() {
			w.Errorf("level %d, %d tasks, last %d", ns.Level(), ns.Len(), ns.Last())
		}
		for pid, was := range old.Tasks() {
			is, ok := ns.Task(pid)
			if !ok || is.PID() != was.PID() {
				w.Fatalf("number %d is %d in its namespace, was %d", pid, is.PID(), was.PID())
			}
			got, _ := is.Parent()
			want, _ := was.Parent()
			gotPID, ok := got.PIDIn(ns)
			if wantPID, inside := want.PIDIn(old); gotPID != wantPID || ok != inside || !inside && got != parent && want != (Task{}) {
				w.Errorf("the parent of %d is %d, was %d", pid, gotPID, wantPID)
			}
		}
		fork := start(func() error { _, err := ns.Reaper().Fork(); return err })
		if !fork.waits() {
			w.Error("a birth in what is not thawed yet")
		}
		w.ok(ns.Thaw())
		w.ok(<-fork)
		w.fails(ns.Thaw(), ErrNotFrozen)
		w.check()
		zap := w.startZap(ns)
		if !zap.waits() {
			w.Error("the zap did not wait for the child of a parent outside")
		}
		_, _, err := parent.Wait(ended)
		w.ok(err)
		w.ok(<-zap)
		w.empty(ns, 2) // the reaper and its thread
	})
}

// A root's snapshot is restored as a root and below one, a nested one as a root.
func TestRestoreAsRoot(t *testing.T) {
	everyRegistry(t, func(w *world) {
		_, snap := w.family()
		want := text(w, snap)
		for _, of := range []*Namespace{nil, w.root} {
			if of != nil {
				w.freeze(of)
				snap = w.checkpoint(of)
				want = text(w, snap)
				w.ok(of.Thaw())
			}
			ns := w.restored(Task{}, snap)
			copied := &world{T: w.T, root: ns, init: ns.Reaper(), sweep: Walk}
			copied.check()
			if ns.Parent() != nil || ns.Level() != 0 {
				w.Error("not a root")
			}
			got := text(w, w.checkpoint(ns))
			if of == nil {
				// A root has nobody outside: they are the reaper's children now.
				got = strings.Replace(got, `{"pids":[7],"parent":1}`, `{"pids":[7]}`, 1)
			}
			if got != want {
				w.Errorf("made again, it is another:\n%s%s", want, got)
			}
			w.ok(ns.Thaw())
			w.fails(ns.Reaper().Exit(0), ErrKillInit)
			copied.zap(ns)
		}
		below := w.restored(w.init, snap)
		w.ok(below.Thaw())
		w.ok(below.Reaper().ExitGroup(3))
		w.check()
		w.zap(w.root)
	})
}

// Zombies are waited for in the order in which they died, children of parents
// outside by the given parent, at once where it waits already.
func TestRestoredZombies(t *testing.T) {
	everyRegistry(t, func(w *world) {
		ns, reaper := w.space(w.init)
		w.ok(w.init.Enter(ns))
		inside, outside := []Task{}, []Task{}
		for range 5 {
			inside = append(inside, w.fork(reaper))
			outside = append(outside, w.fork(w.init))
		}
		for i, k := range []int{3, 1, 4, 0, 2} {
			w.ok(inside[k].Exit(i))
			w.ok(outside[k].Exit(10 + i))
		}
		w.freeze(ns)
		snap := w.checkpoint(ns)

		w.ok(w.init.Enter(w.root))
		parent := w.fork(w.init)
		w.fork(parent)
		wait := start(func() error { _, _, err := parent.Wait(forever); return err })
		if !wait.waits() {
			w.Fatal("nobody is dead yet")
		}
		copied := w.restored(parent, snap)
		w.ok(<-wait)
		w.ok(copied.Thaw())
		for i, k := range []int{3, 1, 4, 0, 2} {
			w.reaps(copied.Reaper(), inside[k].PID(), i)
			if i == 0 {
				continue // waited for
			}
			pid, status, err := parent.Wait(ended)
			if err != nil || status != 10+i {
				w.Errorf("Wait outside gives %d, status %d, %v", pid, status, err)
			}
		}
	})
}

// queues gives the free numbers of every namespace that has an order of them.
func (w *world) queues() []string {
	var all []string
	for _, ns := range w.root.host.spaces {
		all = append(all, fmt.Sprint(ns.queue()))
	}
	return all
}

// Where the place is frozen, Restore waits as a fork does: for the thaw, for a
// zap, for the parent's death; also where the freeze comes in the middle.
func TestRestoreWaitsForThaw(t *testing.T) {
	every(t, func(w *world) {
		_, snap := w.family()
		for _, middle := range []int{0, 1, 2} {
			for level := range 3 {
				spaces, reapers := w.chain(600, 600, 600)
				by := w.fork(reapers[2])
				begin := func() pending {
					if middle == 0 {
						w.freeze(spaces[level])
					} else {
						w.fault(pauses(middle, func() { w.freeze(spaces[level]) }))
					}
					p := start(func() error { _, err := Restore(by, snap, nil); return err })
					if n := spaces[2].Len(); !p.waits() || n != spaces[2].pids.Len() {
						w.Fatalf("restored while frozen: %d tasks", n)
					}
					return p
				}
				p := begin()
				w.ok(spaces[level].Thaw())
				w.ok(<-p)
				w.check()
				p = begin()
				w.ok(by.Signal(syscall.SIGKILL))
				w.fails(<-p, ErrDead)
				w.ok(spaces[level].Thaw())
				if level == 0 {
					continue
				}
				by = reapers[2]
				p = begin()
				zap := w.startZap(spaces[level])
				if err := <-p; !errors.Is(err, alloc.ErrTerminating) && !errors.Is(err, ErrDead) {
					w.Errorf("Restore gives %v", err)
				}
				w.ok(<-zap)
				w.check()
			}
		}
	})
}
