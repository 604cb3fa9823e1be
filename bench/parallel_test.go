package bench

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"example.com/pidmap/alloc"
	"example.com/pidmap/alloc/backends"
)

var goroutines = axis{"goroutines", []string{"1", "2"}, []string{"1", "2", "4", "8"}}

// concurrent are the allocators safe for concurrent use; a worker of
// sharded+local has a shard of its own.
func concurrent() []backends.Allocator {
	as := slices.DeleteFunc(backends.Allocators(), func(a backends.Allocator) bool {
		return a.Name != "sharded" && !strings.HasSuffix(a.Name, "+shared")
	})
	return append(as, backends.Allocator{Name: "sharded+local", New: func(l alloc.Limits) (alloc.Allocator, error) {
		return alloc.NewSharded(l, 0, nil)
	}})
}

// rounds is how many pairs a worker does in one go: much longer than it takes
// to start it.
const rounds = 1 << 15

// BenchmarkPair releases a random pid and allocates one, in several goroutines
// at once, in a map of which half of the pids are in use: wall time a pair.
func BenchmarkPair(b *testing.B) {
	for _, n := range goroutines.values() {
		for _, a := range inTurn(concurrent()) {
			b.Run(named("allocator", a.Name, "max", "1M", "fill", "50", "goroutines", n), func(b *testing.B) {
				workers, err := number(n)
				if err != nil {
					b.Fatal(err)
				}
				benchPair(b, a, workers)
			})
		}
	}
}

func benchPair(b *testing.B, a backends.Allocator, workers int) {
	m, err := a.New(alloc.Limits{Max: maxima["1M"], Reserved: 1})
	if err != nil {
		b.Fatal(err)
	}
	pids, err := occupy(m, int(maxima["1M"])/2, rand.New(rand.NewPCG(6, 6)))
	if err != nil {
		b.Fatal(err)
	}
	team := make([]*worker, workers)
	share := len(pids) / max(workers, 2) // in one goroutine as many as in two
	for i := range team {
		way := m
		if s, ok := m.(*alloc.Sharded); ok && a.Name == "sharded+local" {
			way = s.Local()
		}
		// Its own copy: no cache line with the next worker's.
		team[i] = &worker{way, slices.Clone(pids[i*share : (i+1)*share]), rand.New(rand.NewPCG(7, uint64(i)))}
	}
	for b.Loop() {
		if err := together(team); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(workers*rounds), "ns/pair")
	all := slices.Clone(pids[workers*share:])
	for _, w := range team {
		all = append(all, w.pids...)
	}
	if err := distinct(m, all); err != nil {
		b.Fatal(err)
	}
}

// worker is one goroutine's way to a map, and its pids.
type worker struct {
	m    alloc.Allocator
	pids []alloc.PID
	rng  *rand.Rand
}

func (w *worker) churn() error {
	for range rounds {
		i := w.rng.IntN(len(w.pids))
		if err := w.m.Free(w.pids[i]); err != nil {
			return err
		}
		pid, err := w.m.Alloc()
		if err != nil {
			return err
		}
		w.pids[i] = pid
	}
	return nil
}

// together runs the workers at the same time and waits for all.
func together(team []*worker) error {
	errs := make([]error, len(team))
	var wg sync.WaitGroup
	for i, w := range team {
		wg.Go(func() { errs[i] = w.churn() })
	}
	wg.Wait()
	return errors.Join(errs...)
}
