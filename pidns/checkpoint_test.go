package pidns

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"

	"example.com/pidmap/alloc"
)

// A namespace that is taken down, written, read and made again, anywhere, is
// taken down as it was before: every registry, random trees with threads,
// zombies, namespaces below, entered children, subreapers and signals.
func TestGuarantee9_RoundTrip(t *testing.T) {
	every(t, func(w *world) {
		seed := drawSeed(w)
		for round := range rounds(4) {
			w := newWorld(w.T, w.cfg.Registry, w.sweep)
			var outsiders []Task
			for range round % 4 {
				outsiders = append(outsiders, w.fork(w.init))
			}
			p := w.stage(seed+uint64(round), 150, outsiders...)
			snap := p.take()
			written := text(w, snap)
			if again := read(w, written); !reflect.DeepEqual(again, snap) {
				w.Fatalf("round %d: read back, it is another:\n%s%s", round, written, text(w, again))
			}
			for deep := range 3 {
				host := newWorld(w.T, registries[(round+deep)%len(registries)], w.sweep)
				parent := host.init
				for range deep {
					_, parent = host.space(parent)
				}
				copied, err := Restore(host.fork(parent), read(w, written), nil)
				if err != nil {
					w.Fatalf("round %d: %v\n%s", round, err, written)
				}
				if got := text(w, host.checkpoint(copied)); got != written {
					w.Fatalf("round %d, deep %d: made again, it is another:\n%s%s", round, deep, written, got)
				}
				host.swept()
				host.check()
			}
			w.check()
		}
	})
}

// A copy goes on as the original does: the same operations have the same
// results, numbers and errors included, and end in the same state.
func TestGuarantee9_CopyGoesOn(t *testing.T) {
	every(t, func(w *world) {
		seed := drawSeed(w)
		for round := range rounds(4) {
			w := newWorld(w.T, w.cfg.Registry, w.sweep)
			p := w.stage(seed+uint64(round), 150, w.init) // one parent outside, as in the copy
			snap := p.take()

			host := newWorld(w.T, registries[round%len(registries)], w.sweep)
			_, parent := host.space(host.init)
			q := &player{world: host, top: host.restored(parent, snap)}
			q.keep = []Task{q.top.Reaper()}
			for pid, task := range q.top.Tasks() {
				if original, _ := p.top.Task(pid); original.record().flags&hooked != 0 {
					w.ok(task.OnSignal((&told{}).hook))
				}
			}
			for _, p := range []*player{p, q} {
				p.ok(p.top.Thaw())
				p.log.Reset()
				p.r = rand.New(rand.NewPCG(seed+uint64(round), 2))
				for range 300 {
					p.step()
				}
			}
			if got, want := q.log.String(), p.log.String(); got != want {
				w.Fatalf("round %d: the copy went on as\n%s\nthe original as\n%s", round, got, want)
			}
			if got, want := text(w, q.take()), text(w, p.take()); got != want {
				w.Fatalf("round %d: the copy ended as\n%s\nthe original as\n%s", round, got, want)
			}
			if got, want := q.end(), p.end(); got != want {
				w.Fatalf("round %d: a zap of the copy leaves %s, one of the original %s", round, got, want)
			}
			w.check()
			host.check()
		}
	})
}

// end zaps the namespace and tells who holds that up.
func (p *player) end() string { return fmt.Sprint(p.top.Zap(ended, p.sweepOf(p.top))) }

func (w *world) restored(parent Task, snap *Snapshot) *Namespace {
	w.Helper()
	ns, err := Restore(parent, snap, nil)
	w.ok(err)
	w.ok(ns.host.marksHold())
	(&world{T: w.T, root: ns.host.spaces[0], sweep: w.sweep}).swept()
	return ns
}

