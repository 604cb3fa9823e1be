package pidns

import (
	"fmt"

	"example.com/pidmap/alloc"
)

// The registries: how a namespace hands out numbers and finds tasks by them.
const (
	TreeTable = "tree+table" // alloc.Tree and a direct table: the default
	TreeHash  = "tree+hash"  // alloc.Tree and a hash that grows with the tasks
	PagedHash = "paged+hash" // Linux 2.6.22: alloc.Paged and a hash of at most 4,096 chains
	IDR       = "idr"        // Linux 4.15 to today: alloc.IDR, tasks in its own slots
	Table     = "table"      // NetBSD, and the proposal of 2018: alloc.Table, tasks in its own slots, first in first out
)

// hashChains is the most buckets that Linux's pid hash had.
const hashChains = 4096

// index finds the slot of a published task by its number. Slot 0 is nobody.
type index interface {
	load(pid alloc.PID) uint32
	store(pid alloc.PID, slot uint32) // of a number in [1, Max) that has none
	erase(pid alloc.PID)              // of a number that has one
}

// numbers is what walks ask of an allocator, or of the set below its policy.
type numbers interface {
	alloc.Batcher
	Next(after alloc.PID) (alloc.PID, bool)
}

// setRegistry gives ns its numbers and its index.
func (ns *Namespace) setRegistry(name string, l alloc.Limits) error {
	var err error
	switch name {
	case "", TreeTable:
		ns.direct = &table{}
		ns.index = ns.direct
		ns.pids, err = alloc.New(l, alloc.NewTree)
	case TreeHash:
		ns.index = newHash(ns, 0)
		ns.pids, err = alloc.New(l, alloc.NewTree)
	case PagedHash:
		ns.index = newHash(ns, hashChains)
		ns.pids, err = alloc.New(l, alloc.NewPaged)
	case IDR:
		ns.pids, err = alloc.New(l, func(l alloc.Limits) (alloc.Backend, error) {
			set, err := alloc.NewIDROf[uint32](l)
			ns.index = ownSlots{set}
			return set, err
		})
	case Table:
		var t *alloc.Table[uint32]
		t, err = alloc.NewTableOf[uint32](l)
		ns.pids, ns.index = t, ownSlots{t}
	default:
		return fmt.Errorf("pidns: unknown registry %q: %w", name, ErrInvalid)
	}
	if err != nil {
		return fmt.Errorf("pidns: %w", err)
	}
	if m, ok := ns.pids.(*alloc.Pidmap); ok {
		ns.pidmap = m
		ns.set, ok = m.Backend().(numbers)
		if !ok {
			ns.set = m
		}
		return nil
	}
	ns.set = ns.pids.(numbers)
	return nil
}

// terminating tells whether the gate is shut.
func (ns *Namespace) terminating() bool {
	if m := ns.pidmap; m != nil {
		return m.Terminating()
	}
	return ns.pids.Terminating()
}

// last is the number handed out last.
func (ns *Namespace) last() alloc.PID {
	if m := ns.pidmap; m != nil {
		return m.Last()
	}
	return ns.pids.Last()
}

// take hands out the next number.
func (ns *Namespace) take() (alloc.PID, error) {
	if m := ns.pidmap; m != nil {
		return m.Alloc()
	}
	return ns.pids.Alloc()
}

// free gives a number back that is known to be taken.
func (ns *Namespace) free(pid alloc.PID) {
	var err error
	if m := ns.pidmap; m != nil {
		err = m.Free(pid)
	} else {
		err = ns.pids.Free(pid)
	}
	if err != nil {
		ns.notTaken(pid, err)
	}
}

func (ns *Namespace) notTaken(pid alloc.PID, err error) {
	panic(fmt.Sprintf("pidns: number %d of a task at level %d: %v", pid, ns.level, err))
}

// ownSlots is the index of numbers that hold a value each.
type ownSlots struct {
	slots interface {
		Store(pid alloc.PID, slot uint32) bool
		Load(pid alloc.PID) (uint32, bool)
	}
}

func (x ownSlots) load(pid alloc.PID) uint32 {
	slot, _ := x.slots.Load(pid)
	return slot
}

func (x ownSlots) store(pid alloc.PID, slot uint32) { x.slots.Store(pid, slot) }
func (x ownSlots) erase(pid alloc.PID)              { x.slots.Store(pid, 0) }

// table is a direct table in pages of 64 slots, made on first use: 4 bytes a
// number, and 8 for 64 up to the highest. What it says of a number that is not
// taken means nothing: the last task's slot stays until the next one is
// published, so that a death need not fetch the line.
type table struct{ pages []*[64]uint32 }

func (t *table) load(pid alloc.PID) uint32 {
	if i := int(pid) >> 6; uint(i) < uint(len(t.pages)) {
		if p := t.pages[i]; p != nil {
			return p[pid&63]
		}
	}
	return 0
}

func (t *table) store(pid alloc.PID, slot uint32) {
	i := int(pid) >> 6
	if i >= len(t.pages) {
		grown := make([]*[64]uint32, max(i+1, 2*len(t.pages)))
		copy(grown, t.pages)
		t.pages = grown
	}
	p := t.pages[i]
	if p == nil {
		p = new([64]uint32)
		t.pages[i] = p
	}
	p[pid&63] = slot
}

func (t *table) erase(pid alloc.PID) {
	if i := int(pid) >> 6; i < len(t.pages) {
		if p := t.pages[i]; p != nil {
			p[pid&63] = 0
		}
	}
}

// hash is a chained hash; the chains run through number.chain. It doubles when
// there are as many tasks as chains, up to most (0: no bound): past that the
// chains get longer, as Linux's did.
type hash struct {
	ns    *Namespace
	heads []uint32
	n     int
	most  int
}

func newHash(ns *Namespace, most int) *hash {
	return &hash{ns: ns, heads: make([]uint32, 16), most: most}
}

// bucket multiplies by the golden ratio's 32 bits (Knuth 6.4), and takes the
// high ones.
func (x *hash) bucket(pid alloc.PID) *uint32 {
	return &x.heads[uint64(uint32(pid)*0x9E3779B1)*uint64(len(x.heads))>>32]
}

func (x *hash) numberOf(slot uint32) *number {
	h := x.ns.host
	return h.number(h.slab.at(slot), x.ns.level)
}

func (x *hash) load(pid alloc.PID) uint32 {
	slot := *x.bucket(pid)
	for slot != 0 {
		n := x.numberOf(slot)
		if n.pid == pid {
			break
		}
		slot = n.chain
	}
	return slot
}

func (x *hash) store(pid alloc.PID, slot uint32) {
	if x.n >= len(x.heads) && (x.most == 0 || len(x.heads) < x.most) {
		x.double()
	}
	head := x.bucket(pid)
	x.numberOf(slot).chain = *head
	*head = slot
	x.n++
}

func (x *hash) erase(pid alloc.PID) {
	place := x.bucket(pid)
	for *place != 0 {
		n := x.numberOf(*place)
		if n.pid == pid {
			*place, n.chain = n.chain, 0
			x.n--
			return
		}
		place = &n.chain
	}
}

func (x *hash) double() {
	old := x.heads
	x.heads = make([]uint32, 2*len(old))
	for _, slot := range old {
		for slot != 0 {
			n := x.numberOf(slot)
			next := n.chain
			head := x.bucket(n.pid)
			n.chain = *head
			*head = slot
			slot = next
		}
	}
}
