package alloc

import (
	"fmt"
	"iter"
)

// Queue yields the free pids that the table has entries for, in the order in
// which Alloc hands them out while none is freed. With the pids in use they
// are the numbers below the table's size. It costs O(1) a pid; the table must
// not change meanwhile: if it does, what comes is of no meaning, and ends.
func (t *Table[T]) Queue() iter.Seq[PID] {
	return func(yield func(PID) bool) {
		pid := t.behind(0)
		for left := len(t.links); left > 0 && pid > 0 && yield(pid); left-- {
			pid = t.behind(pid)
		}
	}
}

// behind gives the pid that stands behind pid in the queue, the first for 0;
// nothing above 0 where there is none, and where pid is in no queue.
func (t *Table[T]) behind(pid PID) PID {
	if int(pid) >= len(t.links) {
		return 0
	}
	return t.links[pid].next
}

// Requeue makes order the queue and last what Last says, so that a table with
// the same pids in use as another, taken by AllocAt, goes on as that one does.
// order is what the other's Queue yielded: with the pids in use it fills a
// table of a size that tables have, a power of two from 64 on, or Max. The
// table grows to that size. It fails with ErrRange where that is not so, and
// with ErrInUse for a pid that is in use or given twice; the table is then as
// it was. It costs O(size), and works after Terminate, since it hands out
// nothing.
func (t *Table[T]) Requeue(last PID, order []PID) error {
	size := 1 + t.n + len(order)
	if last < 0 || last >= t.max {
		return fmt.Errorf("table: last %d is not in [0, %d): %w", last, t.max, ErrRange)
	}
	if size < len(t.links) || size > len(t.links) && !t.hasSize(size) {
		return fmt.Errorf("table: %d pids in use and %d free ones fill no table: %w", t.n, len(order), ErrRange)
	}
	given := make([]bool, size)
	for _, pid := range order {
		if pid < 1 || int(pid) >= size {
			return fmt.Errorf("table: pid %d is not in [1, %d): %w", pid, size, ErrRange)
		}
		if t.used(pid) || given[pid] {
			return fmt.Errorf("table: pid %d in the queue: %w", pid, ErrInUse)
		}
		given[pid] = true
	}
	if size > len(t.links) {
		t.grow(size)
	}
	tail := PID(0)
	for _, pid := range order {
		t.links[tail].next, t.links[pid].prev = pid, tail
		tail = pid
	}
	t.links[tail].next, t.links[0].prev = 0, tail
	t.last = last
	t.growths = t.growths[:0]
	if invariants {
		t.checkQueue()
	}
	return nil
}

// hasSize tells whether a table can grow to size.
func (t *Table[T]) hasSize(size int) bool {
	return t.fits(size) && (size == int(t.max) || size < int(t.max) && size >= tableMin && size&(size-1) == 0)
}
