package pidns

import (
	"fmt"
	"slices"

	"example.com/pidmap/alloc"
)

// A restored copy is taken back where the hook does not come back, since it
// panics or ends its goroutine: nobody would have a handle on the copy, which is
// frozen, and whose tasks are numbers taken above.

// introduce calls hook for every restored task.
func (r *restoration) introduce(hook func(Task)) {
	back := false
	defer func() {
		if !back {
			r.takeBack()
		}
	}()
	for _, t := range r.made[0].Tasks() {
		hook(t)
	}
	back = true
}

// takeBack undoes publish and reserve. Whatever others have made of the copy
// meanwhile goes with it, and nobody is told; those who wait for any of it look
// again. It costs what publish and reserve have.
func (r *restoration) takeBack() {
	h, top := r.h, r.made[0]
	h.lock()
	defer h.unlock()
	if top.gone {
		return // somebody has ended it and reaped its reaper
	}
	sifted := map[*family]bool{}
	for _, t := range slices.Backward(r.handles) { // the last that was taken first, as in unreserve
		if rec := t.record(); rec != nil {
			r.vanish(t.slot, rec, true, sifted)
		}
	}
	var born []uint32 // since then: the copy was thawed
	top.each(func(slot uint32, _ *record) { born = append(born, slot) })
	for _, slot := range born {
		r.vanish(slot, h.slab.at(slot), false, sifted)
	}
	for _, ns := range slices.Clone(h.spaces) {
		if ns != nil && ns.within(top) {
			ns.pids.Terminate()
			h.dropSpace(ns)
			h.settle(ns)
		}
	}
	h.wakeForks()
	if r.outer == nil {
		return
	}
	if p := r.parent.running(); p != nil {
		h.childless(p)
	}
	for ns := r.outer; ns != nil; ns = ns.parent {
		h.settle(ns)
	}
}

// vanish takes a task out of everything that it is in. restored says that its
// numbers above the copy have been the next ones, and are to be so again.
func (r *restoration) vanish(slot uint32, rec *record, restored bool, sifted map[*family]bool) {
	h := r.h
	h.wake(slot, rec)
	if rec.family != 0 {
		r.disown(rec, sifted)
	}
	if rec.kids != 0 {
		h.families.leave(rec.kids)
	}
	h.unhook(slot, rec)
	delete(h.births, slot)
	if h.keepAll {
		h.remove(byAll, 0, &h.all, slot)
	}
	for ns := h.spaces[rec.space]; ns != nil; ns = ns.parent {
		if restored && ns.level < r.made[0].level {
			r.unlistAbove(ns, slot, rec)
		} else {
			h.delist(ns, slot, rec, rec.leader == slot)
		}
	}
	h.giveBack(slot, rec)
}

// disown takes a process out of its parent's family. Of a family that has
// zombies, all of the copy's are taken out at once.
func (r *restoration) disown(rec *record, sifted map[*family]bool) {
	h := r.h
	f := h.families.top(rec.family)
	if rec.state != zombie {
		f.live--
	} else if !sifted[f] {
		sifted[f] = true
		slot := f.first
		f.first, f.last = 0, 0
		for slot != 0 {
			z := h.slab.at(slot)
			next := z.peers.next
			if z.peers = (link{}); !h.inside(z, r.made[0]) {
				h.corpse(f, slot, z)
			}
			slot = next
		}
	}
	h.wake(f.owner, h.slab.at(f.owner))
	h.families.leave(rec.family)
}

// unlistAbove is delist with Undo in the place of Free: Last and the order of
// free numbers come out as they were before the restore.
func (r *restoration) unlistAbove(ns *Namespace, slot uint32, rec *record) {
	n := r.h.number(rec, ns.level)
	if ns.direct == nil {
		ns.index.erase(n.pid)
	}
	// Last is the last task's number, unless somebody has had one since; the
	// others' numbers do not move it.
	if err := ns.pids.(alloc.Undoer).Undo(n.pid, r.lasts[ns.level]); err != nil {
		panic(fmt.Sprintf("pidns: number %d restored at level %d: %v", n.pid, ns.level, err))
	}
	ns.tasks--
	if ns.keepsLists {
		r.h.unlist(ns, slot, rec, rec.leader == slot)
	}
}

// childless takes the family away from a task's process, if nobody is in it.
func (h *host) childless(r *record) {
	p := h.slab.at(r.leader)
	if p.kids != 0 && h.families.all[p.kids].refs == 1 {
		h.families.leave(p.kids)
		p.kids = 0
	}
}
