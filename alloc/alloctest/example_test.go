package alloctest_test

import (
	"testing"

	"example.com/pidmap/alloc"
	"example.com/pidmap/alloc/alloctest"
)

// Flat is a whole backend in sixty lines, as an example for authors of further
// ones: a bitmap that grows, searched from one end to the other.
type Flat struct {
	max   alloc.PID
	n     int
	words []uint64 // what lies beyond is free
}

var _ alloc.Backend = (*Flat)(nil)

// NewFlat is the alloc.Factory: it takes every Limits that Normalize takes.
func NewFlat(l alloc.Limits) (alloc.Backend, error) {
	l, err := l.Normalize()
	if err != nil {
		return nil, err
	}
	return &Flat{max: l.Max}, nil
}

// word gives the word of pid, which is not below 0.
func (f *Flat) word(pid alloc.PID) uint64 {
	if w := int(pid >> 6); w < len(f.words) {
		return f.words[w]
	}
	return 0
}

func (f *Flat) Take(pid alloc.PID) bool {
	if pid < 1 || pid >= f.max || f.word(pid)>>(pid&63)&1 != 0 {
		return false
	}
	for int(pid>>6) >= len(f.words) {
		f.words = append(f.words, 0)
	}
	f.words[pid>>6] |= 1 << (pid & 63)
	f.n++
	return true
}

func (f *Flat) TakeFirst(lo, hi alloc.PID) (alloc.PID, bool) {
	for pid := max(lo, 1); pid < min(hi, f.max); pid++ {
		if f.word(pid) == ^uint64(0) {
			pid |= 63 // the last of the word
		} else if f.Take(pid) {
			return pid, true
		}
	}
	return 0, false
}

func (f *Flat) Release(pid alloc.PID) bool {
	if pid < 1 || f.word(pid)>>(pid&63)&1 == 0 {
		return false
	}
	f.words[pid>>6] &^= 1 << (pid & 63)
	f.n--
	return true
}

func (f *Flat) Next(after alloc.PID) (alloc.PID, bool) {
	if after >= f.max { // after+1 may overflow
		return 0, false
	}
	for pid := max(after, 0) + 1; int(pid>>6) < len(f.words); pid++ {
		if f.word(pid) == 0 {
			pid |= 63
		} else if f.word(pid)>>(pid&63)&1 != 0 {
			return pid, true
		}
	}
	return 0, false
}

func (f *Flat) Len() int { return f.n }

// That is the whole proof: the contract, on the backend and on an allocator
// over it.
func TestFlat(t *testing.T) {
	alloctest.TestBackend(t, NewFlat)
}

func TestPidmapOverFlat(t *testing.T) {
	alloctest.TestAllocator(t, func(l alloc.Limits) (alloc.Allocator, error) {
		m, err := alloc.New(l, NewFlat)
		if err != nil {
			return nil, err // a nil *alloc.Pidmap in an interface would not be nil
		}
		return m, nil
	}, alloctest.Cyclic)
}
