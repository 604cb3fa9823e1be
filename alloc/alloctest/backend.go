package alloctest

import (
	"math"
	"math/rand/v2"
	"slices"

	"example.com/pidmap/alloc"
)

// backendSuite is the contract of alloc.Backend for what new makes.
type backendSuite struct {
	new   alloc.Factory
	seed  uint64
	maxes []alloc.PID // the values of Max to try
	large alloc.PID   // one for which summaries of summaries have summaries
}

func newBackendSuite(f alloc.Factory, seed uint64) *backendSuite {
	s := &backendSuite{f, seed, maxes(), 1 << 20}
	if race {
		s.large = 20000
	}
	return s
}

func (s *backendSuite) cases() []testCase {
	return []testCase{
		{"limits/zero_means_the_defaults", s.limitsZero},
		{"limits/out_of_range_refused", s.limitsRefused},
		{"limits/largest_accepted", s.limitsLargest},
		{"new/is_empty", s.newIsEmpty},
		{"new/shares_nothing", s.newSharesNothing},
		{"take/each_pid_once", s.takeOnce},
		{"take/out_of_range_is_false", s.takeRange},
		{"take_first/smallest_free_of_the_range", s.firstSmallest},
		{"take_first/range_is_half_open", s.firstHalfOpen},
		{"take_first/odd_ranges", s.firstOdd},
		{"release/once", s.releaseOnce},
		{"release/out_of_range_is_false", s.releaseRange},
		{"next/smallest_in_use_above", s.nextAbove},
		{"next/odd_input", s.nextOdd},
		{"next_n/equals_next", s.nextNEqualsNext},
		{"next_n/stays_within_dst", s.nextNWithin},
		{"seams/fill_drain_refill", s.seamsFill},
		{"seams/one_free", s.seamsOneFree},
		{"seams/one_free_of_a_million", s.seamsMillion},
		{"seams/one_in_use", s.seamsOneInUse},
		{"seams/every_small_max", s.seamsSmall},
		{"random/programs", s.random},
	}
}

// probe is a fresh backend and the test that judges it.
type probe struct {
	t tb
	alloc.Backend
	top alloc.PID
}

// probe makes one with pids in use.
func (s *backendSuite) probe(t tb, top alloc.PID, inUse ...alloc.PID) probe {
	t.Helper()
	p := probe{t, newBackend(t, s.new, alloc.Limits{Max: top}), top}
	for _, pid := range inUse {
		p.take(pid, true)
	}
	return p
}

func (p probe) take(pid alloc.PID, want bool) {
	if got := p.Take(pid); got != want {
		p.t.Helper()
		p.t.Fatalf("Max %d: Take(%d) = %t, want %t", p.top, pid, got, want)
	}
}

func (p probe) release(pid alloc.PID, want bool) {
	if got := p.Release(pid); got != want {
		p.t.Helper()
		p.t.Fatalf("Max %d: Release(%d) = %t, want %t", p.top, pid, got, want)
	}
}

// first wants 0 where there is none.
func (p probe) first(lo, hi, want alloc.PID) {
	if got, ok := p.TakeFirst(lo, hi); ok != (want != 0) || ok && got != want {
		p.t.Helper()
		p.t.Fatalf("Max %d: TakeFirst(%d, %d) = %d, %t; want %d", p.top, lo, hi, got, ok, want)
	}
}

// next wants 0 at the end.
func (p probe) next(after, want alloc.PID) {
	if got, ok := p.Next(after); ok != (want != 0) || ok && got != want {
		p.t.Helper()
		p.t.Fatalf("Max %d: Next(%d) = %d, %t; want %d", p.top, after, got, ok, want)
	}
}

func (p probe) holds(what string, want ...alloc.PID) {
	p.t.Helper()
	sameSet(p.t, p, want, "Max %d, %s", p.top, what)
}

func (s *backendSuite) limitsZero(t tb) {
	p := probe{t, newBackend(t, s.new, alloc.Limits{}), alloc.DefaultMax}
	p.take(alloc.DefaultMax-1, true)
	p.take(alloc.DefaultMax, false)
	p.holds("zero limits", alloc.DefaultMax-1)
}

func (s *backendSuite) limitsRefused(t tb) {
	for _, l := range refusedLimits {
		b, err := s.new(l)
		refuses(t, l, b == nil, err)
	}
}

func (s *backendSuite) limitsLargest(t tb) {
	p := s.probe(t, 1<<30)
	p.first(1, 1<<30, 1)
	p.first(1, math.MaxInt32, 2)
	p.take(1<<30, false)
	p.release(1<<30-1, false)
	p.next(1<<30-1, 0)
	p.holds("two taken", 1, 2)
}

