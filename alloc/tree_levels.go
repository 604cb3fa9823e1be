package alloc

import "math/bits"

// What a Tree's summaries are asked, and how they are kept.

// bit64 is 1 for true; it compiles to no branch.
func bit64(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// above masks the bits above the lowest 6 bits of i.
func above(i int) uint64 { return ^uint64(1) << (i & 63) }

// freeAfter gives the smallest free pid in the words after w; what lies past
// the words grown so far is free, up to and past Max.
func (t *Tree) freeAfter(w int) PID {
	i := w >> 6
	free := ^t.sums[i].full & above(w)
	if free == 0 {
		if i = t.roomAfter(i); i >= len(t.sums) {
			return t.end()
		}
		free = ^t.sums[i].full
	}
	at := i<<6 + bits.TrailingZeros64(free)
	if at >= len(t.words) {
		return t.end()
	}
	room := ^t.words[at]
	if room == 0 { // only the late sum can say so
		t.settle()
		return t.freeAfter(w)
	}
	return PID(at<<6 + bits.TrailingZeros64(room))
}

// end is the first number past the words grown so far.
func (t *Tree) end() PID { return PID(len(t.words) << 6) }

// roomAfter gives the first sum after i that is not full: len(sums) or more
// where there is none.
func (t *Tree) roomAfter(i int) int {
	for l := range t.upper {
		free := ^t.upper[l][i>>6].full & above(i)
		if i >>= 6; free == 0 {
			continue
		}
		i = i<<6 + bits.TrailingZeros64(free)
		for l--; l >= 0; l-- {
			if i >= len(t.upper[l]) {
				return len(t.sums)
			}
			i = i<<6 + bits.TrailingZeros64(^t.upper[l][i].full)
		}
		return i
	}
	return len(t.sums)
}

// usedAfter gives the first sum after i with a pid in use below, or -1.
func (t *Tree) usedAfter(i int) int {
	for l := range t.upper {
		some := t.upper[l][i>>6].some & above(i)
		if i >>= 6; some == 0 {
			continue
		}
		i = i<<6 + bits.TrailingZeros64(some)
		for l--; l >= 0; l-- {
			i = i<<6 + bits.TrailingZeros64(t.upper[l][i].some)
		}
		return i
	}
	return -1
}

// noteTaken notes that a pid was taken from word w, which was old.
func (t *Tree) noteTaken(w int, old uint64) {
	if t.words[w] == ^uint64(0) {
		t.noteFull(w)
	}
	if old == 0 {
		t.noteUsed(w)
	}
}

// noteDropped notes that pid was dropped and left its word as now.
func (t *Tree) noteDropped(pid PID, now uint64) {
	switch w := int(uint32(pid) >> 6); {
	case !t.listed():
		t.noteFree(w)
	case !t.list(pid):
		t.unlistAll()
		t.noteFree(w)
	}
	if now == 0 {
		t.noteUnused(int(pid >> 6))
	}
	if invariants {
		t.checkPath(int(pid >> 6))
	}
}

// noteFull notes that word w is full.
func (t *Tree) noteFull(w int) {
	sum := &t.sums[w>>6]
	full := sum.full | 1<<(w&63)
	sum.full = full
	if len(t.upper) == 0 {
		return
	}
	over := &t.upper[0][w>>12]
	full = over.full | bit64(full == ^uint64(0))<<(w>>6&63)
	over.full = full
	if full == ^uint64(0) {
		t.setFull(w >> 12)
	}
}

// noteFree notes that word w is not full.
func (t *Tree) noteFree(w int) {
	sum := &t.sums[w>>6]
	sum.full &^= 1 << (w & 63)
	if len(t.upper) == 0 {
		return
	}
	over := &t.upper[0][w>>12]
	full := over.full
	over.full = full &^ (1 << (w >> 6 & 63))
	if full == ^uint64(0) {
		t.clearFull(w >> 12)
	}
}

// noteUsed notes that word w is in use.
func (t *Tree) noteUsed(w int) {
	sum := &t.sums[w>>6]
	if sum.some == 0 {
		t.setSome(w >> 6)
	}
	sum.some |= 1 << (w & 63)
}

// noteUnused notes that nothing of word w is in use.
func (t *Tree) noteUnused(w int) {
	sum := &t.sums[w>>6]
	if sum.some &^= 1 << (w & 63); sum.some == 0 {
		t.clearSome(w >> 6)
	}
}

// The four below note, level by level, that node i of the level below has become
// full, is full no more, has become used, or is used no more, the full ones from
// upper[1] on; they stop at the first node for which that changes nothing above.

func (t *Tree) setFull(i int) {
	for l := 1; l < len(t.upper); l++ {
		n := &t.upper[l][i>>6]
		n.full |= 1 << (i & 63)
		if n.full != ^uint64(0) {
			return
		}
		i >>= 6
	}
}

func (t *Tree) clearFull(i int) {
	for l := 1; l < len(t.upper); l++ {
		n := &t.upper[l][i>>6]
		old := n.full
		n.full = old &^ (1 << (i & 63))
		if old != ^uint64(0) {
			return
		}
		i >>= 6
	}
}

func (t *Tree) setSome(i int) {
	for l := range t.upper {
		n := &t.upper[l][i>>6]
		old := n.some
		n.some = old | 1<<(i&63)
		if old != 0 {
			return
		}
		i >>= 6
	}
}

func (t *Tree) clearSome(i int) {
	for l := range t.upper {
		n := &t.upper[l][i>>6]
		n.some &^= 1 << (i & 63)
		if n.some != 0 {
			return
		}
		i >>= 6
	}
}
