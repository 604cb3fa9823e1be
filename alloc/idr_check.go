package alloc

import (
	"fmt"
	"math/bits"
)

// checkPath panics unless, from the leaf of pid to the root, each tag says what
// lies below it, the height and the counts are possible, and now and then unless the
// counts are those of the whole tree. It runs after every change under the build tag
// pidmap_invariants.
func (d *IDR[T]) checkPath(pid PID) {
	if due(d.leaves.used+16*d.nodes.used, d.n, int(pid>>6)) { // a node has 64 children to look at
		d.checkWhole()
	}
	if (d.n == 0) != (d.height == 0) || d.n < 0 || d.n >= int(d.max) {
		panic(fmt.Sprintf("idr: %d pids in use of [1, %d), height %d", d.n, d.max, d.height))
	}
	if !d.covers(pid) {
		return
	}
	var path idrPath[T]
	leaf := d.descend(pid, &path)
	free, some := true, false
	if leaf != nil {
		free, some = leaf.free != 0, leaf.free != ^uint64(0)
		if !some {
			panic(fmt.Sprintf("idr: the leaf of pid %d is empty", pid))
		}
	}
	for l := 1; l < d.height; l++ {
		n := path[l]
		if n == nil {
			continue
		}
		i := pid >> (6 * l) & 63
		if got := n.free>>i&1 != 0; got != free {
			panic(fmt.Sprintf("idr: level %d says free=%t of child %d on the way to %d, which is %t", l, got, i, pid, free))
		}
		if got := n.some>>i&1 != 0; got != some || got != (n.kids[i] != idrSlot[T]{}) {
			panic(fmt.Sprintf("idr: level %d says some=%t of child %d on the way to %d, which is %t", l, got, i, pid, some))
		}
		if free, some = n.free != 0, n.some != 0; !some {
			panic(fmt.Sprintf("idr: the node of pid %d at level %d is empty", pid, l))
		}
	}
	if d.height > 1 && d.root.node.some == 1 {
		panic(fmt.Sprintf("idr: height %d, though the root has its first child only", d.height))
	}
}

// checkWhole panics unless as many slots are in use, and as many nodes and leaves
// there, as is counted, each tag says what lies below it, and slot 0 is free.
func (d *IDR[T]) checkWhole() {
	n, nodes, leaves := d.countBelow(d.root, d.height-1)
	if n != d.n || nodes != d.nodes.used || leaves != d.leaves.used {
		panic(fmt.Sprintf("idr: %d pids, %d nodes and %d leaves, and said to be %d, %d and %d", n, nodes, leaves, d.n, d.nodes.used, d.leaves.used))
	}
	if leaf := d.leafOf(0); leaf != nil && leaf.free&1 == 0 {
		panic("idr: pid 0 is in use")
	}
}

// countBelow counts the pids in use, the nodes and the leaves at and below at, of
// level l, and panics where a tag is wrong.
func (d *IDR[T]) countBelow(at idrSlot[T], l int) (n, nodes, leaves int) {
	if at.leaf != nil && at.node == nil && l == 0 {
		return bits.OnesCount64(^at.leaf.free), 0, 1
	}
	if at == (idrSlot[T]{}) {
		return 0, 0, 0
	}
	if at.leaf != nil || l <= 0 {
		panic(fmt.Sprintf("idr: a node, or a leaf above the lowest level, at level %d", l))
	}
	nodes = 1
	for i, kid := range at.node.kids {
		free, some := true, kid != idrSlot[T]{}
		if kid.leaf != nil {
			free = kid.leaf.free != 0
		} else if kid.node != nil {
			free = kid.node.free != 0
		}
		if at.node.free>>i&1 != 0 != free || at.node.some>>i&1 != 0 != some {
			panic(fmt.Sprintf("idr: level %d says free=%#x, some=%#x; child %d has %t, %t", l, at.node.free, at.node.some, i, free, some))
		}
		kidN, kidNodes, kidLeaves := d.countBelow(kid, l-1)
		n, nodes, leaves = n+kidN, nodes+kidNodes, leaves+kidLeaves
	}
	return n, nodes, leaves
}
