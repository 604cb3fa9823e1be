package alloc

import "math/bits"

// Tree: the default backend.
//
// Policy: smallest free pid of a range, found by summaries; never by a scan.
// Exhaustion: found out at the root, in the height of the tree.
// Memory: 1 bit a pid, plus 2 bits for 64 pids, 2 for 4,096 and so on:
// 1.032 bits a pid when full. The words grow by doubling towards Max as higher
// pids are taken, so memory follows the highest pid ever taken; 48 bytes of
// words and summaries serve the first 64 pids at any Max.
//
// Bits: words[w] bit b is set when pid 64*w+b is in use. sums[i] says of 64
// words, upper[0][i] of 64 sums, upper[k][i] of 64 nodes of upper[k-1], in one
// bit each: full, nothing free below; some, something in use below. Bit 0 of
// word 0 is always set, so that pid 0 is never found free; nothing asks for it as in use.
// What lies beyond the words grown so far is free; so is what lies at Max and
// above within the last word, and searches cut it off.
//
// Cost: at 99% every second word is full, and a branch on "is this one" is
// mispredicted as often. So Release clears a word's full bit without a look, and
// TakeFirst leaves it to be noted: the word that it took from last is open, and
// its full bit may lag until a search leaves it. No other bit does. Whole sums
// become full or empty rarely enough for branches.
type Tree struct {
	max   PID
	n     int
	open  int // the word whose full bit may lag
	words []uint64
	sums  []node
	upper [][]node // the last has one node; none while there is one sum
}

type node struct{ full, some uint64 }

var (
	_ Backend = (*Tree)(nil)
	_ Batcher = (*Tree)(nil)
)

// NewTree makes an empty Tree for pids in [1, l.Max).
func NewTree(l Limits) (Backend, error) {
	l, err := l.Normalize()
	if err != nil {
		return nil, err
	}
	return &Tree{max: l.Max, words: []uint64{1}, sums: []node{{some: 1}}}, nil
}

// Take claims pid in O(1), but for words that fill 64 others' sum or are the
// first of it.
func (t *Tree) Take(pid PID) bool {
	if pid < 1 || pid >= t.max {
		return false
	}
	w := int(pid >> 6)
	if w >= len(t.words) {
		t.grow(w)
	}
	word := t.words[w]
	if word>>(pid&63)&1 != 0 {
		return false
	}
	if word|1<<(pid&63) == ^uint64(0) {
		t.noteFull(w)
	}
	t.set(w, word, pid)
	return true
}

// TakeFirst claims the smallest free pid in [lo, hi): in O(1) where the search
// starts in the open word and ends there, else in the height of the tree.
func (t *Tree) TakeFirst(lo, hi PID) (PID, bool) {
	lo, hi = max(lo, 1), min(hi, t.max)
	w := int(lo >> 6)
	if w != t.open {
		return t.takeFirst(lo, hi)
	}
	word := t.words[w]
	free := ^word >> (lo & 63)
	if free == 0 {
		return t.takeFirst(lo, hi)
	}
	if lo += PID(bits.TrailingZeros64(free)); lo >= hi {
		return 0, false
	}
	t.set(w, word, lo)
	return lo, true
}

// takeFirst is TakeFirst of a range within [1, Max), wherever it starts. The
// word that it ends in becomes the open one.
func (t *Tree) takeFirst(lo, hi PID) (PID, bool) {
	if lo >= hi {
		return 0, false
	}
	if t.words[t.open] == ^uint64(0) {
		t.noteFull(t.open)
	}
	w := int(lo >> 6)
	if w < len(t.words) {
		if free := ^t.words[w] >> (lo & 63); free != 0 {
			lo += PID(bits.TrailingZeros64(free))
		} else {
			lo = t.freeAfter(w)
		}
		if lo >= hi {
			return 0, false
		}
		w = int(lo >> 6)
	}
	if w >= len(t.words) {
		t.grow(w)
	}
	t.open = w
	t.set(w, t.words[w], lo)
	return lo, true
}

