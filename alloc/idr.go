package alloc

import "math/bits"

// IDR: a radix tree with a slot for each pid.
//
// Policy: smallest free pid of a range, found by the free tags of the nodes on
// the way; smallest pid in use likewise, by which children there are.
// Exhaustion: found out on the path of the range's first pid, up and down
// again at most once: twice the height of the tree.
// Memory: a leaf of 64 slots and 8 bytes of tags, so 64*sizeof(T)+8 bytes for
// 64 pids, plus a node of 1,040 bytes for 64 leaves, for 64 such nodes and so
// on: sizeof(T) + 0.4 bytes a pid when full. Go rounds allocations up: to 1.4
// times the bare pointers with T a pointer, to 3.3 bits a pid with T empty. A
// lone pid costs a path of at most five nodes and leaves. Nodes come with the
// first pid below them and go with the last; as many of each kind as are in
// use, or 16 if that is more, are kept for the next to come, and the rest is
// left to the garbage collector. So the tree allocates nothing while the pids
// in use stay about as many, and its memory follows what is in use now, not
// what once was. The height follows the highest pid in use.
//
// Bits: leaf.free bit b is the free tag of the leaf's slot b; node.free bit i
// says that a slot below child i is free, node.some bit i that there is a child
// i, which is to say that a pid below it is in use. Slot 0 of the first leaf is
// tagged free for ever, and no search starts below 1. What a node does not have
// is free, so is what the root does not cover, and so is what lies at Max and
// above; searches cut that off.
//
// Source: lib/idr.c over lib/radix-tree.c of Linux 4.15 and later, which
// kernel/pid.c has used since: same shape, same tags, same answers. There, nodes
// point at their parents; Next looks for a child that is not nil where `some`
// answers here; and the pid's task is stored by a second descent, as with Store.
type IDR[T any] struct {
	max    PID
	n      int
	height int        // levels of nodes, the leaves' included; 0 when empty
	root   idrSlot[T] // a leaf if height is 1, a node if it is more
	nodes  spares[idrNode[T]]
	leaves spares[idrLeaf[T]]
}

// idrMaxHeight is the height that covers the largest Max: 64^5 is 1<<30.
const idrMaxHeight = 5

// idrSlot is a child: at most one of the two is not nil, and the level says
// which.
type idrSlot[T any] struct {
	node *idrNode[T]
	leaf *idrLeaf[T]
}

type idrNode[T any] struct {
	free, some uint64
	kids       [64]idrSlot[T]
}

type idrLeaf[T any] struct {
	slots [64]T // first, so that slots of no size cost nothing
	free  uint64
}

// idrPath holds the nodes on the way to a pid: [l] the one l levels above the
// leaf. [0] is not used.
type idrPath[T any] [idrMaxHeight]*idrNode[T]

var (
	_ Backend = (*IDR[struct{}])(nil)
	_ Batcher = (*IDR[struct{}])(nil)
)

// NewIDR makes an empty IDR for pids in [1, l.Max) whose slots have no size: a
// set and nothing else, to be compared with the other backends. It fails where
// l.Normalize does.
func NewIDR(l Limits) (Backend, error) {
	d, err := NewIDROf[struct{}](l)
	if err != nil {
		return nil, err
	}
	return d, nil
}

// NewIDROf makes an empty IDR with a slot of type T for each pid in [1, l.Max):
// a set of pids and the index from pid to T in one. It fails where l.Normalize
// does.
func NewIDROf[T any](l Limits) (*IDR[T], error) {
	l, err := l.Normalize()
	if err != nil {
		return nil, err
	}
	return &IDR[T]{max: l.Max}, nil
}

// Take claims pid, in the height of the tree; its slot holds the zero T.
func (d *IDR[T]) Take(pid PID) bool {
	return pid >= 1 && pid < d.max && d.claim(pid)
}

// TakeFirst claims the smallest free pid in [lo, hi), in the height of the
// tree; its slot holds the zero T.
func (d *IDR[T]) TakeFirst(lo, hi PID) (PID, bool) {
	lo, hi = max(lo, 1), min(hi, d.max)
	if lo >= hi {
		return 0, false
	}
	if lo = d.firstFree(lo); lo >= hi {
		return 0, false
	}
	return lo, d.claim(lo)
}

// Release gives pid back and zeroes its slot, in the height of the tree.
func (d *IDR[T]) Release(pid PID) bool {
	var path idrPath[T]
	leaf, bit := d.descend(pid, &path), uint64(1)<<(pid&63)
	if leaf == nil || leaf.free&bit != 0 {
		return false
	}
	var zero T
	leaf.slots[pid&63] = zero
	d.n--
	if leaf.free == 0 {
		d.tagFree(pid, &path)
	}
	leaf.free |= bit
	if leaf.free == ^uint64(0) {
		d.prune(pid, &path, leaf)
	}
	if invariants {
		d.checkPath(pid)
	}
	return true
}

// Next gives the smallest pid in use > after, in the height of the tree.
func (d *IDR[T]) Next(after PID) (PID, bool) {
	pid, _ := d.firstUsed(after)
	return pid, pid != 0
}

