package pidns

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"example.com/pidmap/alloc"
)

// What every rule is tested on: each registry with each sweep.
var (
	registries = []string{TreeTable, TreeHash, PagedHash, IDR, Table}
	sweeps     = []Sweep{Walk, Batch, Parallel, List, Array, Leaders, Global}
)

// keepAll is Config.Lists with which every sweep can be had.
var keepAll = []Sweep{List, Array, Leaders, Global}

// world is a root namespace to play in.
type world struct {
	*testing.T
	cfg   Config // of the root, and for namespaces to come
	sweep Sweep
	root  *Namespace
	init  Task
}

// every runs f on every registry with every sweep, each in a bubble of its own:
// where everybody waits for somebody, the test fails at once. What the tasks
// and namespaces look like is checked at the end.
func every(t *testing.T, f func(w *world)) {
	t.Helper()
	for _, registry := range registries {
		for _, sweep := range sweeps {
			t.Run(fmt.Sprintf("registry=%s/sweep=%s", registry, sweep), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { f(newWorld(t, registry, sweep)) })
			})
		}
	}
}

// everyRegistry is every where no sweep is involved.
func everyRegistry(t *testing.T, f func(w *world)) {
	t.Helper()
	for _, registry := range registries {
		t.Run("registry="+registry, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { f(newWorld(t, registry, Walk)) })
		})
	}
}

func newWorld(t *testing.T, registry string, sweep Sweep) *world {
	t.Helper()
	w := bareWorld(t, registry, sweep)
	t.Cleanup(w.check)
	return w
}

// bareWorld is newWorld for what may go wrong: nobody checks it at the end.
func bareWorld(t *testing.T, registry string, sweep Sweep) *world {
	t.Helper()
	w := &world{T: t, cfg: Config{Registry: registry, Lists: keepAll, Limits: alloc.Limits{Max: 4096}}, sweep: sweep}
	root, err := New(w.cfg)
	if err != nil {
		t.Fatalf("New(%+v): %v", w.cfg, err)
	}
	w.root, w.init = root, root.Reaper()
	return w
}

// cyclic tells whether numbers are handed out in a circle; else those that have
// been free for longest come first.
func (w *world) cyclic() bool { return w.cfg.Registry != Table }

// check looks for anything that is not as it must be.
func (w *world) check() {
	w.Helper()
	if err := w.root.host.verifyNow(); err != nil {
		w.Error(err)
	}
}

// must gives what has been made without an error.
func (w *world) must(task Task, err error) Task {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
	return task
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) fails(err, want error) {
	w.Helper()
	if !errors.Is(err, want) {
		w.Errorf("error %v, want %v", err, want)
	}
}

func (w *world) fork(by Task) Task   { w.Helper(); return w.must(by.Fork()) }
func (w *world) thread(by Task) Task { w.Helper(); return w.must(by.Thread()) }

// space makes a namespace below a task's and gives it with its reaper.
func (w *world) space(by Task) (*Namespace, Task) {
	w.Helper()
	reaper := w.must(by.ForkNamespace(w.cfg))
	return reaper.Namespace(), reaper
}

// pid is what a task is in ns.
func (w *world) pid(task Task, ns *Namespace) alloc.PID {
	w.Helper()
	pid, ok := task.PIDIn(ns)
	if !ok {
		w.Fatalf("task %+v has no number at level %d", task, ns.Level())
	}
	return pid
}

// reaps waits for a child that is dead already, and wants it to be that one.
func (w *world) reaps(parent Task, pid alloc.PID, status int) {
	w.Helper()
	got, st, err := parent.Wait(ended)
	if err != nil || got != pid || st != status {
		w.Errorf("Wait gives pid %d, status %d, error %v; want pid %d, status %d", got, st, err, pid, status)
	}
}

// ended is a context that waits for nothing.
var ended = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// forever is a context for what must end by itself: in a bubble, the test fails
// where it does not.
var forever = context.Background()

func (w *world) zap(ns *Namespace) {
	w.Helper()
	w.ok(ns.Zap(forever, w.sweep))
}

// gone tells whether a task has been reaped.
func gone(task Task) bool { return task.PID() == 0 }

// dead tells whether a task can no longer act.
func dead(task Task) bool {
	task.host.mu.Lock()
	defer task.host.mu.Unlock()
	return task.running() == nil
}

// hold puts a program behind a task that remembers what it is told and does
// nothing else: the task does not go until it is told to Exit.
func (w *world) hold(task Task) *told {
	w.Helper()
	p := &told{}
	w.ok(task.OnSignal(p.hook))
	return p
}

// unchanged runs f, which is to fail, and wants everything as it was before, and
// found by the world's sweep.
func (w *world) unchanged(f func()) {
	w.Helper()
	before := w.root.host.dump()
	f()
	if after := w.root.host.dump(); after != before {
		w.Errorf("something has changed; before:\n%s\nafter:\n%s", before, after)
	}
	w.swept()
	w.check()
}

// dump writes down all that a host holds, but for the order of spare slots.
func (h *host) dump() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var b strings.Builder
	fmt.Fprintf(&b, "hooks %d waiters %d births %d all %d keepAll %t\n", len(h.hooks), len(h.waiters), len(h.births), h.all, h.keepAll)
	for id, ns := range h.spaces {
		if ns == nil {
			continue
		}
		fmt.Fprintf(&b, "namespace %d level %d last %d len %d tasks %d shut %t list %d leaders %d array %d:", id, ns.level,
			ns.pids.Last(), ns.pids.Len(), ns.tasks, ns.pids.Terminating(), ns.list, ns.leaders, ns.array)
		for pid, ok := ns.pids.Next(0); ok; pid, ok = ns.pids.Next(pid) {
			fmt.Fprintf(&b, " %d→%d", pid, ns.index.load(pid))
		}
		fmt.Fprintf(&b, " queue %d\n", ns.waiting())
	}
	for slot := uint32(1); slot < h.slab.next; slot++ {
		r := h.slab.at(slot)
		if r.state == free {
			continue
		}
		fmt.Fprintf(&b, "slot %d: word %x state %d flags %b leader %d parent %d threads %d peers %v own %+v\n", slot,
			r.word, r.state, r.flags, r.leader, h.parentOf(r), r.threads, r.peers, own(r.own))
		if r.kids != 0 {
			f := h.families.all[r.kids]
			fmt.Fprintf(&b, "  %d children live, %d to %d are to be reaped\n", f.live, f.first, f.last)
		}
		if h.slab.extraStride != 0 {
			fmt.Fprintf(&b, "  beside: %+v\n", beside(*h.slab.extra(slot)))
		}
		for level := range int(r.level) {
			fmt.Fprintf(&b, "  level %d: %+v\n", level, own(*h.number(r, level)))
			if h.slab.extraStride != 0 {
				fmt.Fprintf(&b, "  beside: %+v\n", beside(*h.extra(slot, r, level)))
			}
		}
	}
	return b.String()
}

// waiting is the queue of free numbers of a first-in-first-out registry, also
// behind a gate that a test has opened again.
func (ns *Namespace) waiting() [][2]alloc.PID {
	defer func(was alloc.Allocator) { ns.pids = was }(ns.pids)
	if gate, ok := ns.pids.(open); ok {
		ns.pids = gate.Allocator
	}
	return ns.queue()
}

// own leaves the chain out: where a hash grows, its chains are made anew.
func own(n number) number { n.chain = 0; return n }

// beside leaves out the place in an array of whoever is in none.
func beside(x extra) extra {
	if x.leaders == (link{}) && x.all == (link{}) {
		x.at = 0
	}
	return x
}
