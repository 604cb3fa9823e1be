package pidns

import "fmt"

// Exit ends this thread; the last one of a group ends the process, which
// becomes a zombie until its parent waits for it. status is what Wait will
// give: all of it, where wait(2) has its low eight bits. The children of a dead
// process become children of its namespace's reaper, or of a nearer subreaper.
// When a reaper's last thread exits, the gate of its namespace is shut and
// everybody else in it killed; Exit returns, and the reaper becomes a zombie when
// nobody is left. It fails with ErrDead; with ErrKillInit for pid 1 of a root,
// which so outlives its other threads; and with ErrInvalid for a status of more
// than 32 bits: then the thread runs on.
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
	h.mu.Lock()
	h.outwait()
	if r := t.running(); r == nil || !h.exitQuickly(t.slot, r, status) {
		return t.exitSlowly(status, group)
	}
	if h.hasNews() {
		h.unlock()
	} else {
		h.mu.Unlock()
	}
	return nil
}

// exitSlowly is exit of any task. The lock is held, and is not afterwards.
func (t Task) exitSlowly(status int, group bool) error {
	h := t.host
	var after aftermath
	err := t.exitLocked(status, group, &after)
	h.unlockFor(&after)
	if !after.none() {
		h.finishThis(after)
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
	if int(int32(status)) != status {
		return fmt.Errorf("pidns: status %d does not fit into 32 bits: %w", status, ErrInvalid)
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
		lead.flags = lead.flags&^stopped | doomed
		lead.status = int32(status)
	}
	for slot := lead.peers.next; slot != 0 && slot != leader; {
		r := h.slab.at(slot)
		next := r.peers.next
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
		h.unpark(r)
		h.tell(slot, sigKill)
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
