package pidns

import (
	"math/rand/v2"
	"testing"
)

// Children handed on and on, many to few and few to many, find their parent, are
// waited for by it, and leave nothing behind.
func TestFamilies(t *testing.T) {
	everyRegistry(t, func(w *world) {
		seed := drawSeed(w)
		for round := range rounds(20) {
			r := rand.New(rand.NewPCG(seed, uint64(round)))
			ns, reaper := w.space(w.init)
			tasks := []Task{reaper}
			for range 150 {
				tasks = append(tasks, w.fork(tasks[r.IntN(len(tasks))]))
			}
			sub := tasks[1+r.IntN(20)]
			w.ok(sub.SetSubreaper(true))
			for _, i := range r.Perm(len(tasks))[:100] {
				if task := tasks[i]; task != reaper && task != sub {
					w.ok(task.Exit(i % 7))
				}
			}
			w.check()
			parents := 0
			for _, task := range ns.Tasks() {
				if p, ok := task.Parent(); !ok || gone(p) || dead(p) {
					w.Fatalf("round %d: pid %d has no parent that lives", round, task.PID())
				}
				parents++
			}
			for _, by := range []Task{sub, reaper} {
				for err := error(nil); err == nil; {
					_, _, err = by.Wait(ended)
				}
			}
			if ns.Len() >= parents {
				w.Errorf("round %d: %d tasks, and there were %d", round, ns.Len(), parents)
			}
			w.check()
			w.zap(ns)
			w.ok(reaper.Exit(0))
			_, _, err := w.init.Wait(ended)
			w.ok(err)
			if f := &w.root.host.families; len(f.all)-len(f.spare) != 2 {
				w.Errorf("round %d: %d families for the root's reaper alone", round, len(f.all)-len(f.spare)-1)
			}
		}
	})
}

// Only the way up to the top is walked: it is no longer than the logarithm of
// the families that were merged, whoever inherits from whom.
func TestFamiliesAreShallow(t *testing.T) {
	f := &families{}
	const n = 1 << 12
	records := make([]record, n+1)
	for i := 1; i <= n; i++ {
		own := f.own(uint32(i), &records[i])
		own.refs++ // somebody who stays
	}
	r := rand.New(rand.NewPCG(1, 2))
	alive := r.Perm(n)
	for len(alive) > 1 {
		i, j := r.IntN(len(alive)), r.IntN(len(alive)-1)
		if j >= i {
			j++
		}
		f.merge(records[alive[i]+1].kids, uint32(alive[j]+1), &records[alive[j]+1])
		alive[i] = alive[len(alive)-1]
		alive = alive[:len(alive)-1]
	}
	deepest := 0
	for i := range f.all[1:] {
		depth := 0
		for at := uint32(i + 1); f.all[at].up != 0; at = f.all[at].up {
			depth++
		}
		deepest = max(deepest, depth)
	}
	if deepest > 12 || f.top(1).owner != uint32(alive[0]+1) {
		t.Errorf("%d families are %d deep under %d", n, deepest, f.top(1).owner)
	}
}
