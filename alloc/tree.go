package alloc

import "math/bits"

// Tree: the default backend.
//
// Policy: smallest free pid of a range, found by summaries; of words no more
// than the next two are looked at.
// Exhaustion: told by the count where the whole map is full, else found out at
// the root, in the height of the tree.
// Memory: 1 bit a pid, plus 2 bits for 64 pids, 2 for 4,096 and so on:
// 1.032 bits a pid when full. The words grow by doubling towards Max as higher
// pids are taken, so memory follows the highest pid ever taken; 24 bytes of
// words and summaries serve the first 64 pids at any Max.
//
// Bits: words[w] bit b is set when pid 64*w+b is in use. sums[i] says of 64
// words, upper[0][i] of 64 sums, upper[k][i] of 64 nodes of upper[k-1], in one
// bit each: full, nothing free below; some, something in use below. Bit 0 of
// word 0 is always set, so that pid 0 is never found free; nothing asks for it as in use.
// What lies beyond the words grown so far is free; so is what lies at Max and
// above within the last word, and searches cut it off.
//
// After every call each bit says what is so, with two exceptions, both of full
// bits. Where pids are few (tree_few.go), they are those of a map in which every
// pid is in use, and the free pids stand in a list. Else, of the words of one sum,
// late, they may not say yet that a word is full; settle says it.
//
// Cost: the count says which of four ways is taken, so that the branch on it is
// predicted. Below crowd, at seven pids of eight, few words are full, and a branch
// on "is this one" is cheap. From there on half of the words may be, such a branch
// is mispredicted as often, and the pairs of calls behind it wait for the misses
// before it; so Release clears a word's full bit, and crowded finds and takes,
// without one. It leaves the full bits late, since to change the sum it would have to
// wait until it is known which sum the Release before changes, which is a miss too.
// From packed on, one free pid of 1,024, sums are full or not as it happens, and
// from few on the list is all there is to look at. Higher nodes become full or empty
// rarely enough for branches.
type Tree struct {
	max    PID
	n      int
	crowd  int // at so many in use, words are full or not as it happens; less than Max-2
	packed int // and sums; less than what few is at the least
	few    int // and the free pids are listed, or will be by the next Take
	late   int // a sum whose full bits may lack some; -1 where there is none
	words  []uint64
	sums   []node
	upper  [][]node  // the last has one node; none while there is one sum
	free   [most]PID // the free pids where they are listed, the rest is of no meaning
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
	top := int(l.Max) - 3
	t := &Tree{
		max: l.Max, crowd: top - top>>3, packed: min(top-top>>10, top-most),
		few: int(l.Max), late: -1, words: []uint64{1}, sums: []node{{some: 1}},
	}
	t.unlist()
	return t, nil
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
	if t.words[w]>>(pid&63)&1 != 0 {
		return false
	}
	t.take(pid)
	return true
}

// TakeFirst claims the smallest free pid in [lo, hi): in O(1) where the search
// ends near where it starts, else in the height of the tree.
func (t *Tree) TakeFirst(lo, hi PID) (PID, bool) {
	lo = max(lo, 1)
	if hi < t.max {
		return t.takeFirst(lo, hi)
	}
	if t.n < t.crowd {
		if pid := t.quick(lo); pid != 0 {
			return pid, true
		}
	} else if t.n < t.few {
		if pid := t.crowded(lo); pid != 0 {
			return max(pid, 0), pid > 0
		}
	}
	return t.takeFirst(lo, t.max)
}

// quick claims the smallest free pid from lo on if that is in lo's word and no
// summary changes; else it gives 0. The free pids must not be listed, as they are not
// below crowd. It is inlined into Pidmap.Alloc.
func (t *Tree) quick(lo PID) PID {
	if w := int(uint32(lo) >> 6); w < len(t.words) {
		word := t.words[w]
		if free := ^word >> (lo & 63); free != 0 && word != 0 {
			lo += PID(bits.TrailingZeros64(free))
			if word |= 1 << (lo & 63); word != ^uint64(0) && lo < t.max {
				t.words[w] = word
				t.n++
				if invariants {
					t.checkPath(w)
				}
				return lo
			}
		}
	}
	return 0
}

