package alloc

import "math/bits"

// crowded claims the smallest free pid from lo on, where most pids are in use. It
// gives -1 if there is none up to Max, and 0 if it did not look: at the end of the
// words, in a tree of one sum, and where there is a spare. Selections, not
// branches, say which of the next three words has a free pid, and whether the
// word becomes full. Its cost is O(1), the height of the tree at the most.
func (t *Tree) crowded(lo PID) PID {
	w := uint(uint32(lo) >> 6)
	words := t.words
	if w+2 >= uint(len(words)) || t.spare != 0 {
		return 0
	}
	free, next := ^words[w+2], ^words[w+1]
	k := bit64(next == 0)
	if next != 0 {
		free = next
	}
	next = ^words[w] >> (lo & 63) << (lo & 63)
	k = (k + 1) & -bit64(next == 0)
	if next != 0 {
		free = next
	}
	if free == 0 {
		return t.beyond(w + 2)
	}
	w += uint(k)
	pid := PID(w<<6) + PID(bits.TrailingZeros64(free))
	if pid >= t.max {
		return -1
	}
	old := words[w]
	now := old | 1<<(pid&63)
	words[w] = now
	t.n++
	sum := &t.sums[w>>6]
	full := sum.full | bit64(now == ^uint64(0))<<(w&63)
	sum.full = full
	if full == ^uint64(0) || old == 0 {
		t.noteTaken(int(w), old)
	}
	if invariants {
		t.checkPath(int(w))
	}
	return pid
}

// beyond is crowded of the words after w: whether w's sum has room, or which one
// after it, and whether a sum becomes full, is a selection as well.
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
	j := i&^63 | uint(bits.TrailingZeros64(next))
	if here != 0 {
		j = i
	}
	if j >= uint(len(t.sums)) {
		return t.atEnd()
	}
	sum := &t.sums[j]
	full := sum.full
	room := ^full
	if here != 0 {
		room = here
	}
	if w = j<<6 + uint(bits.TrailingZeros64(room)); w >= uint(len(t.words)) {
		return t.atEnd()
	}
	old := t.words[w]
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

// takeSpare claims the spare, which there must be; the full bits know it as taken.
func (t *Tree) takeSpare() PID {
	pid := t.spare
	t.spare = 0
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
