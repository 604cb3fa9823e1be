// Package bitsetmap is an alloc.Backend over github.com/bits-and-blooms/bitset,
// a plain bitmap: the peer that most Go programs would use, here to be compared
// with alloc.Tree behind the same policy.
package bitsetmap

import (
	"github.com/bits-and-blooms/bitset"

	"example.com/pidmap/alloc"
)

// Map is a set of pids in use, one bit each.
//
// Policy: smallest free pid of a range, by a scan word by word.
// Exhaustion: the scan comes to the end, after Max/64 words.
// Memory: Max/8 bytes from the start, as the library is commonly used; above
// alloc.PIDMaxLimit the library grows it as higher pids are taken, to at most
// twice what they need.
//
// Bit p of the bitset is set when pid p is in use. Bit 0 is never set.
type Map struct {
	max  alloc.PID
	n    int
	used *bitset.BitSet
}

var (
	_ alloc.Backend = (*Map)(nil)
	_ alloc.Batcher = (*Map)(nil)
	_ alloc.Factory = New
)

// New makes an empty Map for pids in [1, l.Max). It fails where l.Normalize
// does.
func New(l alloc.Limits) (alloc.Backend, error) {
	l, err := l.Normalize()
	if err != nil {
		return nil, err
	}
	return &Map{max: l.Max, used: bitset.New(uint(min(l.Max, alloc.PIDMaxLimit)))}, nil
}

// Take claims pid in O(1).
func (m *Map) Take(pid alloc.PID) bool {
	if pid < 1 || pid >= m.max || m.used.Test(uint(pid)) {
		return false
	}
	m.used.Set(uint(pid))
	m.n++
	return true
}

// TakeFirst claims the smallest free pid in [lo, hi), in O((hi-lo)/64).
func (m *Map) TakeFirst(lo, hi alloc.PID) (alloc.PID, bool) {
	lo, hi = max(lo, 1), min(hi, m.max)
	if lo >= hi {
		return 0, false
	}
	free, ok := m.used.NextClear(uint(lo))
	if !ok { // none within its length, but what lies beyond is free too
		free = max(uint(lo), m.used.Len())
	}
	if free >= uint(hi) {
		return 0, false
	}
	m.used.Set(free)
	m.n++
	return alloc.PID(free), true
}

// Release gives pid back in O(1).
func (m *Map) Release(pid alloc.PID) bool {
	if pid < 1 || !m.used.Test(uint(pid)) {
		return false
	}
	m.used.Clear(uint(pid))
	m.n--
	return true
}

// Next gives the smallest pid in use > after, by a scan of up to Max/64 words.
func (m *Map) Next(after alloc.PID) (alloc.PID, bool) {
	pid, ok := m.used.NextSet(uint(max(after, 0)) + 1)
	return alloc.PID(pid), ok
}

// NextN fills dst with the smallest pids in use > after and returns how many:
// the library's NextSetMany, 64 at a time through the stack.
func (m *Map) NextN(after alloc.PID, dst []alloc.PID) int {
	var buf [64]uint
	from := uint(max(after, 0)) + 1
	n := 0
	for n < len(dst) {
		want := min(len(buf), len(dst)-n)
		_, got := m.used.NextSetMany(from, buf[:0:want]) // it fills up to the capacity
		for _, pid := range got {
			dst[n] = alloc.PID(pid)
			n++
		}
		if len(got) < want {
			break
		}
		from = got[len(got)-1] + 1
	}
	return n
}

// Len is the number of pids in use.
func (m *Map) Len() int { return m.n }