// takeFirst is TakeFirst of a range within [1, Max), wherever it starts and ends.
func (t *Tree) takeFirst(lo, hi PID) (PID, bool) {
	if lo >= hi || t.n >= int(t.max)-1 {
		return 0, false
	}
	if t.n >= t.few {
		pid := t.takeListed(lo, hi, hi)
		return pid, pid != 0
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
	t.take(lo)
	return lo, true
}

// take claims pid, which is free and within the words grown so far.
func (t *Tree) take(pid PID) {
	if t.n >= t.few {
		t.takeListed(pid, pid+1, pid+1)
		return
	}
	w := int(pid >> 6)
	old := t.words[w]
	t.words[w] = old | 1<<(pid&63)
	t.n++
	t.noteTaken(w, old)
	if invariants {
		t.checkPath(w)
	}
}

// Release gives pid back, in O(1) but for words that were full or become empty.
func (t *Tree) Release(pid PID) bool {
	old, now := t.drop(pid)
	if old != now && (old == ^uint64(0) || now == 0 || t.n >= t.crowd) {
		t.noteDropped(pid, now)
	}
	return old != now
}

// drop clears pid's bit and gives its word as it was and is; the same where pid was
// free. It is inlined into Pidmap.Free, which goes on as Release does.
func (t *Tree) drop(pid PID) (old, now uint64) {
	w := int(uint32(pid) >> 6)
	if w >= len(t.words) || pid == 0 {
		return 0, 0
	}
	old = t.words[w]
	now = old &^ (1 << (pid & 63))
	if old != now {
		t.words[w] = now
		t.n--
	}
	return old, now
}

// quietly notes from crowd on that pid was dropped and left its word as now, if
// that changes the word's full bit at the most; else it gives false. It is inlined
// as well.
func (t *Tree) quietly(pid PID, now uint64) bool {
	sum := &t.sums[uint32(pid)>>12]
	full := sum.full
	if full == ^uint64(0) || now == 0 || t.n >= t.packed {
		return false
	}
	sum.full = full &^ (1 << (pid >> 6 & 63))
	if invariants {
		t.checkPath(int(pid >> 6))
	}
	return true
}

// Next gives the smallest pid in use > after: in O(1) where that is below the same
// sum, else in the height of the tree.
func (t *Tree) Next(after PID) (PID, bool) {
	if pid := t.near(after); pid != 0 {
		return pid, true
	}
	if pid := t.beside(after); pid != 0 {
		return pid, true
	}
	return t.far(after)
}

// near is Next where that is in after's word; else it gives 0. It is inlined into
// Pidmap.Next, as beside is, which goes on as Next does.
func (t *Tree) near(after PID) PID {
	if w := int(uint32(after) >> 6); w < len(t.words) {
		if used := t.words[w] & (^uint64(1) << (after & 63)); used != 0 {
			return PID(w<<6 + bits.TrailingZeros64(used))
		}
	}
	return 0
}

// beside is Next where that is in another word of after's sum, and in none before;
// else it gives 0. That the word is not 0 is asked so that the compiler knows.
func (t *Tree) beside(after PID) PID {
	if w := int(uint32(after) >> 6); w < len(t.words) {
		if some := t.sums[w>>6].some & above(w); some != 0 {
			w = w&^63 + bits.TrailingZeros64(some)
			if used := t.words[w]; used != 0 {
				return PID(w<<6 + bits.TrailingZeros64(used))
			}
		}
	}
	return 0
}

// far is Next where that is not below after's sum.
func (t *Tree) far(after PID) (PID, bool) {
	if after < 0 {
		return t.Next(0)
	}
	if i := int(after >> 12); i < len(t.sums) {
		if i = t.usedAfter(i); i >= 0 {
			if some := t.sums[i].some; some != 0 {
				w := i<<6 + bits.TrailingZeros64(some)
				if used := t.words[w]; used != 0 {
					return PID(w<<6 + bits.TrailingZeros64(used)), true
				}
			}
		}
	}
	return 0, false
}

// Len is the number of pids in use.
func (t *Tree) Len() int { return t.n }

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
