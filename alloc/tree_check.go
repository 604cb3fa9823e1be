package alloc

import (
	"fmt"
	"math/bits"
	"slices"
)

// checkPath panics unless word w is as checkBits wants it, and now and then unless all
// words are. It runs after every change under the build tag pidmap_invariants.
func (t *Tree) checkPath(w int) {
	if t.checkBits(w); due(len(t.words), t.n, w) {
		t.checkWhole()
	}
}

// checkBits panics unless, from word w to the root, each summary bit says what
// lies below it (the full bits as if listed pids were in use, those of the late sum
// at least not too much), what is listed is what is free, and the count is possible.
func (t *Tree) checkBits(w int) {
	full, some := t.words[w] == ^uint64(0), t.words[w] != 0
	if t.listed() {
		full = t.checkList(w)
	}
	i := w
	look := func(level int, nodes []node) {
		n := nodes[i>>6]
		if got := n.full>>(i&63)&1 != 0; got != full && (got || level > 0 || i>>6 != t.late) {
			panic(fmt.Sprintf("tree: level %d says full=%t of child %d, which is %t", level, got, i, full))
		}
		if got := n.some>>(i&63)&1 != 0; got != some {
			panic(fmt.Sprintf("tree: level %d says some=%t of child %d, which is %t", level, got, i, some))
		}
		full, some = n.full == ^uint64(0), n.some != 0
		i >>= 6
	}
	look(0, t.sums)
	for l, nodes := range t.upper {
		look(l+1, nodes)
	}
	if i != 0 || t.n < 0 || t.n >= int(t.max) {
		panic(fmt.Sprintf("tree: root index %d, %d pids in use of [1, %d)", i, t.n, t.max))
	}
}

// checkList panics unless the free pids are those listed, and there is no late sum. It
// tells whether word w would be full if they were in use.
func (t *Tree) checkList(w int) bool {
	free := t.free[:int(t.max)-1-t.n]
	if t.late >= 0 || len(free) > most {
		panic(fmt.Sprintf("tree: %d pids listed, late sum %d", len(free), t.late))
	}
	word := t.words[w]
	for i, pid := range free {
		if t.words[pid>>6]>>(pid&63)&1 != 0 || slices.Contains(free[:i], pid) {
			panic(fmt.Sprintf("tree: pid %d is listed: %d", pid, free))
		}
		if int(pid>>6) == w {
			word |= 1 << (pid & 63)
		}
	}
	return word == ^uint64(0)
}

// checkWhole panics unless as many bits are set as pids are in use, and all words
// are as checkBits wants them.
func (t *Tree) checkWhole() {
	n := -1 // pid 0
	for w, word := range t.words {
		n += bits.OnesCount64(word)
		t.checkBits(w)
	}
	if n != t.n {
		panic(fmt.Sprintf("tree: %d bits are set, and %d pids said to be in use", n, t.n))
	}
}
