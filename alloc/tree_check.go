package alloc

import "fmt"

// checkPath panics unless, from word w to the root, each summary bit says what
// lies below it (the full bits as if the spare were in use), the spare is the only
// free pid, and the count fits. It runs after every change under the build tag
// pidmap_invariants.
func (t *Tree) checkPath(w int) {
	full, some := t.words[w] == ^uint64(0), t.words[w] != 0
	if t.spare != 0 && int(t.spare>>6) == w {
		full = t.words[w]|1<<(t.spare&63) == ^uint64(0)
	}
	i := w
	look := func(level int, nodes []node) {
		n := nodes[i>>6]
		if got := n.full>>(i&63)&1 != 0; got != full {
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
	if t.spare != 0 && (t.n != int(t.max)-2 || t.words[t.spare>>6]>>(t.spare&63)&1 != 0) {
		panic(fmt.Sprintf("tree: spare %d, %d pids in use", t.spare, t.n))
	}
	if i != 0 || t.n < 0 || t.n >= int(t.max) {
		panic(fmt.Sprintf("tree: root index %d, %d pids in use of [1, %d)", i, t.n, t.max))
	}
}
