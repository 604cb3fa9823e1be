package peers

import (
	"math"
	"slices"

	"github.com/google/btree"
	"golang.org/x/tools/container/intsets"
)

// btreeSide is google/btree with the free pids as its items, in nodes of the
// degree that its documentation uses.
type btreeSide struct {
	free *btree.BTreeG[int32]
	last int32
}

const degree = 32

func newBtree(c *census) (side, error) { return &btreeSide{btreeOf(c.free), c.cursor}, nil }

func btreeOf(pids []int32) *btree.BTreeG[int32] {
	set := btree.NewOrderedG[int32](degree)
	for _, pid := range pids {
		set.ReplaceOrInsert(pid)
	}
	return set
}

func (s *btreeSide) alloc() int32 {
	pid := int32(0)
	first := func(p int32) bool { pid = p; return false }
	if s.free.AscendGreaterOrEqual(s.last+1, first); pid == 0 {
		s.free.Ascend(first)
	}
	s.free.Delete(pid)
	s.last = pid
	return pid
}

func (s *btreeSide) release(pid int32) { s.free.ReplaceOrInsert(pid) }

func (s *btreeSide) churn(h *held) {
	h.each(func(slot *int32) { s.release(*slot); *slot = s.alloc() })
}

// intsetsSide is golang.org/x/tools/container/intsets with the free pids as its
// elements. It finds a block of 256 by following a list from the first.
type intsetsSide struct {
	free intsets.Sparse
	last int
}

func newIntsets(c *census) (side, error) {
	s := &intsetsSide{last: int(c.cursor)}
	intsetsOf(&s.free, c.free)
	return s, nil
}

// intsetsOf fills an empty set, from the end: each pid is then in the first
// block of the list, or before it.
func intsetsOf(set *intsets.Sparse, pids []int32) {
	for _, pid := range slices.Backward(pids) {
		set.Insert(int(pid))
	}
}

func (s *intsetsSide) alloc() int32 {
	pid := s.free.LowerBound(s.last + 1)
	if pid == math.MaxInt {
		if pid = s.free.LowerBound(1); pid == math.MaxInt {
			return 0
		}
	}
	s.free.Remove(pid)
	s.last = pid
	return int32(pid)
}

func (s *intsetsSide) release(pid int32) { s.free.Insert(int(pid)) }

func (s *intsetsSide) churn(h *held) {
	h.each(func(slot *int32) { s.release(*slot); *slot = s.alloc() })
}

// probed is a map from pid to what holds it, and a cursor that tries number
// after number, as gVisor's PIDNamespace.allocateTID does.
type probed struct {
	tasks     map[int32]*census
	last, max int32
	task      *census
}

func newProbed(c *census) (side, error) {
	s := &probed{tasks: make(map[int32]*census), last: c.cursor, max: int32(c.max), task: c}
	for _, pid := range c.used {
		s.tasks[pid] = c
	}
	return s, nil
}

func (s *probed) alloc() int32 {
	for pid := s.last; ; {
		if pid++; pid >= s.max {
			pid = 1
		}
		if _, ok := s.tasks[pid]; !ok {
			s.tasks[pid] = s.task
			s.last = pid
			return pid
		}
		if pid == s.last {
			return 0
		}
	}
}

func (s *probed) release(pid int32) { delete(s.tasks, pid) }

func (s *probed) churn(h *held) {
	h.each(func(slot *int32) { s.release(*slot); *slot = s.alloc() })
}

// stack is a slice of the free pids: the one freed last goes out first. It has
// no order, no check and no Next: it is what any allocator at all costs.
type stack struct{ free []int32 }

func newStack(c *census) (side, error) { return &stack{slices.Grow(c.mixed(), 1)}, nil }

func (s *stack) alloc() int32 {
	top := len(s.free) - 1
	pid := s.free[top]
	s.free = s.free[:top]
	return pid
}

func (s *stack) release(pid int32) { s.free = append(s.free, pid) }

func (s *stack) churn(h *held) {
	h.each(func(slot *int32) { s.release(*slot); *slot = s.alloc() })
}

// queue is a channel of the free pids: first in, first out, and safe for
// concurrent use.
type queue chan int32

func newQueue(c *census) (side, error) {
	s := make(queue, c.max)
	for _, pid := range c.mixed() {
		s <- pid
	}
	return s, nil
}

func (s queue) alloc() int32      { return <-s }
func (s queue) release(pid int32) { s <- pid }

func (s queue) churn(h *held) {
	h.each(func(slot *int32) { s.release(*slot); *slot = s.alloc() })
}