// It takes a frozen namespace, frozen itself or from above, and no dying one.
func TestCheckpointRefused(t *testing.T) {
	every(t, func(w *world) {
		ns, reaper := w.space(w.init)
		inner, _ := w.space(reaper)
		refused := func(ns *Namespace, want error) {
			w.Helper()
			if snap, err := ns.Checkpoint(); snap != nil || !errors.Is(err, want) {
				w.Errorf("level %d: Checkpoint gives %v, %v; want %v", ns.Level(), snap, err, want)
			}
		}
		for _, of := range []*Namespace{w.root, ns, inner} {
			refused(of, ErrNotFrozen)
		}
		w.freeze(ns)
		refused(w.root, ErrNotFrozen)
		w.checkpoint(ns)
		w.checkpoint(inner)
		w.freeze(ns)
		w.ok(ns.Thaw())
		w.checkpoint(inner)
		w.ok(ns.Thaw())
		refused(inner, ErrNotFrozen)
		w.freeze(ns)
		w.zap(ns)
		refused(ns, alloc.ErrTerminating)
		refused(inner, alloc.ErrTerminating)
		w.ok(reaper.Exit(0))
		refused(ns, alloc.ErrTerminating)
		w.reaps(w.init, 2, 0)
		refused(ns, ErrNotFrozen)
	})
}

// What a snapshot looks like: a line for each namespace and each task.
func TestSnapshotText(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "", List)
		ns, reaper := w.space(w.init)
		child := w.fork(reaper)
		w.thread(child)
		w.ok(child.SetSubreaper(true))
		cfg := Config{Registry: Table}
		inner := w.must(child.ForkNamespace(cfg))
		w.fork(inner)
		w.ok(child.Enter(inner.Namespace()))
		w.ok(w.fork(reaper).Exit(7))
		w.ok(child.Exit(3))
		w.freeze(ns)
		w.ok(inner.Signal(syscall.SIGUSR1))
		want := `{"version":1,
"namespaces":[
{"in":-1,"max":4096,"reserved":300,"registry":"tree+table","lists":["list","array","leaders","global"],"last":6},
{"in":0,"max":32768,"reserved":300,"registry":"table","last":2,"free":[[3,64]]}],
"tasks":[
{"pids":[1]},
{"pids":[2],"parent":1,"state":"exited","status":3,"subreaper":true},
{"pids":[3],"leader":2},
{"in":1,"pids":[1,4],"parent":2,"pending":[10]},
{"in":1,"pids":[2,5],"parent":4},
{"pids":[6],"parent":1,"state":"zombie","status":7}]}
`
		if got := text(w, w.checkpoint(ns)); got != want {
			t.Errorf("it reads\n%s\nwant\n%s", got, want)
		}
	})
}

// Children whose births Enter has moved are born there in the copy too; where
// that namespace has ended, nobody is.
func TestCheckpointBirths(t *testing.T) {
	everyRegistry(t, func(w *world) {
		ns, reaper := w.space(w.init)
		stays, _ := w.space(reaper)
		goes, first := w.space(reaper)
		deeper, second := w.space(first)
		by := []Task{w.fork(reaper), w.fork(reaper), w.fork(reaper), w.fork(reaper)}
		for i, into := range []*Namespace{stays, goes, deeper, deeper} {
			w.ok(by[i].Enter(into))
		}
		w.ok(second.Exit(0))
		w.ok(first.Exit(0))
		w.reaps(reaper, w.pid(first, ns), 0)
		w.freeze(ns)
		copied := w.restored(w.init, w.checkpoint(ns))
		if got, want := text(w, w.checkpoint(copied)), text(w, w.checkpoint(ns)); got != want {
			w.Errorf("made again, it is another:\n%s%s", want, got)
		}
		w.ok(copied.Thaw())
		w.ok(ns.Thaw())
		for i, task := range by {
			again, _ := copied.Task(w.pid(task, ns))
			for _, task := range []Task{task, again} {
				child, err := task.Fork()
				if i > 0 {
					w.fails(err, alloc.ErrTerminating)
				} else if err != nil || child.PID() != 2 {
					w.Errorf("born as %d, %v", child.PID(), err)
				}
			}
		}
	})
}

