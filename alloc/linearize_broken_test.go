package alloc_test

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/anishathalye/porcupine"

	"example.com/pidmap/alloc"
	"example.com/pidmap/alloc/alloctest"
)

// Allocators with one mistake each, of the kind that is made: a lock let go
// between two steps that belong together. The checker must reject every one.

// base is what they are right in: any order, one lock, no yielding but theirs.
type base struct{ *alloc.Shared }

func newBase(l alloc.Limits) base {
	s, err := alloc.NewShared(l, nil)
	if err != nil {
		panic(err)
	}
	return base{s}
}

func (b base) used(pid alloc.PID) bool {
	next, ok := b.Next(pid - 1)
	return ok && next == pid
}

// lateGate tests the gate, and publishes the number after it may have shut.
type lateGate struct {
	base
	shut *atomic.Bool
}

func (g lateGate) Alloc() (alloc.PID, error) {
	if g.shut.Load() {
		return 0, alloc.ErrTerminating
	}
	runtime.Gosched()
	return g.base.Alloc()
}

func (g lateGate) Terminate()        { g.shut.Store(true) }
func (g lateGate) Terminating() bool { return g.shut.Load() }

// staleAllocAt gives what it saw free a moment ago.
type staleAllocAt struct{ base }

func (s staleAllocAt) AllocAt(pid alloc.PID) error {
	if s.Terminating() {
		return alloc.ErrTerminating
	}
	if s.used(pid) {
		return alloc.ErrInUse
	}
	runtime.Gosched()
	s.base.AllocAt(pid)
	return nil
}

// staleAlloc does the same by its own choice of a pid.
type staleAlloc struct{ base }

func (s staleAlloc) Alloc() (alloc.PID, error) {
	if s.Terminating() {
		return 0, alloc.ErrTerminating
	}
	for pid := alloc.PID(1); pid < s.Limits().Max; pid++ {
		if !s.used(pid) {
			runtime.Gosched()
			s.base.AllocAt(pid)
			return pid, nil
		}
	}
	return 0, alloc.ErrFull
}

// doubleFree takes back what it saw in use a moment ago.
type doubleFree struct{ base }

func (s doubleFree) Free(pid alloc.PID) error {
	if !s.used(pid) {
		return alloc.ErrNotInUse
	}
	runtime.Gosched()
	s.base.Free(pid)
	return nil
}

// movesLast counts a failed call: Linux's first pid in a namespace was once not
// 1 because of it.
type movesLast struct{ base }

func (s movesLast) AllocAt(pid alloc.PID) error {
	err := s.base.AllocAt(pid)
	if err != nil {
		s.SetLast(pid)
	}
	return err
}

// halves is two shards that are never held together.
type halves struct {
	low, high base
	at        alloc.PID // the first pid of high
	max       alloc.PID
}

func newHalves(l alloc.Limits) halves {
	at := (l.Max + 1) / 2
	return halves{
		low:  newBase(alloc.Limits{Max: at, Reserved: 1}),
		high: newBase(alloc.Limits{Max: l.Max - at + 1, Reserved: 1}),
		at:   at, max: l.Max,
	}
}

func (h halves) of(pid alloc.PID) (base, alloc.PID) {
	if pid < h.at {
		return h.low, pid
	}
	return h.high, pid - h.at + 1
}

func (h halves) Alloc() (alloc.PID, error) { // says full after a look at each
	pid, err := h.low.Alloc()
	if err != alloc.ErrFull {
		return pid, err
	}
	runtime.Gosched()
	if pid, err = h.high.Alloc(); err != nil {
		return 0, err
	}
	return pid + h.at - 1, nil
}

func (h halves) AllocAt(pid alloc.PID) error {
	half, at := h.of(pid)
	return half.AllocAt(at)
}

func (h halves) Free(pid alloc.PID) error {
	half, at := h.of(pid)
	return half.Free(at)
}

func (h halves) Len() int { // adds up counts of two moments
	n := h.low.Len()
	runtime.Gosched()
	return n + h.high.Len()
}

func (h halves) Terminate() { // shuts one gate after the other
	h.low.Terminate()
	runtime.Gosched()
	h.high.Terminate()
}

func (h halves) InUse(pid alloc.PID) bool {
	half, at := h.of(pid)
	return half.used(at)
}

func (h halves) Next(alloc.PID) (alloc.PID, bool) { return 0, false }
func (h halves) Last() alloc.PID                  { return 0 }
func (h halves) SetLast(alloc.PID) error          { return alloc.ErrUnsupported }
func (h halves) Limits() alloc.Limits             { return alloc.Limits{Max: h.max, Reserved: 1} }
func (h halves) Terminating() bool                { return h.high.Terminating() }

// TestLinearizableRejects records histories of each until the checker rejects
// one.
func TestLinearizableRejects(t *testing.T) {
	on := func(f func(base) alloc.Allocator) func(alloc.Limits) (alloc.Allocator, error) {
		return func(l alloc.Limits) (alloc.Allocator, error) { return f(newBase(l)), nil }
	}
	inHalves := func(l alloc.Limits) (alloc.Allocator, error) { return newHalves(l), nil }
	churn := []linKind{linAlloc, linAlloc, linAlloc, linFree, linFree}
	for _, s := range []linSubject{
		{"gate tested too early", on(func(b base) alloc.Allocator { return lateGate{b, new(atomic.Bool)} }), alloctest.Sharded, linSharded},
		{"AllocAt of what was free", on(func(b base) alloc.Allocator { return staleAllocAt{b} }), alloctest.Sharded, linSharded},
		{"Alloc of what was free", on(func(b base) alloc.Allocator { return staleAlloc{b} }), alloctest.Sharded, linSharded},
		{"Free of what was in use", on(func(b base) alloc.Allocator { return doubleFree{b} }), alloctest.Sharded, linSharded},
		{"failure moves Last", on(func(b base) alloc.Allocator { return movesLast{b} }), alloctest.Cyclic, linCyclic},
		{"full by a look at each half", inHalves, alloctest.Sharded, churn},
		{"Len by halves", inHalves, alloctest.Sharded, append(slices.Clone(churn), linLen)},
		{"gate by halves", inHalves, alloctest.Sharded, []linKind{linAllocAt, linFree, linTerminating}},
		{"first in first out, said to be cyclic", newSharedTable, alloctest.Cyclic, linCyclic},
		{"cyclic, said to be first in first out", on(func(b base) alloc.Allocator { return b }), alloctest.FIFO, linShared},
	} {
		t.Run(s.name, func(t *testing.T) {
			seed := *linSeed
			if seed == 0 {
				seed = rand.Uint64()
			}
			for n := range uint64(5000) {
				l, history := s.record(t, seed, n)
				if s.judge(l, history) == porcupine.Illegal {
					t.Logf("rejected history %d", n)
					return
				}
			}
			t.Errorf("not rejected in 5000 histories; -linearize.seed=%d", seed)
		})
	}
}
