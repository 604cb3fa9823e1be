package bench

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"example.com/pidmap/alloc"
	"example.com/pidmap/alloc/backends"
	"example.com/pidmap/nextpidmap"
)

// scattered are in use of 1M pids: one pid in so many.
var scattered = []struct {
	name  string
	oneIn int
}{{"100", 1}, {"10", 10}, {"1", 100}, {"0.01", 10_000}}

// BenchmarkNext walks 1M pids by Next.
func BenchmarkNext(b *testing.B) {
	for _, density := range scattered {
		for _, backend := range backends.All() {
			b.Run(named("backend", backend.Name, "density", density.name), func(b *testing.B) {
				set, want, err := scatter(backend.New, 1<<20, density.oneIn)
				if err != nil {
					b.Fatal(err)
				}
				if got := slices.Collect(nextpidmap.All(set)); !slices.Equal(got, want) {
					b.Fatalf("the walk saw %d pids, want %d, or others", len(got), len(want))
				}
				visited := 0
				for b.Loop() {
					for pid, ok := set.Next(0); ok; pid, ok = set.Next(pid) {
						visited++
					}
				}
				if visited != b.N*len(want) {
					b.Fatalf("%d walks visited %d pids, want %d", b.N, visited, b.N*len(want))
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(visited), "ns/pid")
				b.ReportMetric(float64(len(want)), "visited")
			})
		}
	}
}

// scatter takes pids at random, one in oneIn, and gives them in order.
func scatter(f alloc.Factory, limit, oneIn int) (alloc.Backend, []alloc.PID, error) {
	set, err := f(alloc.Limits{Max: alloc.PID(limit), Reserved: 1})
	if err != nil {
		return nil, nil, err
	}
	rng := rand.New(rand.NewPCG(3, uint64(oneIn)))
	var pids []alloc.PID
	for pid := alloc.PID(1); int(pid) < limit; pid++ {
		if rng.IntN(oneIn) != 0 {
			continue
		}
		if !set.Take(pid) {
			return nil, nil, fmt.Errorf("pid %d of an empty set is in use", pid)
		}
		pids = append(pids, pid)
	}
	return set, pids, nil
}