// A reaper that waits for its namespace to empty waits in the copy too, and a
// sweep that its exit has started ends whom it had not come to.
func TestCheckpointExitingReaper(t *testing.T) {
	everyRegistry(t, func(w *world) {
		ns, outer := w.space(w.init)
		inner, reaper := w.space(outer)
		_, third := w.space(reaper)
		w.fork(reaper)
		held := w.hold(w.fork(third))
		w.freeze(ns)

		var after aftermath
		w.root.host.lock()
		w.ok(reaper.exitLocked(5, false, &after))
		w.root.host.unlock()
		before := w.checkpoint(ns)
		w.root.host.finish(&after)
		if !held.is(syscall.SIGSTOP, syscall.SIGKILL) || inner.Len() != 3 {
			w.Fatalf("told %v, %d are left", held.sigs, inner.Len())
		}
		for _, snap := range []*Snapshot{before, w.checkpoint(ns)} {
			copied := w.restored(w.init, snap)
			w.check()
			if got, want := text(w, w.checkpoint(copied)), text(w, snap); got != want {
				w.Errorf("made again, it is another:\n%s%s", want, got)
			}
			w.ok(copied.Thaw())
			w.reaps(copied.Reaper(), 2, 5)
			w.check()
		}
	})
}

// A namespace below that is frozen itself stays so, as often.
func TestCheckpointNestedFreeze(t *testing.T) {
	everyRegistry(t, func(w *world) {
		ns, reaper := w.space(w.init)
		inner, _ := w.space(reaper)
		w.freeze(inner)
		w.freeze(inner)
		w.freeze(ns)
		snap := w.checkpoint(ns)
		copied := w.restored(w.init, snap)
		below, _ := copied.Task(2)
		w.ok(below.Signal(syscall.SIGUSR1))
		w.ok(copied.Thaw())
		fork := start(func() error { _, err := below.Fork(); return err })
		for range 2 {
			if !fork.waits() || below.Pending() == nil {
				w.Error("not frozen as often as it was")
			}
			w.ok(below.Namespace().Thaw())
		}
		w.ok(<-fork)
		w.fails(below.Namespace().Thaw(), ErrNotFrozen)
		if below.Pending() != nil {
			w.Error("a signal still pends")
		}
	})
}

// What Config names by default, or twice, or in another order, is one snapshot.
func TestCheckpointConfig(t *testing.T) {
	lists := []Sweep{Global, List, List}
	root, err := New(Config{Lists: lists})
	if err != nil {
		t.Fatal(err)
	}
	lists[1] = "changed meanwhile"
	w := &world{T: t, root: root, sweep: Walk}
	w.freeze(root)
	n := w.checkpoint(root).Namespaces[0]
	if n.Registry != TreeTable || n.Max != alloc.DefaultMax || n.Reserved != alloc.DefaultReserved || !slices.Equal(n.Lists, []Sweep{List, Global}) {
		t.Errorf("%+v", n)
	}
}

// A hundred thousand tasks are a few megabytes and make the way there and back.
func TestCheckpointMany(t *testing.T) {
	for i, registry := range registries {
		n := 10_000
		if i == 0 && !raced {
			n = 100_000
		}
		root, err := New(Config{Registry: registry, Limits: alloc.Limits{Max: alloc.PIDMaxLimit}})
		if err != nil {
			t.Fatal(err)
		}
		w := &world{T: t, root: root, init: root.Reaper(), sweep: Batch}
		for i, parent := 0, w.init; i < n; i++ {
			child := w.fork(parent)
			if parent = w.init; i%10 < 5 {
				parent = child
			}
		}
		w.freeze(root)
		written := text(w, w.checkpoint(root))
		if got := float64(len(written)) / float64(n); got > 40 {
			t.Errorf("%.1f bytes a task", got)
		}
		copied := w.restored(Task{}, read(w, written))
		if text(w, w.checkpoint(copied)) != written {
			t.Error("made again, it is another")
		}
	}
}
