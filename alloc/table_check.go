package alloc

import "fmt"

// check panics unless pid is in the queue or in use, and, where the table is
// small, unless the queue is whole. It runs after every change under the build
// tag pidmap_invariants.
func (t *Table[T]) check(pid PID) {
	if l := t.links[pid]; l.next != inUse && (t.links[l.next].prev != pid || t.links[l.prev].next != pid) {
		panic(fmt.Sprintf("table: pid %d is between %d and %d, and they do not agree", pid, l.prev, l.next))
	}
	if t.n < 0 || t.n >= len(t.links) || len(t.links) != len(t.vals) || len(t.links) > int(t.max) {
		panic(fmt.Sprintf("table: %d pids in use of %d entries, %d values, Max %d", t.n, len(t.links), len(t.vals), t.max))
	}
	if len(t.links) <= 2*tableMin {
		t.checkQueue()
	}
}

// checkQueue panics unless the queue, forwards and backwards, holds every pid
// that is not in use, once.
func (t *Table[T]) checkQueue() {
	free, prev := 0, PID(0)
	for pid := t.links[0].next; pid != 0; pid = t.links[pid].next {
		if t.links[pid].prev != prev || t.links[pid].next == inUse {
			panic(fmt.Sprintf("table: queue broken at pid %d after %d: %+v", pid, prev, t.links[pid]))
		}
		if free++; free >= len(t.links) {
			panic("table: the queue runs in a circle")
		}
		prev = pid
	}
	if t.links[0].prev != prev || 1+free+t.n != len(t.links) {
		panic(fmt.Sprintf("table: %d free and %d in use of %d entries, queue ends at %d, not %d", free, t.n, len(t.links), prev, t.links[0].prev))
	}
}
