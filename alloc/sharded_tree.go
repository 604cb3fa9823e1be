package alloc

import (
	"math/bits"
	"sync/atomic"
)

// liveTree: the backend of a shard, a Tree that can be read while it changes.
//
// Policy, exhaustion and growth are Tree's.
// Memory: Tree's, 1.032 bits a pid when full, in blocks of 128 bytes that no
// other shard's block shares a pair of cache lines with.
//
// Bits: some[0] are the words, bit b of word w set when pid 64*w+b is in use;
// bit i of some[l] is set when word i of some[l-1] is not 0, so when something
// below is in use; bit i of full[l] when word i of full[l-1] is all ones, and
// full[0] are the words again. Bit 0 of word 0 is pid 0's, never set.
//
// One writer at a time, under its shard's lock, changes a tree; Next, NextN and
// has may run beside it and beside each other. What they read, view and some,
// changes word by word, each change one publish, and a larger tree is a new
// view. A bit of a summary is set before what it sums up, from the top down, and
// cleared after it, from below. So a pid that stays has its bit, and the bits
// above it, in every value that a reader can meet; any other bit may be gone when
// the reader comes down to it, who then goes on from there.
type liveTree struct {
	max   PID
	n     int32                    // guarded by the shard's lock
	words []uint64                 // own.some[0]; guarded by the shard's lock
	crowd int32                    // at so many in use, words are full or not as it happens
	own   *liveView                // the writer's way to view; guarded by the shard's lock
	view  atomic.Pointer[liveView] // the readers'
}

// liveLevels is the number of levels for the largest Max: 64^5 is 1<<30.
const liveLevels = 5

// liveView is one size of a liveTree. The slices' headers never change.
type liveView struct {
	levels int                  // the last has one word
	some   [liveLevels][]uint64 // written by publish, under the shard's lock
	full   [liveLevels][]uint64 // but for full[0], read and written under the shard's lock
}

var (
	_ Backend = (*liveTree)(nil)
	_ Batcher = (*liveTree)(nil)
)

// liveBlock is what blocks of words are a multiple of: 128 bytes, two cache
// lines, since processors fetch them in pairs.
const liveBlock = 16

// init makes t an empty tree for pids in [1, end).
func (t *liveTree) init(end PID) {
	t.max, t.crowd = end, int32(end-end>>3)
	t.use(newLiveView(min(liveBlock/2, t.size())))
}

// live tells whether t is not the empty one. It may run beside a writer.
func (t *liveTree) live() bool { return t.view.Load() != nil }

// size is the number of words for Max.
func (t *liveTree) size() int { return int(t.max+63) >> 6 }

func (t *liveTree) use(v *liveView) {
	t.own, t.words = v, v.some[0]
	t.view.Store(v)
}

// newLiveView makes an empty view of size words.
func newLiveView(size int) *liveView {
	total := size
	for n := size; n > 1; total += 2 * n {
		n = (n + 63) >> 6
	}
	block := make([]uint64, (total+liveBlock-1)/liveBlock*liveBlock)
	cut := func(n int) []uint64 {
		part := block[:n:n]
		block = block[n:]
		return part
	}
	v := &liveView{levels: 1}
	v.some[0] = cut(size)
	v.full[0] = v.some[0]
	for n := size; n > 1; v.levels++ {
		n = (n + 63) >> 6
		v.some[v.levels], v.full[v.levels] = cut(n), cut(n)
	}
	return v
}

// grow makes room for word w, doubling at the least and stopping at Max. What
// readers see meanwhile is the view as it was.
func (t *liveTree) grow(w int) {
	old := t.own
	v := newLiveView(min(max(2*len(old.some[0]), w+1), t.size()))
	copy(v.some[0], old.some[0])
	for l := 1; l < v.levels; l++ {
		for i, word := range v.some[l-1] {
			if word != 0 {
				v.some[l][i>>6] |= 1 << (i & 63)
			}
		}
		for i, word := range v.full[l-1] {
			if word == ^uint64(0) {
				v.full[l][i>>6] |= 1 << (i & 63)
			}
		}
	}
	t.use(v)
}

// Take claims pid.
func (t *liveTree) Take(pid PID) bool {
	if pid < 1 || pid >= t.max || t.own.has(pid) {
		return false
	}
	t.set(int(pid))
	return true
}

// TakeFirst claims the smallest free pid in [lo, hi).
func (t *liveTree) TakeFirst(lo, hi PID) (PID, bool) {
	lo, hi = max(lo, 1), min(hi, t.max)
	if lo >= hi || t.n == int32(t.max)-1 {
		return 0, false
	}
	v, w := t.own, int(lo>>6)
	if w < len(v.some[0]) {
		if free := ^v.some[0][w] >> (lo & 63); free != 0 {
			lo += PID(bits.TrailingZeros64(free))
		} else {
			lo = PID(v.free((w + 1) << 6))
		}
	}
	if lo >= hi {
		return 0, false
	}
	t.set(int(lo))
	return lo, true
}

