package pidns

import (
	"math/rand/v2"
	"reflect"
	"testing"
)

// A namespace that is taken down, written, read and made again, anywhere, is
// taken down as it was before: every registry, random trees with threads,
// zombies, namespaces below, entered children, subreapers and signals.
func TestRoundTrip(t *testing.T) {
	everyRegistry(t, func(w *world) {
		seed := drawSeed(w)
		for round := range rounds(40) {
			w := newWorld(w.T, w.cfg.Registry, Walk)
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
				host := newWorld(w.T, registries[(round+deep)%len(registries)], Walk)
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
				host.check()
			}
			w.check()
		}
	})
}

// A copy goes on as the original does: the same operations have the same
// results, numbers and errors included, and end in the same state.
func TestCopyGoesOn(t *testing.T) {
	everyRegistry(t, func(w *world) {
		seed := drawSeed(w)
		for round := range rounds(40) {
			w := newWorld(w.T, w.cfg.Registry, Walk)
			p := w.stage(seed+uint64(round), 150, w.init) // one parent outside, as in the copy
			snap := p.take()

			host := newWorld(w.T, registries[round%len(registries)], Walk)
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
			w.check()
			host.check()
		}
	})
}

func (w *world) restored(parent Task, snap *Snapshot) *Namespace {
	w.Helper()
	ns, err := Restore(parent, snap, nil)
	w.ok(err)
	return ns
}
