package pidns

// The quick paths, of what happens most: the birth of a child that is nothing but
// a child, and the exit of a process that has one thread and never had a child,
// and whose parent is not to be told. They change what fork and exit change, which
// take as many steps as the rest needs and ask in each what is asked here once;
// a test holds the ones against the others. Namespaces are not told apart: every
// registry, list and depth goes this way.

// quick tells whether a birth is Fork's, and nobody may come between its steps.
func (b *birth) quick(h *host, r *record) bool {
	return b.space == nil && !b.thread && b.at == nil && h.faults == nil && h.frozen == 0 && r.flags&entered == 0
}

// forkQuickly makes a child of a task that may fork, r, where its own kind is
// born. It fails as fork does: no number is to be had where a gate is shut, there
// or above. The lock is held for all of it.
func (h *host) forkQuickly(r *record) (Task, error) {
	inner := h.spaces[r.space]
	slot, child := h.slab.take()
	child.level, child.choose = r.level, r.choose
	if child.level > 0 {
		child.upper = h.takeUpper(int(child.level))
	}
	for ns := inner; ns != nil; ns = ns.parent {
		n := h.number(child, ns.level)
		n.chain = uint32(ns.last())
		var err error
		if n.pid, err = ns.take(); err != nil {
			h.unreserve(slot, inner, ns)
			return Task{}, err
		}
	}
	child.leader, child.space, child.threads = slot, r.space, 1
	for ns := inner; ns != nil; ns = ns.parent {
		h.enlist(ns, slot, child)
	}
	h.bear(child, r.leader)
	if h.keepAll {
		h.push(byAll, 0, &h.all, slot)
	}
	child.state = live
	return Task{h, slot, child.generation()}, nil
}

// exitQuickly ends a running process, r, if all that follows is that it waits for
// its parent; else it gives false. The lock is held.
func (h *host) exitQuickly(slot uint32, r *record, status int) bool {
	if r.leader != slot || r.threads != 1 || r.flags != 0 || r.kids != 0 || r.peers.next != 0 || h.faults != nil {
		return false
	}
	if h.spaces[r.space].reaper.slot == slot || int(int32(status)) != status {
		return false
	}
	f := h.families.top(r.family)
	parent := h.slab.at(f.owner)
	if parent.state != live || parent.flags&(hooked|awaited) != 0 || h.ignores(parent, r) {
		return false
	}
	r.threads = 0
	r.status = int32(status)
	r.state = zombie
	f.live--
	h.corpse(f, slot, r)
	return true
}
