package snapshot

import (
	"errors"
	"fmt"

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
// the cursor and not before it.
func (s *state) gather(a alloc.Allocator) error {
	s.limits, s.shut = a.Limits(), a.Terminating()
	for buf, after := make([]alloc.PID, 512), alloc.PID(0); ; {
		n := nextN(a, after, buf)
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
			s.queue = append(s.queue, pid)
		}
	}
	s.last = a.Last()
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
	var err error
	inside(a, func(a alloc.Allocator) { err = s.restoreOrder(a) })
	if err != nil {
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
		err = s.restoreQueue(a)
	case cursored:
		err = a.SetCursors(s.last, s.cursors)
	default:
		last := s.last
		if last == 0 && len(s.cursors) > 0 {
			last = s.cursors[len(s.cursors)-1]
		}
		if err = a.SetLast(last); errors.Is(err, alloc.ErrUnsupported) {
			err = nil
		}
	}
	if err != nil {
		return fmt.Errorf("%w: the order: %w", ErrInvalid, err)
	}
	return nil
}

// restoreQueue gives q the queue of the state, or else its own, by number, as
// that which begins after last.
func (s *state) restoreQueue(q queued) error {
	order := s.queue
	if order == nil {
		var wrapped []alloc.PID
		for pid := range q.Queue() {
			if pid > s.last {
				order = append(order, pid)
			} else {
				wrapped = append(wrapped, pid)
			}
		}
		order = append(order, wrapped...)
	}
	return q.Requeue(s.last, order)
}
