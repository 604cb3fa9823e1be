package pidns

import (
	"math"
	"math/rand/v2"
	"testing"
)

// clan is a namespace whose parents are written down beside it.
type clan struct {
	*world
	ns     *Namespace
	alive  []Task        // the reaper first
	parent map[Task]Task // of those alive
	sub    map[Task]bool
}

func (w *world) clan() *clan {
	ns, reaper := w.space(w.init)
	return &clan{w, ns, []Task{reaper}, map[Task]Task{}, map[Task]bool{}}
}

func (c *clan) born(parent Task) Task {
	child := c.fork(parent)
	c.alive = append(c.alive, child)
	c.parent[child] = parent
	return child
}

func (c *clan) change(task Task, on bool) {
	c.Helper()
	c.ok(task.SetSubreaper(on))
	c.sub[task] = on
}

// heir goes from parent to parent.
func (c *clan) heir(task Task) Task {
	for up := c.parent[task]; up != c.alive[0]; up = c.parent[up] {
		if c.sub[up] {
			return up
		}
	}
	return c.alive[0]
}

// dies ends the i-th who is alive, and holds everybody's parent against what is
// written down.
func (c *clan) dies(i int) {
	c.Helper()
	task, heir := c.alive[i], c.heir(c.alive[i])
	c.ok(task.Exit(0))
	c.alive = append(c.alive[:i], c.alive[i+1:]...)
	for child, parent := range c.parent {
		if parent == task {
			c.parent[child] = heir
		}
	}
	delete(c.parent, task)
	delete(c.sub, task)
	for child, want := range c.parent {
		if got, ok := child.Parent(); !ok || got != want {
			c.Fatalf("%v has died; the parent of %v is %v, want %v", task, child, got, want)
		}
	}
}

// Whoever becomes a subreaper, is one no more, or dies as one, with or without
// children, above and below others: orphans go to the nearest one. A copy goes
// on alike.
func TestSubreapersChange(t *testing.T) {
	everyRegistry(t, func(w *world) {
		seed := drawSeed(w)
		for round := range rounds(12) {
			r := rand.New(rand.NewPCG(seed, uint64(round)))
			c := w.clan()
			for range 120 {
				who := c.alive[max(0, len(c.alive)-1-r.IntN(8))] // deep rather than wide
				switch n := r.IntN(10); {
				case n < 5:
					c.born(who)
				case n < 8:
					c.change(c.alive[r.IntN(len(c.alive))], n < 7)
				case len(c.alive) > 1:
					c.dies(1 + r.IntN(len(c.alive)-1))
				}
			}
			c.check()
			c.freeze(c.ns)
			copied := c.restored(c.init, c.checkpoint(c.ns))
			c.ok(copied.Thaw())
			c.ok(c.ns.Thaw())
			for len(c.alive) > 1 {
				i := 1 + r.IntN(len(c.alive)-1)
				again, _ := copied.Task(c.alive[i].PID())
				c.ok(again.Exit(0))
				c.dies(i)
				for child, parent := range c.parent {
					again, _ := copied.Task(child.PID())
					if got, ok := again.Parent(); !ok || got.PID() != parent.PID() {
						c.Fatalf("round %d: in the copy the parent of %d is %d, want %d", round, child.PID(), got.PID(), parent.PID())
					}
				}
			}
			c.check()
			if c.ns.subreapers > 1 || copied.subreapers != c.ns.subreapers {
				c.Errorf("round %d: %d subreapers, in the copy %d, and all but the reaper are dead", round, c.ns.subreapers, copied.subreapers)
			}
			c.zap(c.ns)
			c.zap(copied)
		}
	})
}