// NextN fills dst with the smallest pids in use > after: a leaf at a time.
func (d *IDR[T]) NextN(after PID, dst []PID) int {
	for n := 0; n < len(dst); {
		pid, leaf := d.firstUsed(after)
		if leaf == nil {
			return n
		}
		base := pid &^ 63
		for used := ^leaf.free >> (pid & 63) << (pid & 63); used != 0 && n < len(dst); used &= used - 1 {
			dst[n] = base + PID(bits.TrailingZeros64(used))
			n++
		}
		after = base + 63
	}
	return len(dst)
}

// Len is the number of pids in use.
func (d *IDR[T]) Len() int { return d.n }

// Store puts v into the slot of pid; false if pid is not in use. In the height
// of the tree.
func (d *IDR[T]) Store(pid PID, v T) bool {
	leaf := d.leafOf(pid)
	if leaf == nil || leaf.free>>(pid&63)&1 != 0 {
		return false
	}
	leaf.slots[pid&63] = v
	return true
}

// Load gives what was stored for pid since it was taken, the zero T if nothing
// was; false, and the zero T, if pid is not in use. In the height of the tree.
func (d *IDR[T]) Load(pid PID) (T, bool) {
	leaf := d.leafOf(pid)
	if leaf == nil || leaf.free>>(pid&63)&1 != 0 {
		var zero T
		return zero, false
	}
	return leaf.slots[pid&63], true
}

// covers tells whether pid lies below the root, 0 included.
func (d *IDR[T]) covers(pid PID) bool { return uint32(pid)>>(6*d.height) == 0 }

// leafOf gives the leaf of pid, nil if there is none.
func (d *IDR[T]) leafOf(pid PID) *idrLeaf[T] {
	if !d.covers(pid) {
		return nil
	}
	at := &d.root
	for l := d.height - 1; l > 0; l-- {
		if at.node == nil {
			return nil
		}
		at = &at.node.kids[pid>>(6*l)&63]
	}
	return at.leaf
}

// descend is leafOf that fills path on the way.
func (d *IDR[T]) descend(pid PID, path *idrPath[T]) *idrLeaf[T] {
	if !d.covers(pid) {
		return nil
	}
	at := &d.root
	for l := d.height - 1; l > 0; l-- {
		if at.node == nil {
			return nil
		}
		path[l] = at.node
		at = &at.node.kids[pid>>(6*l)&63]
	}
	return at.leaf
}

// firstFree gives the smallest free pid >= lo, for lo in [1, Max); it may lie
// at Max or above.
func (d *IDR[T]) firstFree(lo PID) PID {
	if !d.covers(lo) {
		return lo
	}
	var path idrPath[T]
	leaf := d.descend(lo, &path)
	if leaf == nil {
		return lo
	}
	if free := leaf.free >> (lo & 63); free != 0 {
		return lo + PID(bits.TrailingZeros64(free))
	}
	for l := 1; l < d.height; l++ {
		if free := after(path[l].free, lo>>(6*l)); free != 0 {
			i := PID(bits.TrailingZeros64(free))
			return d.lowestFree(path[l].kids[i], l-1, lo>>(6*l)&^63|i)
		}
	}
	return 1 << (6 * d.height)
}

// lowestFree gives the smallest free pid below at, of level l, which has one;
// i is the number of at among its level.
func (d *IDR[T]) lowestFree(at idrSlot[T], l int, i PID) PID {
	for ; l > 0 && at.node != nil; l-- {
		k := bits.TrailingZeros64(at.node.free)
		at, i = at.node.kids[k], i<<6|PID(k)
	}
	i <<= 6 * (l + 1)
	if at.leaf != nil {
		i |= PID(bits.TrailingZeros64(at.leaf.free))
	}
	return i
}

// firstUsed gives the smallest pid in use > past and its leaf; 0 and nil at the
// end.
func (d *IDR[T]) firstUsed(past PID) (PID, *idrLeaf[T]) {
	past = max(past, 0)
	if !d.covers(past) {
		return 0, nil
	}
	var path idrPath[T]
	if leaf := d.descend(past, &path); leaf != nil {
		if used := after(^leaf.free, past); used != 0 {
			return past&^63 + PID(bits.TrailingZeros64(used)), leaf
		}
	}
	for l := 1; l < d.height; l++ {
		if path[l] == nil {
			continue
		}
		if some := after(path[l].some, past>>(6*l)); some != 0 {
			i := PID(bits.TrailingZeros64(some))
			return lowestUsed(path[l].kids[i], l-1, past>>(6*l)&^63|i)
		}
	}
	return 0, nil
}

// lowestUsed gives the smallest pid in use below at, of level l, and its leaf;
// i is the number of at among its level.
func lowestUsed[T any](at idrSlot[T], l int, i PID) (PID, *idrLeaf[T]) {
	for ; l > 0; l-- {
		k := bits.TrailingZeros64(at.node.some)
		at, i = at.node.kids[k], i<<6|PID(k)
	}
	return i<<6 | PID(bits.TrailingZeros64(^at.leaf.free)), at.leaf
}

// after gives the bits of word that are higher than bit i%64.
func after(word uint64, i PID) uint64 { return word &^ (2<<(i&63) - 1) }