// Release gives pid back.
func (t *liveTree) Release(pid PID) bool {
	v, w := t.own, int(pid>>6)
	if pid < 1 || w >= len(v.some[0]) {
		return false
	}
	old := v.some[0][w]
	now := old &^ (1 << (pid & 63))
	if now == old {
		return false
	}
	publish(&v.some[0][w], now)
	if invariants {
		v.checkSeen(0, w)
	}
	t.n--
	if old == ^uint64(0) {
		v.clearFull(w)
	}
	if now == 0 {
		v.clearSome(w)
	}
	if invariants {
		t.checkPath(int(pid))
	}
	return true
}

// Next gives the smallest pid in use > after. It may run beside a writer.
func (t *liveTree) Next(after PID) (PID, bool) {
	i := t.view.Load().next(int(max(after, 0)))
	return PID(max(i, 0)), i > 0
}

// NextN fills dst with the smallest pids in use > after. It may run beside a writer.
func (t *liveTree) NextN(after PID, dst []PID) int { return t.view.Load().nextN(after, 0, dst) }

// Len is the number of pids in use.
func (t *liveTree) Len() int { return int(t.n) }

// has tells whether pid is in use. It may run beside a writer.
func (t *liveTree) has(pid PID) bool { return pid >= 1 && t.view.Load().has(pid) }

func (v *liveView) has(pid PID) bool {
	w := int(pid >> 6)
	return w < len(v.some[0]) && atomic.LoadUint64(&v.some[0][w])>>(pid&63)&1 != 0
}

// set claims the free pid i.
func (t *liveTree) set(i int) {
	w := i >> 6
	if w >= len(t.own.some[0]) {
		t.grow(w)
	}
	v := t.own
	old := v.some[0][w]
	now := old | 1<<(i&63)
	if old == 0 {
		v.setSome(w)
	}
	publish(&v.some[0][w], now)
	if invariants {
		v.checkSeen(0, w)
	}
	t.n++
	if now == ^uint64(0) {
		v.setFull(w)
	}
	if invariants {
		t.checkPath(i)
	}
}

// next gives the smallest i > after whose pid is in use, or -1: up to the first
// word with something further on, then down; and up again where a word, met on
// the way down, has become 0.
func (v *liveView) next(after int) int {
	for l, i := 0, after+1; l < v.levels && i>>6 < len(v.some[l]); {
		word := atomic.LoadUint64(&v.some[l][i>>6]) >> (i & 63)
		if word == 0 {
			l, i = l+1, i>>6+1
			continue
		}
		i += bits.TrailingZeros64(word)
		if l == 0 {
			return i
		}
		l, i = l-1, i<<6
	}
	return -1
}

// free gives the smallest i >= from whose pid is free, as those past the words
// are.
func (v *liveView) free(from int) int {
	for l, i := 0, from; l < v.levels && i>>6 < len(v.full[l]); {
		word := ^v.full[l][i>>6] >> (i & 63)
		if word == 0 {
			l, i = l+1, i>>6+1
			continue
		}
		i += bits.TrailingZeros64(word)
		if l == 0 {
			return i
		}
		l, i = l-1, i<<6
	}
	return max(from, len(v.some[0])<<6)
}

// The four below note, level by level, that word i has become full, is full no
// more, will be used, or is used no more; they stop at the first word for which
// that changes nothing above, or begin there.

func (v *liveView) setFull(i int) {
	for l := 1; l < v.levels; l++ {
		word := &v.full[l][i>>6]
		*word |= 1 << (i & 63)
		if *word != ^uint64(0) {
			return
		}
		i >>= 6
	}
}

func (v *liveView) clearFull(i int) {
	for l := 1; l < v.levels; l++ {
		word := &v.full[l][i>>6]
		old := *word
		*word = old &^ (1 << (i & 63))
		if old != ^uint64(0) {
			return
		}
		i >>= 6
	}
}

func (v *liveView) setSome(i int) {
	l := 1
	for l < v.levels-1 && v.some[l][i>>(6*l)] == 0 {
		l++
	}
	for ; l > 0 && l < v.levels; l-- {
		word := &v.some[l][i>>(6*l)]
		publish(word, *word|1<<(i>>(6*(l-1))&63))
		if invariants {
			v.checkSeen(0, i)
		}
	}
}

func (v *liveView) clearSome(i int) {
	for l := 1; l < v.levels; l++ {
		word := &v.some[l][i>>6]
		now := *word &^ (1 << (i & 63))
		publish(word, now)
		if invariants {
			v.checkSeen(l-1, i)
		}
		if now != 0 {
			return
		}
		i >>= 6
	}
}