// A subreaper that asks to be none while it has no living child changes nobody's
// heir, also where it has inherited a family that knew it as one.
func TestSubreaperOfNobody(t *testing.T) {
	everyRegistry(t, func(w *world) {
		far := w.fork(w.init)
		near := w.fork(far)
		w.ok(far.SetSubreaper(true))
		w.ok(near.SetSubreaper(true))
		parent := w.fork(near)
		child := w.fork(parent)
		w.fork(child)
		for range 9 {
			w.fork(parent)
		}
		w.ok(child.Exit(0))  // parent's family learns that near would have it
		w.ok(parent.Exit(0)) // and near has it, as the top, being the larger
		for _, task := range w.root.Tasks() {
			if up, _ := task.Parent(); up == near {
				_ = task.Exit(0) // a zombie's fails
			}
		}
		heirs := w.root.heirs
		w.ok(near.SetSubreaper(false))
		child = w.fork(w.fork(near))
		orphan := w.fork(child)
		w.ok(child.Exit(0))
		if up, _ := orphan.Parent(); up != far || w.root.heirs != heirs {
			w.Errorf("the parent is %v, want %v; heirs have changed %d times", up, far, w.root.heirs-heirs)
		}
	})
}

// steps is how many families the exit of a process has to look at for its heir.
func (h *host) steps(t Task) int {
	h.lock()
	defer h.unlock()
	r := t.record()
	ns := h.spaces[r.space]
	if ns.subreapers == 0 {
		return 0
	}
	_, end := h.nearest(ns, r.family)
	n := 1
	for f := h.families.top(r.family); f != end; n++ {
		f = h.families.top(h.slab.at(f.owner).family)
	}
	return n
}

// A subreaper costs exits a step for each process that has children, once,
// whether they are below it or not, and however deep; and nothing any more once
// it is none.
func TestSubreapersAreFoundOnce(t *testing.T) {
	everyRegistry(t, func(w *world) {
		const n = 1200
		h := w.root.host
		chains := map[string][]Task{}
		for _, name := range []string{"below", "beside", "before"} {
			parent := w.init
			for range n {
				parent = w.fork(parent)
				chains[name] = append(chains[name], parent)
			}
		}
		w.ok(chains["before"][0].SetSubreaper(true))
		w.ok(chains["before"][0].SetSubreaper(false))
		end := func(name string, most int) {
			steps, chain := 0, chains[name]
			for i := n - 2; i > 0; i-- { // each has a child, and the chain above it
				steps += h.steps(chain[i])
				w.ok(chain[i].Exit(0))
			}
			if steps > most {
				w.Errorf("%s: %d steps for the heirs of %d, want %d at most", name, steps, n-2, most)
			}
		}
		end("before", 0)
		for i, f := range h.families.all {
			if f.asked != 0 {
				w.Fatalf("family %d has asked for an heir, with no subreaper anywhere", i)
			}
		}
		w.ok(chains["below"][0].SetSubreaper(true))
		end("below", 2*n)
		end("beside", 2*n)
		childless := w.fork(chains["below"][0])
		heirs := w.root.heirs
		w.ok(childless.SetSubreaper(true))
		w.ok(childless.Exit(0))
		w.ok(chains["below"][0].Exit(0))
		if w.root.heirs != heirs+1 || w.root.subreapers != 0 {
			w.Errorf("heirs have changed %d times, want once; %d subreapers are left", w.root.heirs-heirs, w.root.subreapers)
		}
	})
}

// When the count of changes begins again, no answer from the first time round is
// believed.
func TestSubreaperCountWraps(t *testing.T) {
	everyRegistry(t, func(w *world) {
		far := w.fork(w.init)
		near := w.fork(far)
		parent := w.fork(near)
		child := w.fork(parent)
		orphan := w.fork(child)
		w.fork(orphan)
		w.ok(far.SetSubreaper(true))
		w.ok(orphan.Exit(0)) // asks, and leaves far with the families above
		h := w.root.host
		asked := h.families.all[h.slab.at(parent.slot).kids].asked
		if asked != w.root.heirs {
			w.Fatalf("what was found at count %d was left at %d", w.root.heirs, asked)
		}
		w.root.heirs = math.MaxUint32
		w.ok(far.SetSubreaper(false))
		w.ok(near.SetSubreaper(true))
		if w.root.heirs != asked {
			w.Fatalf("the count is %d, want %d again", w.root.heirs, asked)
		}
		w.check()
		orphan = w.fork(child)
		w.ok(child.Exit(0))
		if p, _ := orphan.Parent(); p != near {
			w.Errorf("the parent is %v, want %v", p, near)
		}
	})
}
