package pidns

import (
	"context"
	"syscall"

	"example.com/pidmap/alloc"
)

// aftermath is what a change leaves to be done once the lock is free.
type aftermath struct {
	calls []call       // programs to be told
	dying []*Namespace // whose reapers have exited: to be swept
}

type call struct {
	hook func(Task, syscall.Signal)
	task Task
	sig  syscall.Signal
}

// finish does what is left, and what that leaves: a namespace's tasks may be
// reapers of others, so this is a list of work and no recursion.
func (h *host) finish(after *aftermath) {
	for {
		after.tell()
		n := len(after.dying)
		if n == 0 {
			return
		}
		ns := after.dying[n-1]
		after.dying = after.dying[:n-1]
		// The walk needs no list, so it cannot fail.
		_, _ = ns.mark(Walk, bit(sigKill))
		ns.deliverAll(after)
	}
}

func (after *aftermath) tell() {
	for len(after.calls) > 0 {
		calls := after.calls
		after.calls = nil
		for _, c := range calls {
			c.hook(c.task, c.sig)
		}
	}
}

// Exit ends this thread; the last one of a group ends the process, which
// becomes a zombie until its parent waits for it. status is what Wait will
// give. The children of a dead process become children of its namespace's
// reaper, or of a nearer subreaper. When a reaper's last thread exits, the gate
// of its namespace is shut and everybody else in it killed; Exit returns, and
// the reaper becomes a zombie when nobody is left. It fails with ErrDead, and
// with ErrKillInit for pid 1 of a root, which so outlives its other threads.
func (t Task) Exit(status int) error { return t.exit(status, false) }

// ExitGroup ends every thread of the group, as exit_group(2) does. Threads with
// a program behind them are sent SIGKILL, and the group is gone when they have
// exited. It fails as Exit does.
func (t Task) ExitGroup(status int) error { return t.exit(status, true) }

func (t Task) exit(status int, group bool) error {
	h := t.host
	if h == nil {
		return ErrDead
	}
	var after aftermath
	h.lock()
	err := t.exitLocked(status, group, &after)
	h.unlock()
	if after.calls != nil || after.dying != nil {
		h.finish(&after)
	}
	return err
}

func (t Task) exitLocked(status int, group bool, after *aftermath) error {
	h := t.host
	r := t.running()
	if r == nil {
		return ErrDead
	}
	if r.leader == h.spaces[0].reaper.slot && (group || t.slot == r.leader) {
		return ErrKillInit
	}
	if !group {
		h.exit(t.slot, r, status, after)
		return nil
	}
	leader := r.leader
	h.unhook(t.slot, r) // it exits here and now, whatever its program says
	h.killGroup(leader, status, after)
	return nil
}

// exit ends a running thread that is not the root's last.
func (h *host) exit(slot uint32, r *record, status int, after *aftermath) {
	leader := r.leader
	lead := h.slab.at(leader)
	lead.threads--
	h.unhook(slot, r)
	h.unpark(r)
	if slot == leader {
		if lead.flags&doomed == 0 {
			lead.status = int32(status)
		}
		lead.state = deadFront
	} else {
		h.release(slot, r)
	}
	if lead.threads == 0 {
		h.bury(leader, lead, after)
		return
	}
	h.wake(leader, lead) // this thread may be one that waits
}

// killGroup ends every thread of a group but those with a program, which are
// told SIGKILL once. status becomes the group's, unless it has been doomed
// before.
func (h *host) killGroup(leader uint32, status int, after *aftermath) {
	lead := h.slab.at(leader)
	if lead.flags&doomed == 0 {
		lead.flags |= doomed
		lead.status = int32(status)
	}
	for slot := lead.links[byThread].next; slot != 0 && slot != leader; {
		r := h.slab.at(slot)
		next := r.links[byThread].next
		h.kill(slot, r, after)
		slot = next
	}
	// The last thread's exit may have taken the leader with it.
	if lead.state == live && lead.leader == leader {
		h.kill(leader, lead, after)
	}
}

// kill ends one running thread of a doomed group, or tells its program.
func (h *host) kill(slot uint32, r *record, after *aftermath) {
	if r.flags&hooked == 0 {
		h.exit(slot, r, 0, after)
		return
	}
	r.mark(bit(sigKill))
	if r.flags&killed == 0 {
		r.flags |= killed
		h.unpark(r)
		after.calls = append(after.calls, call{h.hooks[slot], h.handle(slot), syscall.SIGKILL})
	}
}

// bury deals with a process whose last thread has exited.
func (h *host) bury(slot uint32, r *record, after *aftermath) {
	ns := h.spaces[r.space]
	if ns.reaper.slot != slot {
		h.zombify(slot, r)
		return
	}
	r.state = exiting
	h.wake(slot, r)
	h.shut(ns)
	after.dying = append(after.dying, ns)
	h.settle(ns)
}

// shut shuts the gate of ns. From then on children reap themselves; those of
// the reaper that wait for it already go now.
func (h *host) shut(ns *Namespace) {
	if h.faults != nil && h.faults.shut != nil {
		h.faults.shut(ns)
		return
	}
	ns.pids.Terminate()
	h.wakeForks()
	h.reapAll(ns.reaper.slot)
}

// reapAll reaps every zombie child of a process that ignores SIGCHLD from now
// on: those of its own namespace or below.
func (h *host) reapAll(parent uint32) {
	p := h.slab.at(parent)
	for p.zombies != 0 {
		slot := p.zombies
		h.remove(bySibling, 0, &p.zombies, slot)
		h.release(slot, h.slab.at(slot))
	}
}

