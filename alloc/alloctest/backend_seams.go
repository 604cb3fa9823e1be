package alloctest

import (
	"math"
	"slices"

	"example.com/pidmap/alloc"
)

// The cases of backendSuite that fill whole maps, and those of NextN.

// seamsFill fills, drains and fills again: the second time over whatever the
// backend kept of the first.
func (s *backendSuite) seamsFill(t tb) {
	for _, top := range s.maxes {
		p, all := s.probe(t, top), upTo(top)
		from := func(pid alloc.PID) alloc.PID { // where to begin a search for pid
			if top > 10000 {
				return pid - 100 // from 1, a plain bitmap would take quadratic time
			}
			return 1
		}
		for range 2 {
			for _, pid := range all {
				p.first(from(pid), top, pid)
			}
			p.first(1, top, 0)
			p.first(math.MinInt32, math.MaxInt32, 0)
			p.holds("full", all...)
			for _, pid := range all {
				p.next(from(pid)-1, pid)
				p.release(pid, true)
			}
			p.holds("drained")
		}
	}
}

// seamsOneFree searches a full map for its one free pid from all sides.
func (s *backendSuite) seamsOneFree(t tb) {
	for _, top := range s.maxes {
		p := s.probe(t, top, upTo(top)...)
		for _, pid := range borders(top) {
			p.oneFree(pid)
		}
		p.holds("full again", upTo(top)...)
	}
}

func (p probe) oneFree(pid alloc.PID) {
	p.t.Helper()
	p.release(pid, true)
	p.first(1, pid, 0)
	p.first(pid+1, p.top, 0)
	for _, lo := range []alloc.PID{math.MinInt32, 0, 1, pid - 65, pid - 64, pid - 1, pid} {
		p.first(lo, pid, 0)
		p.first(lo, pid+1, pid)
		p.release(pid, true)
	}
	p.first(1, p.top, pid)
}

// seamsMillion does a little of that where the map is large: a third level of
// summaries is full, and must be seen to be full no more.
func (s *backendSuite) seamsMillion(t tb) {
	p := s.probe(t, s.large)
	for pid := alloc.PID(1); pid < s.large; pid++ {
		p.take(pid, true)
	}
	p.first(1, s.large, 0)
	for _, pid := range borders(s.large) {
		p.release(pid, true)
		p.first(pid+1, s.large, 0)
		p.first(1, s.large, pid)
	}
	for _, part := range []alloc.PID{8, 4, 2} { // three in a row
		pid := s.large / part
		p.release(pid+1, true)
		p.release(pid, true)
		p.release(pid-1, true)
		p.next(pid-2, pid+2)
		p.first(1, s.large, pid-1)
		p.first(1, s.large, pid)
		p.first(1, s.large, pid+1)
		p.first(1, s.large, 0)
	}
}

// seamsOneInUse searches an empty map for its one pid from all sides.
func (s *backendSuite) seamsOneInUse(t tb) {
	for _, top := range s.maxes {
		p := s.probe(t, top)
		for _, pid := range borders(top) {
			p.take(pid, true)
			for _, after := range []alloc.PID{math.MinInt32, 0, pid - 65, pid - 64, pid - 1} {
				p.next(after, pid)
			}
			p.next(pid, 0)
			p.release(pid, true)
		}
		p.holds("empty again")
	}
}

// seamsSmall does the three above for every Max up to 200 and every pid.
func (s *backendSuite) seamsSmall(t tb) {
	for top := alloc.PID(2); top <= 200; top++ {
		p := s.probe(t, top)
		for pid := alloc.PID(1); pid < top; pid++ {
			p.take(pid, true)
			p.next(0, pid)
			p.next(pid-1, pid)
			p.next(pid, 0)
			p.release(pid, true)
		}
		for pid := alloc.PID(1); pid < top; pid++ {
			p.first(1, top, pid)
		}
		p.first(1, top, 0)
		for pid := alloc.PID(1); pid < top; pid++ {
			p.release(pid, true)
			p.first(pid+1, top, 0)
			p.first(1, top, pid)
		}
		p.holds("full", upTo(top)...)
	}
}

// nextNEqualsNext reads sets by batches of every size, from every border.
func (s *backendSuite) nextNEqualsNext(t tb) {
	for _, top := range s.maxes {
		for _, inUse := range [][]alloc.PID{nil, {1}, {top - 1}, borders(top), upTo(min(top, 200))} {
			p := s.probe(t, top, inUse...)
			for _, after := range append(oddPIDs(top), borders(top)...) {
				want := nextByNext(p, after, make([]alloc.PID, 70))
				for _, n := range batchSizes(top) {
					p.nextN(after, n, want[:min(n, len(want))])
				}
			}
			p.nextN(0, len(inUse), inUse)
			p.nextN(0, len(inUse)+1000, inUse)
		}
	}
}

func (p probe) nextN(after alloc.PID, n int, want []alloc.PID) {
	if got := nextN(p.Backend, after, n); !slices.Equal(got, want) {
		p.t.Helper()
		p.t.Fatalf("Max %d: NextN(%d) of %d gives %d, want %d", p.top, after, n, got, want)
	}
}

func (s *backendSuite) nextNWithin(t tb) {
	nextNStaysWithin(t, s.probe(t, 1000, upTo(1000)...).Backend)
}

// nextNStaysWithin gives m, with [1, 1000) in use, a dst with room behind it,
// one of no length, and nil.
func nextNStaysWithin(t tb, m any) {
	b, ok := m.(alloc.Batcher)
	if !ok {
		t.Logf("no Batcher: nothing to test")
		return
	}
	if n := b.NextN(0, nil); n != 0 {
		t.Errorf("NextN(0, nil) = %d", n)
	}
	for _, n := range []int{0, 1, 63, 64, 65, 128, 500} {
		whole := make([]alloc.PID, 600)
		if got := b.NextN(10, whole[:n]); got != n {
			t.Errorf("NextN(10) of %d = %d", n, got)
		}
		for i, pid := range whole {
			if want := alloc.PID(11 + i); i < n && pid != want || i >= n && pid != 0 {
				t.Fatalf("NextN(10) of %d: dst[%d] = %d", n, i, pid)
			}
		}
	}
}
