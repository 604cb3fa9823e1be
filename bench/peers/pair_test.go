package peers

import (
	"fmt"
	"testing"
	"time"

	"example.com/pidmap/alloc"
	"example.com/pidmap/alloc/bitsetmap"
)

// team is a number of goroutines that churn, each with pids of its own.
type team struct {
	name    string
	workers int
	make    func(c *census) (func() (side, error), error) // a map, and a worker's way to it
	apart   bool                                          // each worker has a map of its own
	sorts   bool                                          // the map gives each worker pids of its own part
}

// teams: shared, sharded and local are one map for all. apart is a map and a
// lock for each worker, and unlocked the same without the lock: two goroutines
// there share nothing, so two+apart against one+shared is what the machine gives
// to any allocator with a lock.
var teams = []team{
	{name: "one+harness", workers: 1, make: teamHarness},
	{name: "one+unlocked", workers: 1, make: teamUnlocked, apart: true},
	{name: "one+shared", workers: 1, make: teamShared(nil)},
	{name: "one+sharded", workers: 1, make: teamSharded, sorts: true},
	{name: "one+local", workers: 1, make: teamLocal, sorts: true},
	{name: "two+harness", workers: 2, make: teamHarness},
	{name: "two+unlocked", workers: 2, make: teamUnlocked, apart: true},
	{name: "two+apart", workers: 2, make: teamApart, apart: true},
	{name: "two+shared", workers: 2, make: teamShared(nil)},
	{name: "two+sharded", workers: 2, make: teamSharded, sorts: true},
	{name: "two+local", workers: 2, make: teamLocal, sorts: true},
	{name: "two+bitset", workers: 2, make: teamShared(bitsetmap.New)},
	{name: "two+channel", workers: 2, make: teamChannel},
}

// BenchmarkPair is Churn in one goroutine and in two: wall time a pair, so that
// half of the one's is twice the throughput. A worker holds half of the pids in
// use, in one goroutine too. Workers live as long as the benchmark, begin each
// go together, and a go is timed from there to the end of the last.
//
// This is the steady state: each worker has released what it was given to begin
// with, of whichever shard, and holds what it has allocated by itself. PairMixed
// is what comes before, and what stays where pids are released by others than
// those who allocated them.
func BenchmarkPair(b *testing.B) { benchTeams(b, settled) }

// BenchmarkPairMixed is Pair of workers that hold pids of all: before each go
// they exchange a random half of what they hold, unseen by the clock, and a go
// replaces an eighth. So nearly half of all pids are released by another
// than the one that allocated them. A worker alone has nobody to exchange with.
func BenchmarkPairMixed(b *testing.B) { benchTeams(b, mixed) }

// A setting is what happens to a crew before it is timed, and before each go.
type setting struct {
	before, between func(t team, w *crew)
	pairs           func(slots int) int // of a worker in one go
}

var (
	settled = setting{
		before: func(t team, w *crew) {
			for left := laps * len(w.hands[0].pids); t.sorts && left > 0; left -= w.hands[0].n {
				w.churn()
			}
		},
		between: func(team, *crew) {},
		pairs:   func(int) int { return 1 << 18 }, // milliseconds
	}
	mixed = setting{
		before: func(team, *crew) {},
		between: func(t team, w *crew) {
			if t.workers == 2 && !t.apart {
				w.exchange()
			}
		},
		pairs: func(slots int) int { return max(slots/8, 1) },
	}
)

// laps is how often a settled worker has replaced every pid, on average: 0.03%
// are still those that it was given.
const laps = 8

func benchTeams(b *testing.B, how setting) {
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
					benchTeam(b, t, how, takeCensus(size.max, load.held(size.max-1)))
				})
			}
		}
	}
}

func benchTeam(b *testing.B, t team, how setting, c *census) {
	w, err := t.gather(c, how)
	if err != nil {
		b.Fatal(err)
	}
	defer w.dismiss()
	how.before(t, w)
	how.between(t, w)
	w.churn()
	if err := t.disjoint(c, w.hands); err != nil {
		b.Fatal(err)
	}
	var took time.Duration
	for b.Loop() {
		b.StopTimer()
		how.between(t, w)
		b.StartTimer()
		took += w.churn()
	}
	b.ReportMetric(float64(took.Nanoseconds())/float64(b.N)/float64(t.workers*w.hands[0].n), "ns/pair")
	if err := t.disjoint(c, w.hands); err != nil {
		b.Fatal(err)
	}
}

// gather makes a map and the workers on it.
func (t team) gather(c *census, how setting) (*crew, error) {
	join, err := t.make(c)
	if err != nil {
		return nil, err
	}
	var sides []side
	var hands []*held
	for i := range t.workers {
		s, err := join()
		if err != nil {
			return nil, err
		}
		half := len(c.held) / 2
		pids := append([]int32(nil), c.held[i*half:(i+1)*half]...)
		h := &padded[held]{v: held{pids: pids, n: how.pairs(half), rng: rng(i)}}
		sides, hands = append(sides, s), append(hands, &h.v)
	}
	return newCrew(sides, hands), nil
}

// disjoint tells whether no two workers of a map hold the same pid, nor one that
// nobody released.
func (t team) disjoint(c *census, hands []*held) error {
	half := len(c.held) / 2
	if !t.apart {
		all := append([]int32(nil), c.held[len(hands)*half:]...)
		for _, h := range hands {
			all = append(all, h.pids...)
		}
		return distinct(c.max, all...)
	}
	for i, h := range hands {
		all := append([]int32(nil), c.held[:i*half]...)
		all = append(append(all, c.held[(i+1)*half:]...), h.pids...)
		if err := distinct(c.max, all...); err != nil {
			return err
		}
	}
	return nil
}

// teamHarness is a harness for each worker.
func teamHarness(*census) (func() (side, error), error) {
	return func() (side, error) { return &new(padded[harness]).v, nil }, nil
}

func teamUnlocked(c *census) (func() (side, error), error) {
	return afar(c, pidmap(alloc.NewTree)), nil
}

func teamApart(c *census) (func() (side, error), error) { return afar(c, newShared), nil }

// afar gives each worker a map of its own, and keeps those apart in memory: maps
// that nobody uses lie between. Without them two small structs share a cache
// line, and two+apart needs three times as long in one process of two.
func afar(c *census, f func(*census) (side, error)) func() (side, error) {
	var between []side
	return func() (side, error) {
		for range 16 {
			s, err := f(c)
			if err != nil {
				return nil, err
			}
			between = append(between, s)
		}
		return f(c)
	}
}

// everybody gives the same side to each worker.
func everybody(s side, err error) (func() (side, error), error) {
	return func() (side, error) { return s, nil }, err
}

func teamShared(f alloc.Factory) func(c *census) (func() (side, error), error) {
	return func(c *census) (func() (side, error), error) {
		m, err := alloc.NewShared(c.limits(), f)
		if err != nil {
			return nil, err
		}
		return everybody(shared{m}, occupy(m, c))
	}
}

func teamSharded(c *census) (func() (side, error), error) { return everybody(newSharded(c)) }

func teamLocal(c *census) (func() (side, error), error) {
	m, err := alloc.NewSharded(c.limits(), 0, nil)
	if err != nil {
		return nil, err
	}
	return func() (side, error) { return local{m.Local()}, nil }, occupy(m, c)
}

func teamChannel(c *census) (func() (side, error), error) { return everybody(newQueue(c)) }
