package snapshot

import (
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"example.com/pidmap/alloc"
)

// state is what a snapshot holds, and no more than that of an allocator.
type state struct {
	limits  alloc.Limits
	shut    bool
	last    alloc.PID
	used    []alloc.PID // sorted
	cursors []alloc.PID // sorted; nil if there are none to have
	queue   []alloc.PID // as it will be handed out; nil if there is none to have
}

// gather fills s with the state of a. The pids come before what says which is
// next: should a change meanwhile, a pid handed out in between is then behind
// the cursor and not before it. Likewise Last comes after the cursors, and is
// put among them if it is not there.
func (s *state) gather(a alloc.Allocator) error {
	s.limits, s.shut = a.Limits(), a.Terminating()
	if l, err := s.limits.Normalize(); err != nil || l != s.limits {
		return fmt.Errorf("%w: the allocator's Limits are %+v", ErrInvalid, s.limits)
	}
	s.used = make([]alloc.PID, 0, min(max(a.Len(), 0), int(s.limits.Max)))
	for buf, after := make([]alloc.PID, 512), alloc.PID(0); ; {
		n := nextN(a, after, buf)
		if n < 0 || n > len(buf) {
			return fmt.Errorf("%w: the allocator's NextN gives %d pids, and %d were asked for", ErrInvalid, n, len(buf))
		}
		for _, pid := range buf[:n] {
			if pid <= after || pid >= s.limits.Max {
				return fmt.Errorf("%w: the allocator's Next gives %d after %d", ErrInvalid, pid, after)
			}
			s.used, after = append(s.used, pid), pid
		}
		if n < len(buf) {
			break
		}
	}
	switch a := a.(type) {
	case cursored:
		s.cursors = append([]alloc.PID{}, a.Cursors()...)
	case queued:
		s.queue = []alloc.PID{}
		for pid := range a.Queue() {
			if len(s.queue) >= int(s.limits.Max) {
				return fmt.Errorf("%w: the allocator's Queue is longer than Max %d", ErrInvalid, s.limits.Max)
			}
			s.queue = append(s.queue, pid)
		}
	}
	s.last = a.Last()
	if i, ok := slices.BinarySearch(s.cursors, s.last); s.cursors != nil && s.last != 0 && !ok {
		s.cursors = slices.Insert(s.cursors, i, s.last)
	}
	return s.check()
}

// tableMin is the least size of an alloc.Table that has one; see isTable.
const tableMin = 64

// tableOf gives the size of the smallest table, but for Max, that has pid; 1 for
// 0, which no table need have.
func tableOf(pid alloc.PID) int {
	if pid <= 0 {
		return 1
	}
	return max(tableMin, 1<<bits.Len32(uint32(pid)))
}

// isTable tells whether an alloc.Table can have that size: 1 if it is new, else
// a power of two from 64 on, or Max.
func isTable(size int, max alloc.PID) bool {
	return size == 1 || size == int(max) || size < int(max) && size >= tableMin && size&(size-1) == 0
}

// check tells what of s no allocator here says of itself, but for used, which is
// in order. What Write writes Read reads: it is the check of both.
func (s *state) check() error {
	end := s.limits.Max
	if s.last < 0 || s.last >= end {
		return fmt.Errorf("%w: last: %d is not in [0, %d)", ErrInvalid, s.last, end)
	}
	if s.cursors != nil && s.queue != nil {
		return fmt.Errorf("%w: cursors and a queue", ErrInvalid)
	}
	before := alloc.PID(0)
	for _, pid := range s.cursors {
		if pid <= before || pid >= end {
			return fmt.Errorf("%w: cursors: %d after %d", ErrInvalid, pid, before)
		}
		before = pid
	}
	if s.cursors != nil && s.last != 0 && !slices.Contains(s.cursors, s.last) {
		return fmt.Errorf("%w: last: %d is no cursor", ErrInvalid, s.last)
	}
	if s.queue != nil {
		return s.checkQueue()
	}
	return nil
}

// checkQueue is check of the queue: with what is used it is 1, 2, 3 and so on,
// each once, as many as a table has.
func (s *state) checkQueue() error {
	size := 1 + len(s.used) + len(s.queue)
	if !isTable(size, s.limits.Max) {
		return fmt.Errorf("%w: queue: no table has %d entries", ErrInvalid, size)
	}
	seen := make([]bool, size)
	for _, pids := range [][]alloc.PID{s.used, s.queue} {
		for _, pid := range pids {
			if pid < 1 || int(pid) >= size || seen[pid] {
				return fmt.Errorf("%w: queue: %d is in use, there twice or not in [1, %d)", ErrInvalid, pid, size)
			}
			seen[pid] = true
		}
	}
	return nil
}

// nextN is a's NextN, or Next for want of it.
func nextN(a alloc.Allocator, after alloc.PID, buf []alloc.PID) int {
	if b, ok := a.(alloc.Batcher); ok {
		return b.NextN(after, buf)
	}
	for n := range buf {
		pid, ok := a.Next(after)
		if !ok {
			return n
		}
		buf[n], after = pid, pid
	}
	return len(buf)
}

// restore brings a, which is new, into the state.
func (s *state) restore(a alloc.Allocator) error {
	for _, pid := range s.used {
		if err := a.AllocAt(pid); err != nil {
			return fmt.Errorf("%w: AllocAt(%d): %w", ErrMismatch, pid, err)
		}
	}
	if err := inside(a, s.restoreOrder); err != nil {
		return err
	}
	if s.shut {
		a.Terminate()
	}
	return nil
}

// restoreOrder makes a go on where the state stands; without an order where a
// has none that can be set.
func (s *state) restoreOrder(a alloc.Allocator) error {
	var err error
	switch a := a.(type) {
	case queued:
		err = a.Requeue(s.last, s.order())
	case cursored:
		last := s.last
		if s.queue != nil {
			last = s.start()
		}
		err = a.SetCursors(last, s.cursors)
	default:
		if err = a.SetLast(s.start()); errors.Is(err, alloc.ErrUnsupported) {
			err = nil
		}
	}
	if err != nil {
		return fmt.Errorf("%w: the order: %w", ErrInvalid, err)
	}
	return nil
}

// start gives the pid after which a cyclic allocator goes on: the one before
// that which comes next.
func (s *state) start() alloc.PID {
	switch {
	case len(s.queue) > 0:
		return s.queue[0] - 1
	case s.last == 0 && len(s.cursors) > 0:
		return s.cursors[len(s.cursors)-1]
	}
	return s.last
}

// order gives the queue of the state, or for want of one that of a table large
// enough for where it starts and for what is used: by number, beginning after
// the start.
func (s *state) order() []alloc.PID {
	if s.queue != nil {
		return s.queue
	}
	start, highest := s.start(), alloc.PID(0)
	if len(s.used) > 0 {
		highest = s.used[len(s.used)-1]
	}
	size := alloc.PID(min(tableOf(max(start, highest)), int(s.limits.Max)))
	order := make([]alloc.PID, 0, int(size)-1-len(s.used))
	at, _ := slices.BinarySearch(s.used, start+1)
	order = appendFree(order, start+1, size, s.used[at:])
	return appendFree(order, 1, start+1, s.used[:at])
}

// appendFree appends the pids in [lo, hi) that are not in used, which is sorted
// and has no others.
func appendFree(order []alloc.PID, lo, hi alloc.PID, used []alloc.PID) []alloc.PID {
	for pid := lo; pid < hi; pid++ {
		if len(used) > 0 && used[0] == pid {
			used = used[1:]
			continue
		}
		order = append(order, pid)
	}
	return order
}
