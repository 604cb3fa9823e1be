// Package roaringmap is an alloc.Backend over
// github.com/RoaringBitmap/roaring/v2, a compressed bitmap: the peer for sets
// that are sparse or clustered, here to be compared with alloc.Tree behind the
// same policy.
package roaringmap

import (
	"github.com/RoaringBitmap/roaring/v2"

	"example.com/pidmap/alloc"
)

// Map is a set of pids in use and, beside it, the set of those that are free.
//
// Two sets, because in v2.30.0 the library answers "the first value absent" and
// its iteration of absent values wrongly across the borders of words and
// containers, while "the first value present" is right. Asked of both sets,
// that is all a Backend needs. One set whose answers are repaired by a scan costs
// several times as much when nearly full.
//
// Policy: smallest free pid of a range: the first value of the free set.
// Exhaustion: the free set has no value there, found by a binary search.
// Memory: what the two sets need, in containers of 65,536 pids: 8 KiB each at
// the most, 2 bytes a pid where few are in use or few are free, 4 bytes a run
// where they lie together.
// Steady state allocates now and then, where a container changes its kind.
type Map struct {
	max  alloc.PID
	n    int
	used *roaring.Bitmap
	free *roaring.Bitmap // [1, max) without used
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
	m := &Map{max: l.Max, used: roaring.New(), free: roaring.New()}
	m.free.AddRange(1, uint64(l.Max))
	return m, nil
}

// Take claims pid, in the time of a removal and an insertion.
func (m *Map) Take(pid alloc.PID) bool {
	if pid < 1 || pid >= m.max || !m.free.CheckedRemove(uint32(pid)) {
		return false
	}
	m.used.Add(uint32(pid))
	m.n++
	return true
}

// TakeFirst claims the smallest free pid in [lo, hi), in the time of a search,
// a removal and an insertion.
func (m *Map) TakeFirst(lo, hi alloc.PID) (alloc.PID, bool) {
	lo, hi = max(lo, 1), min(hi, m.max)
	if lo >= hi {
		return 0, false
	}
	pid := m.free.NextValue(uint32(lo))
	if pid < 0 || pid >= int64(hi) {
		return 0, false
	}
	m.free.Remove(uint32(pid))
	m.used.Add(uint32(pid))
	m.n++
	return alloc.PID(pid), true
}

// Release gives pid back, in the time of a removal and an insertion.
func (m *Map) Release(pid alloc.PID) bool {
	if pid < 1 || !m.used.CheckedRemove(uint32(pid)) {
		return false
	}
	m.free.Add(uint32(pid))
	m.n--
	return true
}

// Next gives the smallest pid in use > after, in the time of a search.
func (m *Map) Next(after alloc.PID) (alloc.PID, bool) {
	pid := m.used.NextValue(uint32(max(after, 0)) + 1)
	if pid < 0 {
		return 0, false
	}
	return alloc.PID(pid), true
}

// NextN fills dst with the smallest pids in use > after and returns how many.
// It goes by the library's plain iterator, which can start anywhere; the
// quicker ManyIterator starts at the beginning only, so that a walk by batches
// would take quadratic time.
func (m *Map) NextN(after alloc.PID, dst []alloc.PID) int {
	var it roaring.IntIterator
	it.Initialize(m.used)
	it.AdvanceIfNeeded(uint32(max(after, 0)) + 1)
	for n := range dst {
		if !it.HasNext() {
			return n
		}
		dst[n] = alloc.PID(it.Next())
	}
	return len(dst)
}

// Len is the number of pids in use.
func (m *Map) Len() int { return m.n }