// zombify hands the children of a dead process on, and the process itself to
// its parent; where the parent ignores it, it is reaped here.
func (h *host) zombify(slot uint32, r *record) {
	if r.kids != 0 || r.zombies != 0 {
		h.orphan(slot, r)
	}
	h.wake(slot, r)
	r.state = zombie
	parent := r.parent
	p := h.slab.at(parent)
	h.remove(bySibling, 0, &p.kids, slot)
	if h.ignores(p, r) {
		h.release(slot, r)
	} else {
		h.push(bySibling, 0, &p.zombies, slot)
	}
	h.wake(parent, p)
}

// ignores tells whether a child that dies reaps itself: a namespace that both
// are in is being ended. A parent outside must wait for it, and the zap with it.
func (h *host) ignores(parent, child *record) bool {
	for ns := h.spaces[child.space]; ns != nil; ns = ns.parent {
		if ns.pids.Terminating() && h.inside(parent, ns) {
			return true
		}
	}
	return false
}

// orphan gives the children of a dead process to its heir. It visits those
// children and nobody else's.
func (h *host) orphan(slot uint32, r *record) {
	heir := h.heir(r)
	p := h.slab.at(heir)
	h.adopt(heir, r.kids)
	h.splice(bySibling, &p.kids, &r.kids)
	if r.zombies == 0 {
		return
	}
	h.adopt(heir, r.zombies)
	for first := r.zombies; first != 0; first = r.zombies {
		z := h.slab.at(first)
		h.remove(bySibling, 0, &r.zombies, first)
		if h.ignores(p, z) {
			h.release(first, z)
		} else {
			h.push(bySibling, 0, &p.zombies, first)
		}
	}
	h.wake(heir, p)
}

// adopt makes heir the parent of everybody in a ring of siblings.
func (h *host) adopt(heir, first uint32) {
	if first == 0 {
		return
	}
	for slot := first; ; {
		r := h.slab.at(slot)
		r.parent = heir
		if slot = r.links[bySibling].next; slot == first {
			return
		}
	}
}

// heir is who gets the children of a dead process: the nearest subreaper above
// it in its namespace, else the reaper.
func (h *host) heir(r *record) uint32 {
	reaper := h.spaces[r.space].reaper.slot
	if !h.subreapers {
		return reaper
	}
	for slot := r.parent; slot != 0 && slot != reaper; {
		p := h.slab.at(slot)
		if p.space != r.space {
			break
		}
		if p.flags&subreaper != 0 {
			return slot
		}
		slot = p.parent
	}
	return reaper
}

// SetSubreaper makes the process the heir of the orphans below it in its
// namespace, as PR_SET_CHILD_SUBREAPER does; it never saves them from the
// namespace's death. It fails with ErrDead.
func (t Task) SetSubreaper(on bool) error {
	h := t.host
	if h == nil {
		return ErrDead
	}
	h.lock()
	defer h.unlock()
	r := t.running()
	if r == nil {
		return ErrDead
	}
	lead := h.slab.at(r.leader)
	lead.flags &^= subreaper
	if on {
		lead.flags |= subreaper
		h.subreapers = true
	}
	return nil
}

// release takes the numbers of a dead task back at every level, and its memory.
// Whoever waits for one of the namespaces to empty is told.
func (h *host) release(slot uint32, r *record) {
	inner := h.spaces[r.space]
	leads := r.leader == slot
	for ns := inner; ns != nil; ns = ns.parent {
		h.delist(ns, slot, h.number(r, ns.level), leads)
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
func (h *host) delist(ns *Namespace, slot uint32, n *number, leads bool) {
	ns.index.erase(n.pid)
	ns.free(n.pid)
	ns.tasks--
	if ns.keepList {
		h.remove(byList, ns.level, &ns.list, slot)
	}
	if ns.keepLeaders && leads {
		h.remove(byLeaders, ns.level, &ns.leaders, slot)
	}
	if ns.keepArray {
		last := len(ns.array) - 1
		moved := ns.array[last]
		ns.array[n.at] = moved
		h.number(h.slab.at(moved), ns.level).at = n.at
		ns.array = ns.array[:last]
	}
}

// settle tells those who wait for ns to empty, once it has: the count of
// numbers is down to those of the reaper's own group. The count includes
// numbers that are reserved and not published, and with the gate shut it only
// falls, so this is asked when it has fallen and never again.
func (h *host) settle(ns *Namespace) {
	if !ns.pids.Terminating() || !ns.isEmpty() {
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

// Wait reaps one dead child, the one that died first, and gives its number in
// the caller's namespace and its status: that of Exit, or 128 and the number of
// the signal that killed it, as shells say it. It waits for one to die until
// ctx ends. A child belongs to the whole thread group. It fails with ErrNoChild,
// with ErrDead (also when the caller dies waiting), and with the context's error.
func (t Task) Wait(ctx context.Context) (alloc.PID, int, error) {
	h := t.host
	if h == nil {
		return 0, 0, ErrDead
	}
	for {
		h.lock()
		r := t.running()
		if r == nil {
			h.unlock()
			return 0, 0, ErrDead
		}
		p := h.slab.at(r.leader)
		if slot := p.zombies; slot != 0 {
			z := h.slab.at(slot)
			pid, status := h.number(z, int(r.level)).pid, int(z.status)
			h.remove(bySibling, 0, &p.zombies, slot)
			h.release(slot, z)
			h.unlock()
			return pid, status, nil
		}
		if p.kids == 0 {
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
