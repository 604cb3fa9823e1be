package peers

import (
	"fmt"
	"sync"
	"testing"

	"example.com/pidmap/alloc"
	"example.com/pidmap/alloc/bitsetmap"
)

// team is a number of goroutines that churn one map, each with pids of its own.
type team struct {
	name    string
	workers int
	make    func(c *census) (func() side, error) // a map, and a worker's way to it
}

var teams = []team{
	{"one+harness", 1, teamHarness},
	{"one+shared", 1, teamShared(nil)},
	{"one+sharded", 1, teamSharded},
	{"one+local", 1, teamLocal},
	{"two+harness", 2, teamHarness},
	{"two+shared", 2, teamShared(nil)},
	{"two+sharded", 2, teamSharded},
	{"two+local", 2, teamLocal},
	{"two+bitset", 2, teamShared(bitsetmap.New)},
	{"two+channel", 2, teamChannel},
}

// pairs is how many pairs each worker does in one go: much longer than it takes
// to start it.
const pairs = 1 << 15

// BenchmarkPair is Churn in one goroutine and in two: wall time a pair, so that
// half of the one's is twice the throughput. A worker holds half of the pids
// in use, in one goroutine too.
func BenchmarkPair(b *testing.B) {
	for _, size := range sizes {
		if size.name != "1M" && !opened("max") {
			continue
		}
		for _, load := range loads {
			if load.name != "50" && !opened("fill") {
				continue
			}
			for _, t := range inTurn(teams) {
				b.Run(fmt.Sprintf("max=%s/fill=%s/impl=%s", size.name, load.name, t.name), func(b *testing.B) {
					benchTeam(b, t, takeCensus(size.max, load.held(size.max-1)))
				})
			}
		}
	}
}

func benchTeam(b *testing.B, t team, c *census) {
	join, err := t.make(c)
	if err != nil {
		b.Fatal(err)
	}
	var sides []side
	var hands []*held
	for i := range t.workers {
		half := len(c.held) / 2
		h := &held{pids: append([]int32(nil), c.held[i*half:(i+1)*half]...), n: pairs, rng: rng(i)}
		sides, hands = append(sides, join()), append(hands, h)
	}
	churnAll(sides, hands)
	if err := c.disjoint(hands); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		churnAll(sides, hands)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(t.workers*pairs), "ns/pair")
	if err := c.disjoint(hands); err != nil {
		b.Fatal(err)
	}
}

func churnAll(sides []side, hands []*held) {
	var wg sync.WaitGroup
	for i := range sides {
		wg.Go(func() { sides[i].churn(hands[i]) })
	}
	wg.Wait()
}

// disjoint tells whether no two workers hold the same pid, nor one that nobody
// released.
func (c *census) disjoint(hands []*held) error {
	var all []int32
	for _, h := range hands {
		all = append(all, h.pids...)
	}
	all = append(all, c.held[len(hands)*(len(c.held)/2):]...)
	return distinct(c.max, all...)
}

// teamHarness is a harness for each worker.
func teamHarness(*census) (func() side, error) {
	return func() side { return &harness{} }, nil
}

func teamShared(f alloc.Factory) func(c *census) (func() side, error) {
	return func(c *census) (func() side, error) {
		m, err := alloc.NewShared(c.limits(), f)
		if err != nil {
			return nil, err
		}
		return func() side { return shared{m} }, occupy(m, c)
	}
}

func teamSharded(c *census) (func() side, error) {
	s, err := newSharded(c)
	return func() side { return s }, err
}

func teamLocal(c *census) (func() side, error) {
	m, err := alloc.NewSharded(c.limits(), 0, nil)
	if err != nil {
		return nil, err
	}
	return func() side { return local{m.Local()} }, occupy(m, c)
}

func teamChannel(c *census) (func() side, error) {
	s, err := newQueue(c)
	return func() side { return s }, err
}