func (s *backendSuite) newIsEmpty(t tb) {
	for _, top := range s.maxes {
		p := s.probe(t, top)
		p.holds("new")
		p.release(1, false)
		p.next(math.MinInt32, 0)
		p.next(0, 0)
		p.next(math.MaxInt32, 0)
	}
}

func (s *backendSuite) newSharesNothing(t tb) {
	a, b := s.probe(t, 100, 1, 64), s.probe(t, 100, 2)
	a.holds("the first of two", 1, 64)
	b.holds("the second of two", 2)
}

func (s *backendSuite) takeOnce(t tb) {
	for _, top := range s.maxes {
		p := s.probe(t, top)
		pids := borders(top)
		for i, pid := range pids {
			p.take(pid, true)
			p.take(pid, false)
			p.holds("taken at borders", pids[:i+1]...)
		}
	}
}

func (s *backendSuite) takeRange(t tb) {
	for _, top := range s.maxes {
		p := s.probe(t, top, 1)
		for _, pid := range oddPIDs(top) {
			if pid < 1 || pid >= top {
				p.take(pid, false)
			}
		}
		p.holds("after Take of what is out of range", 1)
	}
}

func (s *backendSuite) firstSmallest(t tb) {
	p := s.probe(t, 300, 1, 2, 3, 63, 64, 65, 129, 130)
	p.first(1, 300, 4)
	p.first(1, 300, 5)
	p.first(63, 300, 66)
	p.first(129, 300, 131)
	p.first(299, 300, 299)
	p.first(299, 300, 0)
	p.release(2, true)
	p.first(1, 300, 2)
	p.holds("eight taken", 1, 2, 3, 4, 5, 63, 64, 65, 66, 129, 130, 131, 299)
}

// firstHalfOpen tries every range of a few sets.
func (s *backendSuite) firstHalfOpen(t tb) {
	const top = 67
	sets := [][]alloc.PID{nil, {1}, {63}, {64}, {65, 66}, {62, 63, 64, 65}, {1, 2, 3, 4}, upTo(64), upTo(65), upTo(top)}
	for _, inUse := range sets {
		p := s.probe(t, top, inUse...)
		for lo := alloc.PID(-2); lo <= top+2; lo++ {
			for hi := alloc.PID(-2); hi <= top+2; hi++ {
				want := alloc.PID(1)
				for ; want < top && (want < lo || slices.Contains(inUse, want)); want++ {
				}
				if want >= min(hi, top) {
					p.first(lo, hi, 0)
					continue
				}
				p.first(lo, hi, want)
				p.release(want, true)
			}
		}
		p.holds("after TakeFirst of every range, each undone", inUse...)
	}
}

func (s *backendSuite) firstOdd(t tb) {
	for _, top := range s.maxes {
		p := s.probe(t, top)
		for _, lo := range oddPIDs(top) {
			for _, hi := range oddPIDs(top) {
				from := max(lo, 1)
				if from >= min(hi, top) {
					p.first(lo, hi, 0)
					continue
				}
				p.first(lo, hi, from)
				p.release(from, true)
			}
		}
		p.holds("after TakeFirst of odd ranges, each undone")
	}
}

func (s *backendSuite) releaseOnce(t tb) {
	for _, top := range s.maxes {
		pids := borders(top)
		p := s.probe(t, top, pids...)
		for i, pid := range pids {
			p.release(pid, true)
			p.release(pid, false)
			p.holds("released at borders", pids[i+1:]...)
		}
	}
}

func (s *backendSuite) releaseRange(t tb) {
	for _, top := range s.maxes {
		p := s.probe(t, top, top-1)
		for _, pid := range oddPIDs(top) {
			if pid != top-1 {
				p.release(pid, false)
			}
		}
		p.holds("after Release of what is free or out of range", top-1)
	}
}

func (s *backendSuite) nextAbove(t tb) {
	for _, top := range s.maxes {
		pids := borders(top)
		p := s.probe(t, top, pids...)
		for i, pid := range pids {
			p.next(pid-1, pid)
			want := alloc.PID(0)
			if i+1 < len(pids) {
				want = pids[i+1]
			}
			p.next(pid, want)
		}
	}
}

func (s *backendSuite) nextOdd(t tb) {
	for _, top := range s.maxes {
		p := s.probe(t, top, top-1)
		for _, after := range oddPIDs(top) {
			if after < top-1 {
				p.next(after, top-1)
			} else {
				p.next(after, 0)
			}
		}
		p.holds("after Next on odd input", top-1)
	}
}

func (s *backendSuite) random(t tb) {
	r := rand.New(rand.NewPCG(s.seed, 1))
	for _, top := range s.maxes {
		n := steps(4000)
		if top > 1000 {
			n = steps(1500)
		}
		if top > 40000 {
			n = steps(300)
		}
		replayBackend(t, s.new, alloc.Limits{Max: top}, randomProgram(r, n))
	}
}
