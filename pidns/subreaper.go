package pidns

// Who gets the children of a process that dies: the nearest subreaper above it
// in its namespace, else the namespace's reaper. In a namespace without
// subreapers that is no question. In one with some an exit goes up from parent
// to parent, and leaves the answer with the family of each that it passes, so
// that the next one goes as far as that and no further. The answers hold until
// a process that has living children becomes a subreaper, is one no more, or
// dies as one: then Namespace.heirs goes on, and an answer with another count is
// not believed. Such a change so costs at most a step for every process that has
// children, once, in the exits to come. One without living children, as most
// are when they ask to be subreapers and when they exit, changes nobody's heir.
//
// Linux asks the same question (find_new_reaper in kernel/exit.c); there a flag
// that is inherited and never cleared spares those who never had a subreaper
// above them, and the others go up the whole way at each exit.

// heir is who gets the children of a dead process.
func (h *host) heir(r *record) uint32 {
	ns := h.spaces[r.space]
	if ns.subreapers == 0 {
		return ns.reaper.slot
	}
	heir, end := h.nearest(ns, r.family)
	for f := h.families.top(r.family); f != end; f = h.families.top(h.slab.at(f.owner).family) {
		f.heir, f.asked = heir, ns.heirs
	}
	return heir
}

// nearest goes up from a family to the first whose owner is the heir, or knows
// it.
func (h *host) nearest(ns *Namespace, family uint32) (heir uint32, end *family) {
	for {
		f := h.families.top(family)
		p := h.slab.at(f.owner)
		switch {
		case f.owner == ns.reaper.slot || p.space != ns.id:
			return ns.reaper.slot, f
		case p.flags&subreaper != 0:
			return f.owner, f
		case f.asked == ns.heirs:
			return f.heir, f
		}
		family = p.family
	}
}

// setSubreaper makes a process a subreaper, or makes it none.
func (h *host) setSubreaper(r *record, on bool) {
	if on == (r.flags&subreaper != 0) {
		return
	}
	ns := h.spaces[r.space]
	r.flags ^= subreaper
	if on {
		ns.subreapers++
	} else {
		ns.subreapers--
	}
	if r.kids != 0 && h.families.all[r.kids].live > 0 {
		h.reconsider(ns)
	}
}

// reconsider makes exits in ns find out anew who the heirs are.
func (h *host) reconsider(ns *Namespace) {
	if ns.heirs++; ns.heirs == 0 { // the oldest answers would be believed again
		for i := range h.families.all {
			h.families.all[i].asked = 0
		}
		ns.heirs = 1
	}
}

// SetSubreaper makes the process the heir of the orphans below it in its
// namespace, as PR_SET_CHILD_SUBREAPER does, or takes that back; it never saves
// them from the namespace's death. Children that it has been given stay. It
// costs O(1), and where children of it live already the exits of those below
// have to find their heir anew, once. It fails with ErrDead. Source:
// PR_SET_CHILD_SUBREAPER(2const).
func (t Task) SetSubreaper(on bool) error {
	r := t.act()
	if r == nil {
		return ErrDead
	}
	h := t.host
	defer h.unlock()
	h.setSubreaper(h.slab.at(r.leader), on)
	return nil
}