// Release gives pid back, in O(1) but for words that were full or become empty.
func (t *Tree) Release(pid PID) bool {
	w := int(pid >> 6)
	if pid < 1 || w >= len(t.words) {
		return false
	}
	old := t.words[w]
	if old>>(pid&63)&1 == 0 {
		return false
	}
	now := old &^ (1 << (pid & 63))
	t.words[w] = now
	t.n--
	sum := &t.sums[w>>6]
	full := sum.full
	sum.full = full &^ (1 << (w & 63))
	if full == ^uint64(0) {
		t.clearFull(w >> 6)
	}
	if now == 0 {
		if sum.some &^= 1 << (w & 63); sum.some == 0 {
			t.clearSome(w >> 6)
		}
	}
	if invariants {
		t.checkPath(w)
	}
	return true
}

// Next gives the smallest pid in use > after, in the height of the tree.
func (t *Tree) Next(after PID) (PID, bool) {
	after = max(after, 0)
	w := int(after >> 6)
	if w >= len(t.words) {
		return 0, false
	}
	if used := t.words[w] >> (after & 63) >> 1; used != 0 {
		return after + 1 + PID(bits.TrailingZeros64(used)), true
	}
	if w = t.someAfter(w); w < 0 {
		return 0, false
	}
	return PID(w<<6 + bits.TrailingZeros64(t.words[w])), true
}

// Len is the number of pids in use.
func (t *Tree) Len() int { return t.n }

// set claims pid, which is free in word, the w-th. Whether that fills the word
// is left to be noted.
func (t *Tree) set(w int, word uint64, pid PID) {
	t.words[w] = word | 1<<(pid&63)
	t.n++
	if word == 0 {
		t.noteUsed(w)
	}
	if invariants {
		t.checkPath(w)
	}
}

// noteFull notes that word w is full.
func (t *Tree) noteFull(w int) {
	sum := &t.sums[w>>6]
	if sum.full |= 1 << (w & 63); sum.full == ^uint64(0) {
		t.setFull(w >> 6)
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

// bit64 is 1 for true; it compiles to no branch.
func bit64(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// above masks the bits above the lowest 6 bits of i.
func above(i int) uint64 { return ^(1<<(i&63)<<1 - 1) }

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
	if w = i<<6 + bits.TrailingZeros64(free); w >= len(t.words) {
		return t.end()
	}
	return PID(w<<6 + bits.TrailingZeros64(^t.words[w]))
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

// someAfter gives the first word after w with a pid in use, or -1.
func (t *Tree) someAfter(w int) int {
	i := w >> 6
	some := t.sums[i].some & above(w)
	if some == 0 {
		if i = t.usedAfter(i); i < 0 {
			return -1
		}
		some = t.sums[i].some
	}
	return i<<6 + bits.TrailingZeros64(some)
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

// The four below note, level by level, that sum i has become full, is full no
// more, has become used, or is used no more; they stop at the first node for
// which that changes nothing above.

func (t *Tree) setFull(i int) {
	for l := range t.upper {
		n := &t.upper[l][i>>6]
		n.full |= 1 << (i & 63)
		if n.full != ^uint64(0) {
			return
		}
		i >>= 6
	}
}

func (t *Tree) clearFull(i int) {
	for l := range t.upper {
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

// grow makes room for word w, doubling at the least and stopping at Max; the
// levels follow, and the topmost gets a new one above it when one node no
// longer covers all.
func (t *Tree) grow(w int) {
	t.words = extend(t.words, min(max(2*len(t.words), w+1), int(t.max+63)>>6))
	size := (len(t.words) + 63) >> 6
	top := t.sums[0] // the lone node of the level that was on top
	t.sums = extend(t.sums, size)
	for l := 0; size > 1; l++ {
		size = (size + 63) >> 6
		if l == len(t.upper) {
			t.upper = append(t.upper, []node{{full: bit64(top.full == ^uint64(0)), some: bit64(top.some != 0)}})
		}
		top = t.upper[l][0]
		t.upper[l] = extend(t.upper[l], size)
	}
}

// extend gives s length n exactly, new elements zero.
func extend[E any](s []E, n int) []E {
	if n <= len(s) {
		return s
	}
	grown := make([]E, n)
	copy(grown, s)
	return grown
}
