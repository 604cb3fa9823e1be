package alloc

// How an IDR takes a pid in, gives one up, and keeps its tags; see idr.go.

// claim takes pid, in [1, Max), unless it is in use.
func (d *IDR[T]) claim(pid PID) bool {
	if !d.covers(pid) {
		d.raise(pid)
	}
	var path idrPath[T]
	at := &d.root
	for l := d.height - 1; l > 0; l-- {
		if at.node == nil {
			at.node = d.newNode()
		}
		path[l] = at.node
		i := pid >> (6 * l) & 63
		at.node.some |= 1 << i
		at = &at.node.kids[i]
	}
	if at.leaf == nil {
		at.leaf = d.newLeaf()
	}
	bit := uint64(1) << (pid & 63)
	if at.leaf.free&bit == 0 {
		return false
	}
	at.leaf.free &^= bit
	d.n++
	if at.leaf.free == 0 {
		d.tagFull(pid, &path)
	}
	if invariants {
		d.checkPath(pid)
	}
	return true
}

// tagFull takes the free tag off the leaf of pid, and off each node above it
// that has none left.
func (d *IDR[T]) tagFull(pid PID, path *idrPath[T]) {
	for l := 1; l < d.height; l++ {
		path[l].free &^= 1 << (pid >> (6 * l) & 63)
		if path[l].free != 0 {
			return
		}
	}
}

// tagFree puts the free tag on the leaf of pid, and on each node above it that
// had none.
func (d *IDR[T]) tagFree(pid PID, path *idrPath[T]) {
	for l := 1; l < d.height; l++ {
		had := path[l].free
		path[l].free = had | 1<<(pid>>(6*l)&63)
		if had != 0 {
			return
		}
	}
}

// raise makes the tree high enough for pid. An empty tree has nothing to carry
// along; any other gets one root above the other.
func (d *IDR[T]) raise(pid PID) {
	for ; !d.covers(pid); d.height++ {
		if d.n == 0 {
			continue
		}
		top := d.newNode()
		top.kids[0], top.some = d.root, 1
		if d.full(d.root) {
			top.free &^= 1
		}
		d.root = idrSlot[T]{node: top}
	}
}

// full tells whether no slot below the root is free.
func (d *IDR[T]) full(root idrSlot[T]) bool {
	if root.node != nil {
		return root.node.free == 0
	}
	return root.leaf.free == 0
}

// prune drops the leaf of pid, which has become empty, each node above it that
// does, and then each root whose only child is its first.
func (d *IDR[T]) prune(pid PID, path *idrPath[T], leaf *idrLeaf[T]) {
	d.leaves.drop(leaf)
	l := 1
	for ; l < d.height; l++ {
		i := pid >> (6 * l) & 63
		path[l].kids[i] = idrSlot[T]{}
		path[l].some &^= 1 << i
		if path[l].some != 0 {
			break
		}
		d.nodes.drop(path[l])
	}
	if l == d.height {
		d.root, d.height = idrSlot[T]{}, 0
	}
	for d.height > 1 && d.root.node.some == 1 {
		top := d.root.node
		d.root = top.kids[0]
		d.height--
		top.kids[0] = idrSlot[T]{}
		d.nodes.drop(top)
	}
}

func (d *IDR[T]) newNode() *idrNode[T] {
	n := d.nodes.take()
	n.free, n.some = ^uint64(0), 0
	return n
}

func (d *IDR[T]) newLeaf() *idrLeaf[T] {
	leaf := d.leaves.take()
	leaf.free = ^uint64(0)
	return leaf
}

// spares hands out values of one kind and takes them back, keeping some for the
// next time: as many as are in use, or spareMin if that is more.
type spares[E any] struct {
	used int
	kept []*E
}

const spareMin = 16

// take gives an E that is zero or was dropped.
func (s *spares[E]) take() *E {
	s.used++
	if len(s.kept) == 0 {
		return new(E)
	}
	return s.pop()
}

// drop takes e back.
func (s *spares[E]) drop(e *E) {
	s.used--
	s.kept = append(s.kept, e)
	bound := max(s.used, spareMin)
	for len(s.kept) > bound {
		s.pop()
	}
	if cap(s.kept) > 4*bound {
		s.kept = append(make([]*E, 0, 2*bound), s.kept...)
	}
}

func (s *spares[E]) pop() *E {
	last := len(s.kept) - 1
	e := s.kept[last]
	s.kept[last] = nil
	s.kept = s.kept[:last]
	return e
}
