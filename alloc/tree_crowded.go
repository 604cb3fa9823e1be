package alloc

import "math/bits"

// crowded claims the smallest free pid from lo on, where most pids are in use and the
// free ones are not listed. It gives -1 if there is none up to Max, and 0 if it did
// not look: at the end of the words, and in a tree of one sum. Selections, not
// branches, say which of the next three words has a free pid; whether the word
// becomes full, settle will say. Its cost is O(1), the height of the tree at the most.
func (t *Tree) crowded(lo PID) PID {
	w := uint(uint32(lo) >> 6)
	words := t.words
	if w+3 >= uint(len(words)) {
		return 0
	}
	first := ^words[w] >> (lo & 63) << (lo & 63)
	if t.n >= t.packed && first == 0 {
		return t.beyond(w)
	}
	free, next := ^words[w+2], ^words[w+1]
	k := bit64(next == 0)
	if next != 0 {
		free = next
	}
	k = (k + 1) & -bit64(first == 0)
	if first != 0 {
		free = first
	}
	if free == 0 {
		return t.beyond(w + 2)
	}
	w += uint(k)
	pid := PID(w<<6) + PID(bits.TrailingZeros64(free)) // not in the last word, so below Max
	old := words[w]
	words[w] = old | 1<<(pid&63)
	t.n++
	if int(w>>6) != t.late {
		t.settle()
		t.late = int(w >> 6)
	}
	if old == 0 {
		t.noteUsed(int(w))
	}
	if invariants {
		t.checkPath(int(w))
	}
	return pid
}

// beyond is crowded of the words after w: whether w's sum has room, or which one
// after it, and whether a sum becomes full, is a selection as well. Where it comes upon
// a full word, which only the late sum can do, it settles that and looks again.
func (t *Tree) beyond(w uint) PID {
	if len(t.upper) == 0 {
		return 0
	}
	over := t.upper[0]
	i := w >> 6
	here := ^t.sums[i].full & above(int(w))
	next := ^over[i>>6].full & above(int(i))
	if here|next == 0 {
		return 0
	}
	j := i
	if here == 0 {
		j = i&^63 | uint(bits.TrailingZeros64(next))
	}
	if j >= uint(len(t.sums)) {
		return t.atEnd()
	}
	sum := &t.sums[j]
	full := sum.full
	room := here
	if here == 0 {
		room = ^full
	}
	at := j<<6 + uint(bits.TrailingZeros64(room))
	if at >= uint(len(t.words)) {
		return t.atEnd()
	}
	old := t.words[at]
	if old == ^uint64(0) {
		t.settle()
		return t.beyond(w)
	}
	w = at
	pid := PID(w<<6) + PID(bits.TrailingZeros64(^old))
	if pid >= t.max {
		return -1
	}
	now := old | 1<<(pid&63)
	t.words[w] = now
	t.n++
	full |= bit64(now == ^uint64(0)) << (w & 63)
	sum.full = full
	node := &over[j>>6]
	full = node.full | bit64(full == ^uint64(0))<<(j&63)
	node.full = full
	if full == ^uint64(0) || old == 0 {
		t.noteTaken(int(w), old)
	}
	if invariants {
		t.checkPath(int(w))
	}
	return pid
}

// atEnd is what crowded gives where nothing is free in the words: -1, or 0 if
// they have not grown to Max.
func (t *Tree) atEnd() PID {
	if t.end() >= t.max {
		return -1
	}
	return 0
}

// settle gives the late sum the full bits that it lacks, in O(64).
func (t *Tree) settle() {
	i := t.late
	if i < 0 {
		return
	}
	t.late = -1
	full := uint64(0)
	for k, word := range t.words[i<<6 : min(i<<6+64, len(t.words))] {
		full |= bit64(word == ^uint64(0)) << (k & 63)
	}
	sum := &t.sums[i]
	if sum.full = full; full == ^uint64(0) {
		t.noteFull(i << 6)
	}
}
