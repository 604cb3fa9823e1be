package pidns

// release takes the numbers of a dead task back at every level, and its memory.
// Whoever waits for one of the namespaces to empty is told.
func (h *host) release(slot uint32, r *record) {
	inner := h.spaces[r.space]
	leads := r.leader == slot
	for ns := inner; ns != nil; ns = ns.parent {
		h.delist(ns, slot, r, leads)
	}
	if h.keepAll {
		h.remove(byAll, 0, &h.all, slot)
	}
	if !leads {
		head := r.leader
		h.remove(byThread, 0, &head, slot)
	}
	if r.flags&entered != 0 {
		delete(h.births, slot)
	}
	h.families.leave(r.family)
	last := inner.reaper.slot == slot
	h.giveBack(slot, r)
	if last {
		h.dropSpace(inner)
	}
	for ns := inner; ns != nil; ns = ns.parent {
		h.settle(ns)
	}
}

// delist undoes enlist, and frees the number.
func (h *host) delist(ns *Namespace, slot uint32, r *record, leads bool) {
	n := h.number(r, ns.level)
	if ns.direct == nil {
		ns.index.erase(n.pid)
	}
	ns.free(n.pid)
	ns.tasks--
	if ns.keepsLists {
		h.unlist(ns, slot, r, leads)
	}
}

// unlist undoes list.
func (h *host) unlist(ns *Namespace, slot uint32, r *record, leads bool) {
	if ns.keepList {
		h.remove(byList, ns.level, &ns.list, slot)
	}
	if ns.keepLeaders && leads {
		h.remove(byLeaders, ns.level, &ns.leaders, slot)
	}
	if ns.keepArray {
		last := len(ns.array) - 1
		moved := ns.array[last]
		x := h.extra(slot, r, ns.level)
		ns.array[x.at] = moved
		h.extra(moved, h.slab.at(moved), ns.level).at = x.at
		ns.array = ns.array[:last]
	}
}

// settle tells those who wait for ns to empty, once it has: the count of
// numbers is down to those of the reaper's own group. The count includes
// numbers that are reserved and not published, and with the gate shut it only
// falls, so this is asked when it has fallen and never again.
func (h *host) settle(ns *Namespace) {
	if !ns.terminating() || !ns.isEmpty() {
		return
	}
	if ns.empty != nil {
		close(ns.empty)
		ns.empty = nil
	}
	if ns.gone {
		return
	}
	if r := h.slab.at(ns.reaper.slot); r.state == exiting {
		h.zombify(ns.reaper.slot, r)
	}
}

// isEmpty tells whether nobody but the reaper's thread group has a number.
func (ns *Namespace) isEmpty() bool {
	if f := ns.host.faults; f != nil && f.isEmpty != nil {
		return f.isEmpty(ns)
	}
	return ns.left() == 0
}

// left counts the numbers taken by others than the reaper's thread group.
func (ns *Namespace) left() int {
	n := ns.pids.Len()
	if ns.gone {
		return n
	}
	r := ns.host.slab.at(ns.reaper.slot)
	n -= int(r.threads)
	if r.state != live {
		n-- // the leader is dead and still has its number
	}
	return n
}
