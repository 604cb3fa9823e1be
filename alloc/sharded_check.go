package alloc

import "fmt"

// checkPath panics unless, from the word of pid i to the root, each summary bit
// says what lies below it, and the count fits. It runs after every change under
// the build tag pidmap_invariants.
func (t *liveTree) checkPath(i int) {
	v := t.own
	t.checkCount(i)
	for l := 1; l < v.levels; l++ {
		i >>= 6
		full, some := v.full[l-1][i] == ^uint64(0), v.some[l-1][i] != 0
		if got := v.full[l][i>>6]>>(i&63)&1 != 0; got != full {
			panic(fmt.Sprintf("shard's tree: level %d says full=%t of word %d, which is %t", l, got, i, full))
		}
		if got := v.some[l][i>>6]>>(i&63)&1 != 0; got != some {
			panic(fmt.Sprintf("shard's tree: level %d says some=%t of word %d, which is %t", l, got, i, some))
		}
	}
	if i>>6 != 0 || t.n < 0 || t.n >= int32(t.max) || v != t.view.Load() {
		panic(fmt.Sprintf("shard's tree: root index %d, %d pids in use of [1, %d)", i>>6, t.n, t.max))
	}
}

// checkSeen panics unless a reader that came now would find its way to word w of
// level from, if it is not 0, and to each summary of it that is not: what is not 0 has its bit,
// and so has the summary that holds that. It runs after every store that readers
// may meet, between the steps of a change too, under the build tag
// pidmap_invariants.
func (v *liveView) checkSeen(from, w int) {
	for l := from + 1; l < v.levels; l++ {
		if v.some[l-1][w] != 0 && v.some[l][w>>6]>>(w&63)&1 == 0 {
			panic(fmt.Sprintf("shard's tree: word %d of level %d is not 0, and its bit at level %d is", w, l-1, l))
		}
		w >>= 6
	}
}

// checkLocked panics unless the shards agree with the whole: they cut [1, Max)
// in order and without a gap, and each finds itself as the owner of its first
// and last pid, has its cursor within, and, where it is small, counts the pids
// in use that a walk meets. It runs whenever all shards are held, under the
// build tag pidmap_invariants.
func (s *Sharded) checkLocked() {
	first := PID(1)
	for i := range s.shards {
		h := &s.shards[i].run
		end := h.base + h.end
		if h.base+1 != first || end <= first || s.owner(first) != h || s.owner(end-1) != h {
			panic(fmt.Sprintf("sharded: shard %d holds [%d, %d), and the one before ends at %d", i, h.base+1, end, first))
		}
		if h.last < 0 || h.last >= h.end || h.reserved < 1 || h.reserved > h.end {
			panic(fmt.Sprintf("sharded: shard %d of %d pids has Last %d, Reserved %d", i, h.end-1, h.last, h.reserved))
		}
		if h.end <= 1024 {
			h.checkLenLocked(i)
		}
		first = end
	}
	if first != s.max || int(s.home.Load()) >= len(s.shards) {
		panic(fmt.Sprintf("sharded: %d shards end at %d, not at Max %d; home is %d", len(s.shards), first, s.max, s.home.Load()))
	}
}

func (h *run) checkLenLocked(i int) {
	n := 0
	for pid, ok := h.set.Next(0); ok; pid, ok = h.set.Next(pid) {
		n++
	}
	if n != h.set.Len() {
		panic(fmt.Sprintf("sharded: shard %d has %d pids in use and says %d", i, n, h.set.Len()))
	}
}
