package pidns

import (
	"context"
	"syscall"

	"example.com/pidmap/alloc"
)

// reapAll reaps every zombie child of a process that ignores SIGCHLD from now
// on: those of its own namespace or below.
func (h *host) reapAll(parent uint32) {
	p := h.slab.at(parent)
	for p.kids != 0 {
		slot, z := h.reap(&h.families.all[p.kids])
		if slot == 0 {
			return
		}
		h.release(slot, z)
	}
}

// zombify hands the children of a dead process on, and the process itself to
// its parent; where the parent ignores it, it is reaped here.
func (h *host) zombify(slot uint32, r *record) {
	if r.flags&subreaper != 0 {
		h.setSubreaper(r, false)
	}
	if r.kids != 0 {
		h.orphan(r)
	}
	h.wake(slot, r)
	r.state = zombie
	r.flags &^= doomed
	f := h.families.top(r.family)
	f.live--
	parent := f.owner
	p := h.slab.at(parent)
	if h.ignores(p, r) {
		h.release(slot, r)
	} else {
		h.corpse(f, slot, r)
		h.notify(parent, p)
	}
	h.wake(parent, p)
}

// notify sends SIGCHLD to the parent of a new zombie, or of one that it has been
// given: to the leader, or the first thread where that is dead. It is ignored by
// default, so only a program comes to know, a frozen one at the thaw.
func (h *host) notify(slot uint32, r *record) {
	if h.faults != nil && h.faults.notify != nil {
		h.faults.notify(slot, r)
		return
	}
	if r.state == deadFront {
		slot = r.peers.next
		r = h.slab.at(slot)
	}
	if r.flags&hooked == 0 || r.pending()&bit(sigKill) != 0 {
		return // by default it is ignored; and after SIGKILL comes nothing
	}
	r.mark(bit(syscall.SIGCHLD))
	if !h.isFrozen(r) {
		h.tell(slot, syscall.SIGCHLD)
	}
}

// ignores tells whether a child that dies reaps itself: a namespace that both
// are in is being ended. A parent outside must wait for it, and the zap with it.
func (h *host) ignores(parent, child *record) bool {
	for ns := h.spaces[child.space]; ns != nil; ns = ns.parent {
		if ns.terminating() && h.inside(parent, ns) {
			return true
		}
	}
	return false
}

// orphan gives the children of a dead process to its heir: the living all at
// once, the dead one by one, since the heir may ignore some of them.
func (h *host) orphan(r *record) {
	i := r.kids
	r.kids = 0
	f := &h.families.all[i]
	if f.live == 0 && f.first == 0 {
		h.families.leave(i)
		return
	}
	heir := h.heir(r)
	p := h.slab.at(heir)
	slot := f.first
	f.first, f.last = 0, 0
	if h.faults == nil || h.faults.merge == nil {
		h.families.merge(i, heir, p)
	} else {
		h.faults.merge(i, heir, p)
	}
	if slot == 0 {
		return
	}
	for slot != 0 {
		z := h.slab.at(slot)
		next := z.peers.next
		z.peers = link{}
		if h.ignores(p, z) {
			h.release(slot, z)
		} else {
			h.corpse(&h.families.all[p.kids], slot, z)
			h.notify(heir, p)
		}
		slot = next
	}
	h.wake(heir, p)
}

// Wait reaps one dead child, the one that died first, and gives its number in
// the caller's namespace and its status: that of Exit, or 128 and the number of
// the signal that killed it, as shells say it. It waits for one to die until
// ctx ends. A child belongs to the whole thread group. It fails with ErrNoChild,
// with ErrDead (also when the caller dies waiting), with the context's error, and
// with ErrInvalid for a nil one.
func (t Task) Wait(ctx context.Context) (alloc.PID, int, error) {
	h := t.host
	if h == nil {
		return 0, 0, ErrDead
	}
	for {
		h.mu.Lock()
		h.outwait()
		r := t.running()
		if r == nil {
			h.unlock()
			return 0, 0, ErrDead
		}
		if ctx == nil {
			h.unlock()
			return 0, 0, errNoContext
		}
		p := h.slab.at(r.leader)
		if p.kids == 0 {
			h.unlock()
			return 0, 0, ErrNoChild
		}
		f := &h.families.all[p.kids]
		if slot, z := h.reap(f); slot != 0 {
			pid, status := h.number(z, int(r.level)).pid, int(z.status)
			h.release(slot, z)
			if h.hasNews() {
				h.unlock()
			} else {
				h.mu.Unlock()
			}
			return pid, status, nil
		}
		if f.live == 0 {
			h.unlock()
			return 0, 0, ErrNoChild
		}
		changed := h.await(r.leader, p)
		h.unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return 0, 0, ctx.Err()
		}
	}
}

// await gives what wake closes.
func (h *host) await(leader uint32, r *record) chan struct{} {
	if r.flags&awaited == 0 {
		r.flags |= awaited
		h.waiters[leader] = make(chan struct{})
	}
	return h.waiters[leader]
}
