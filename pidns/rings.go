package pidns

// link gives slot's place in ring g; level matters to byList and byLeaders.
func (h *host) link(g ring, level int, slot uint32) *link {
	r := h.slab.at(slot)
	switch g {
	case byThread:
		return &r.peers
	case byAll:
		return &h.slab.extra(slot).all
	case byList:
		return &h.number(r, level).list
	default:
		return &h.extra(slot, r, level).leaders
	}
}

// push adds slot to the ring at *head, as its last; *head becomes the first.
func (h *host) push(g ring, level int, head *uint32, slot uint32) {
	l := h.link(g, level, slot)
	if *head == 0 {
		*l = link{slot, slot}
		*head = slot
		return
	}
	first := h.link(g, level, *head)
	last := h.link(g, level, first.prev)
	*l = link{next: *head, prev: first.prev}
	last.next = slot
	first.prev = slot
}

// remove takes slot out of the ring at *head.
func (h *host) remove(g ring, level int, head *uint32, slot uint32) {
	l := h.link(g, level, slot)
	next, prev := l.next, l.prev
	*l = link{}
	if next == slot {
		*head = 0
		return
	}
	h.link(g, level, prev).next = next
	h.link(g, level, next).prev = prev
	if *head == slot {
		*head = next
	}
}
