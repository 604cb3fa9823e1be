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

// density is which of 1M pids are in use.
type density struct {
	name string
	used func(rng *rand.Rand, limit alloc.PID) []alloc.PID
}

var scattered = []density{
	{"100", oneIn(1)}, {"10", oneIn(10)}, {"1", oneIn(100)}, {"0.01", oneIn(10_000)},
	{"clustered", inRuns},
}

// oneIn takes one pid in n, at random.
func oneIn(n int) func(*rand.Rand, alloc.PID) []alloc.PID {
	return func(rng *rand.Rand, limit alloc.PID) (pids []alloc.PID) {
		for pid := alloc.PID(1); pid < limit; pid++ {
			if rng.IntN(n) == 0 {
				pids = append(pids, pid)
			}
		}
		return pids
	}
}

// inRuns takes runs of 1 to 1,024 pids with gaps of 1 to 1,024 between.
func inRuns(rng *rand.Rand, limit alloc.PID) (pids []alloc.PID) {
	for pid := alloc.PID(1); pid < limit; pid += 1 + alloc.PID(rng.IntN(1024)) {
		for end := min(pid+1+alloc.PID(rng.IntN(1024)), limit); pid < end; pid++ {
			pids = append(pids, pid)
		}
	}
	return pids
}

// BenchmarkNext walks 1M pids by Next.
func BenchmarkNext(b *testing.B) {
	overDensities(b, func(b *testing.B, set alloc.Backend, want []alloc.PID) {
		visited := 0
		for b.Loop() {
			for pid, ok := set.Next(0); ok; pid, ok = set.Next(pid) {
				visited++
			}
		}
		reportVisited(b, visited, want)
	})
}

// overDensities runs f for each backend and density, with a set that a walk has
// found right.
func overDensities(b *testing.B, f func(b *testing.B, set alloc.Backend, want []alloc.PID)) {
	for _, density := range scattered {
		for _, backend := range inTurn(backends.All()) {
			b.Run(named("backend", backend.Name, "density", density.name), func(b *testing.B) {
				set, want, err := density.scatter(backend.New, 1<<20)
				if err != nil {
					b.Fatal(err)
				}
				if got := slices.Collect(nextpidmap.All(set)); !slices.Equal(got, want) {
					b.Fatalf("the walk saw %d pids, want %d, or others", len(got), len(want))
				}
				f(b, set, want)
			})
		}
	}
}

func reportVisited(b *testing.B, visited int, want []alloc.PID) {
	if visited != b.N*len(want) {
		b.Fatalf("%d walks visited %d pids, want %d", b.N, visited, b.N*len(want))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(visited), "ns/pid")
	b.ReportMetric(float64(len(want)), "visited")
}

// scatter makes a set of the pids in use, and gives them in order.
func (d density) scatter(f alloc.Factory, limit alloc.PID) (alloc.Backend, []alloc.PID, error) {
	set, err := f(alloc.Limits{Max: limit, Reserved: 1})
	if err != nil {
		return nil, nil, err
	}
	pids := d.used(rand.New(rand.NewPCG(3, 3)), limit)
	for _, pid := range pids {
		if !set.Take(pid) {
			return nil, nil, fmt.Errorf("pid %d of an empty set is in use", pid)
		}
	}
	return set, pids, nil
}
