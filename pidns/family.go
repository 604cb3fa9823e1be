package pidns

// family is the children of a process, dead or alive, and those of the dead
// whose children it has been given. So nobody visits children to hand them on:
// the family of a process that dies is merged into its heir's, the smaller below
// the larger, and a child finds its parent at the top, O(log families) above the
// family that it was born into (Tarjan 1975, union by size).
type family struct {
	up    uint32 // the family that it has been merged into; 0: none, and the rest holds
	owner uint32 // the parent: the leader of a process that is no zombie
	live  uint32 // children that are not dead
	first uint32 // dead ones to be reaped, oldest first, by record.peers.next
	last  uint32
	refs  uint32 // who was born into it and has not been reaped, families just below, and 1 for the owner

	heir  uint32 // who would get the owner's children: see subreaper.go
	asked uint32 // Namespace.heirs when that was found out; 0: never
}

// families holds those of one host; index 0 is nobody's.
type families struct {
	all   []family
	spare []uint32
}

// own gives the family of a process's children, and makes it at first.
func (f *families) own(slot uint32, r *record) *family {
	if r.kids == 0 {
		r.kids = f.make(slot)
	}
	return &f.all[r.kids]
}

func (f *families) make(owner uint32) uint32 {
	if len(f.all) == 0 {
		f.all = append(f.all, family{})
	}
	i := uint32(len(f.all))
	if n := len(f.spare); n > 0 {
		i = f.spare[n-1]
		f.spare = f.spare[:n-1]
	} else {
		f.all = append(f.all, family{})
	}
	f.all[i] = family{owner: owner, refs: 1}
	return i
}

// top gives the family that i has been merged into in the end; i is not 0.
func (f *families) top(i uint32) *family {
	n := &f.all[i]
	for n.up != 0 {
		n = &f.all[n.up]
	}
	return n
}

// leave takes one reference back, and those of families that this ends.
func (f *families) leave(i uint32) {
	for i != 0 {
		n := &f.all[i]
		if n.refs--; n.refs > 0 {
			return
		}
		up := n.up
		*n = family{}
		f.spare = append(f.spare, i)
		i = up
	}
}

// merge gives the living of family i to heir, whose record is p. The dead are
// still with i, for the caller to take.
func (f *families) merge(i, heir uint32, p *record) {
	if p.kids == 0 {
		p.kids = i
		f.all[i].owner, f.all[i].asked = heir, 0
		return
	}
	top, below := p.kids, i
	if f.all[below].refs > f.all[top].refs {
		top, below = below, top
		t, b := &f.all[top], &f.all[below]
		t.owner, t.first, t.last, t.heir, t.asked = heir, b.first, b.last, b.heir, b.asked
		p.kids = top
	}
	t, b := &f.all[top], &f.all[below]
	t.live += b.live
	t.refs++
	*b = family{up: top, refs: b.refs}
	f.leave(below) // nobody's any more
}

// parentOf gives the leader of the parent process; 0 for threads and for the
// root's reaper. The lock is held.
func (h *host) parentOf(r *record) uint32 {
	if r.family == 0 {
		return 0
	}
	return h.families.top(r.family).owner
}

// bear adds a process to its parent's family.
func (h *host) bear(r *record, parent uint32) {
	p := h.slab.at(parent)
	f := h.families.own(parent, p)
	f.live++
	f.refs++
	r.family = p.kids
}

// corpse makes a dead child wait to be reaped, behind those that do.
func (h *host) corpse(f *family, slot uint32, r *record) {
	r.peers = link{}
	if f.first == 0 {
		f.first = slot
	} else {
		h.slab.at(f.last).peers.next = slot
	}
	f.last = slot
}

// reap takes the child that has been dead for longest out of its family; 0
// where there is none. It is to be released.
func (h *host) reap(f *family) (uint32, *record) {
	slot := f.first
	if slot == 0 {
		return 0, nil
	}
	r := h.slab.at(slot)
	if f.first = r.peers.next; f.first == 0 {
		f.last = 0
	}
	r.peers = link{}
	return slot, r
}
