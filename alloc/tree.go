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
// Bits: words[w] bit b is set when pid 64*w+b is in use. levels[0][i] says of
// 64 words, levels[k][i] of 64 nodes of levels[k-1], in one bit each: full,
// nothing free below; some, something in use below. Bit 0 of word 0 is always
// set, so that pid 0 is never found free; nothing asks for it as in use.
// What lies beyond the words grown so far is free; so is what lies at Max and
// above within the last word, and searches cut it off.
type Tree struct {
	max    PID
	n      int
	words  []uint64
	levels [][]node // at least one; the last has one node
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
	return &Tree{max: l.Max, words: []uint64{1}, levels: [][]node{{{some: 1}}}}, nil
}

// Take claims pid in O(1); a word that fills or leaves empty adds a step a
// level.
func (t *Tree) Take(pid PID) bool {
	if pid < 1 || pid >= t.max {
		return false
	}
	w := int(pid >> 6)
	if w >= len(t.words) {
		t.grow(w)
	}
	if t.words[w]>>(pid&63)&1 != 0 {
		return false
	}
	t.set(w, uint(pid)&63)
	return true
}

// TakeFirst claims the smallest free pid in [lo, hi), in the height of the
// tree.
func (t *Tree) TakeFirst(lo, hi PID) (PID, bool) {
	lo, hi = max(lo, 1), min(hi, t.max)
	if lo >= hi {
		return 0, false
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
	t.set(w, uint(lo)&63)
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
	if old == ^uint64(0) {
		t.clearFull(w)
	}
	if now == 0 {
		t.clearSome(w)
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

// NextN fills dst with the smallest pids in use > after: a word at a time.
func (t *Tree) NextN(after PID, dst []PID) int {
	after = max(after, 0)
	w := int(after >> 6)
	if w >= len(t.words) {
		return 0
	}
	used := t.words[w] &^ (1<<(after&63)<<1 - 1)
	for n := 0; ; used = t.words[w] {
		for base := PID(w << 6); used != 0; used &= used - 1 {
			if n == len(dst) {
				return n
			}
			dst[n] = base + PID(bits.TrailingZeros64(used))
			n++
		}
		if w = t.someAfter(w); w < 0 {
			return n
		}
	}
}

// Len is the number of pids in use.
func (t *Tree) Len() int { return t.n }

// set claims a free bit.
func (t *Tree) set(w int, bit uint) {
	old := t.words[w]
	now := old | 1<<bit
	t.words[w] = now
	t.n++
	if now == ^uint64(0) {
		t.setFull(w)
	}
	if old == 0 {
		t.setSome(w)
	}
	if invariants {
		t.checkPath(w)
	}
}

// freeAfter gives the smallest free pid in the words after w; what lies past
// the words grown so far is free, up to and past Max.
func (t *Tree) freeAfter(w int) PID {
	i := w
	for l := 0; l < len(t.levels); l++ {
		free := ^t.levels[l][i>>6].full &^ (1<<(i&63)<<1 - 1)
		if i >>= 6; free == 0 {
			continue
		}
		i = i<<6 + bits.TrailingZeros64(free)
		for l--; l >= 0; l-- {
			if i >= len(t.levels[l]) {
				return PID(len(t.words) << 6)
			}
			i = i<<6 + bits.TrailingZeros64(^t.levels[l][i].full)
		}
		if i >= len(t.words) {
			break
		}
		return PID(i<<6 + bits.TrailingZeros64(^t.words[i]))
	}
	return PID(len(t.words) << 6)
}

// someAfter gives the first word after w with a pid in use, or -1.
func (t *Tree) someAfter(w int) int {
	i := w
	for l := 0; l < len(t.levels); l++ {
		some := t.levels[l][i>>6].some &^ (1<<(i&63)<<1 - 1)
		if i >>= 6; some == 0 {
			continue
		}
		i = i<<6 + bits.TrailingZeros64(some)
		for l--; l >= 0; l-- {
			i = i<<6 + bits.TrailingZeros64(t.levels[l][i].some)
		}
		return i
	}
	return -1
}

// The four below note, level by level, that child i has become full, is full
// no more, has become used, or is used no more; they stop at the first node
// for which that changes nothing above.

func (t *Tree) setFull(i int) {
	for l := range t.levels {
		n := &t.levels[l][i>>6]
		n.full |= 1 << (i & 63)
		if n.full != ^uint64(0) {
			return
		}
		i >>= 6
	}
}

func (t *Tree) clearFull(i int) {
	for l := range t.levels {
		n := &t.levels[l][i>>6]
		old := n.full
		n.full = old &^ (1 << (i & 63))
		if old != ^uint64(0) {
			return
		}
		i >>= 6
	}
}

func (t *Tree) setSome(i int) {
	for l := range t.levels {
		n := &t.levels[l][i>>6]
		old := n.some
		n.some = old | 1<<(i&63)
		if old != 0 {
			return
		}
		i >>= 6
	}
}

func (t *Tree) clearSome(i int) {
	for l := range t.levels {
		n := &t.levels[l][i>>6]
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
	size := min(max(2*len(t.words), w+1), int(t.max+63)>>6)
	t.words = extend(t.words, size)
	for l := 0; ; l++ {
		size = (size + 63) >> 6
		if l == len(t.levels) {
			below := t.levels[l-1][0] // the lone node of the level that was on top
			top := node{}
			if below.full == ^uint64(0) {
				top.full = 1
			}
			if below.some != 0 {
				top.some = 1
			}
			t.levels = append(t.levels, []node{top})
		}
		t.levels[l] = extend(t.levels[l], size)
		if size == 1 {
			return
		}
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
