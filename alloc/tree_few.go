package alloc

import "math/bits"

// Where next to no pid of a Tree is free, the free ones stand in a list, and which
// is the next after Last is found by comparing them, with no summary looked at or
// changed: a summary would change at every level, and a search climb to the root.
//
// While the pids are listed the full bits are those of a map in which they are in
// use, and all other bits are right. A list is made by the first Take at which no more
// than fewest are free, and given up when there would be more than most, so that a
// count that goes to and fro makes and gives up none. Trees of fewer than leastListed
// numbers do without.
const (
	fewest      = 4
	most        = 8
	leastListed = 128
)

// listed tells whether the free pids are listed: free[:Max-1-n] are they.
func (t *Tree) listed() bool { return t.few == int(t.max)-1-most }

// list notes that pid, which was dropped, is free as well; it gives false where that
// is one too many. It is inlined.
func (t *Tree) list(pid PID) bool {
	i := uint(int(t.max) - 2 - t.n)
	if i < most {
		t.free[i] = pid
	}
	return i < most
}

// unlistAll gives up a list of most pids.
func (t *Tree) unlistAll() {
	for _, pid := range t.free {
		t.noteFree(int(pid >> 6))
	}
	t.unlist()
}

// unlist says that the free pids are not listed.
func (t *Tree) unlist() {
	if t.max >= leastListed {
		t.few = int(t.max) - 1 - fewest
	}
}

// enlist makes the list: it finds the free pids, which are few, each in the height of
// the tree.
func (t *Tree) enlist() {
	if last := int(t.max-1) >> 6; last >= len(t.words) {
		t.grow(last)
	}
	t.settle()
	n, w := int(t.max)-1-t.n, 0
	for i := range n {
		if t.words[w] == ^uint64(0) {
			w = int(t.freeAfter(w) >> 6)
		}
		word := t.words[w]
		t.free[i] = PID(w<<6 + bits.TrailingZeros64(^word))
		if t.words[w] = word | (word + 1); t.words[w] == ^uint64(0) {
			t.noteFull(w)
		}
	}
	for _, pid := range t.free[:n] {
		t.words[pid>>6] &^= 1 << (pid & 63)
	}
	t.few = int(t.max) - 1 - most
}

// takeListed claims the smallest free pid in [lo, hi), else the smallest in
// [low, lo) if low is less than lo; 0 where there is none. There must be a free pid,
// and few. It has no branch on which pid is free, and its cost is O(1).
func (t *Tree) takeListed(lo, hi, low PID) PID {
	if !t.listed() {
		t.enlist()
	}
	// The distance from lo on, and round to what lies below it, says which is next.
	next := ^uint64(0) >> 1
	free := t.free[:int(t.max)-1-t.n]
	for i, pid := range free {
		less := uint64(uint32(pid-lo))<<3 + uint64(i) - next
		next += less & -(less >> 63)
	}
	pid := free[next&(most-1)]
	if pid >= hi || pid < min(lo, low) { // which side of lo it is on is as it happens
		return 0
	}
	free[next&(most-1)] = free[len(free)-1]
	w := int(pid >> 6)
	old := t.words[w]
	t.words[w] = old | 1<<(pid&63)
	t.n++
	if old == 0 {
		t.noteUsed(w)
	}
	if invariants {
		t.checkPath(w)
	}
	return pid
}
