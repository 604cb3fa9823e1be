package alloc

import "fmt"

// checkPath panics unless, from the leaf of pid to the root, each tag says what
// lies below it, and the height and the counts fit. It runs after every change
// under the build tag pidmap_invariants.
func (d *IDR[T]) checkPath(pid PID) {
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
