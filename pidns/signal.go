package pidns

import (
	"fmt"
	"math/bits"
	"syscall"

	"example.com/pidmap/alloc"
)

const (
	sigKill = syscall.SIGKILL
	sigLast = 31 // the standard signals; real-time ones are not modelled

	// frozenMark is the one bit of record.word that is no signal's: the task
	// is frozen, and takes no signal but SIGKILL.
	frozenMark = 1 << sigLast
)

// bit is a signal's place in record.word.
func bit(sig syscall.Signal) uint32 { return 1 << (sig - 1) }

func valid(sig syscall.Signal) error {
	if sig < 1 || sig > sigLast {
		return fmt.Errorf("pidns: signal %d is not in [1, %d]: %w", int(sig), sigLast, ErrInvalid)
	}
	return nil
}

// validOrNone is valid where 0 only asks.
func validOrNone(sig syscall.Signal) error {
	if sig == 0 {
		return nil
	}
	return valid(sig)
}

func signals(pending uint32) []syscall.Signal {
	var all []syscall.Signal
	pending &^= frozenMark
	for ; pending != 0; pending &= pending - 1 {
		all = append(all, syscall.Signal(bits.TrailingZeros32(pending)+1))
	}
	return all
}

// Signal sends sig from the host, above every namespace: a reaper is killed by
// SIGKILL as anybody else. Signal 0 only asks whether the task is there. A task
// without a program behind it (OnSignal) takes the default action of signal(7)
// before Signal returns: a fatal one ends its whole thread group, and one that
// stops it stops all of it, until any thread of it is sent SIGCONT. Of a stopped
// process's signals, those that would end it stay pending until then, but for
// SIGKILL, which does not wait. (That the process does nothing while it is
// stopped is for whoever makes it act to see to.) Sending SIGCONT takes signals
// that stop off the pending ones, and the reverse. A namespace's reaper takes no
// default action but SIGKILL's and SIGSTOP's. A zombie is sent signals to no
// effect. It fails with ErrDead, ErrInvalid, and with ErrKillInit for SIGKILL to
// the root's reaper. Source: signal(7).
func (t Task) Signal(sig syscall.Signal) error {
	h := t.host
	if h == nil {
		return ErrDead
	}
	bad := validOrNone(sig)
	var after aftermath
	h.lock()
	r := t.record()
	switch {
	case r == nil:
		h.unlock()
		return ErrDead
	case bad != nil:
		h.unlock()
		return bad
	case sig == sigKill && r.leader == h.spaces[0].reaper.slot:
		h.unlock()
		return ErrKillInit
	case sig != 0:
		h.send(r, sig)
		h.deliver(t.slot, r, &after)
	}
	h.unlockFor(&after)
	if !after.none() {
		h.finishThis(after)
	}
	return nil
}

// Kill sends sig as kill(2) does for t: pid is a number in t's namespace, or -1
// for everybody visible there but t's own process and pid 1; signal 0 only
// asks. The namespace's own reaper takes from inside only signals that it has a
// program for, and neither SIGKILL nor SIGSTOP. Of a process, kill(2) finds a
// thread to tell; here the task that has the number is told, a thread too, and with
// -1 every task, so that a process in which two have programs is told twice. It
// fails with ErrNoTask (ESRCH), ErrInvalid (EINVAL; process groups, pid 0 and below -1, are not
// modelled) and ErrDead.
func (t Task) Kill(pid alloc.PID, sig syscall.Signal) error {
	h := t.host
	if h == nil {
		return ErrDead
	}
	if pid == -1 {
		return t.killAll(sig)
	}
	bad := validOrNone(sig)
	if pid < 1 {
		bad = fmt.Errorf("pidns: process group %d: groups are not modelled: %w", pid, ErrInvalid)
	}
	var after aftermath
	h.lock()
	r := t.running()
	if r == nil || bad != nil {
		h.unlock()
		if r == nil {
			return ErrDead
		}
		return bad
	}
	ns := h.spaces[r.space]
	slot := ns.find(pid)
	if slot == 0 {
		h.unlock()
		return ErrNoTask
	}
	target := h.slab.at(slot)
	if sig != 0 && !h.immune(ns, target, sig) {
		h.send(target, sig)
		h.deliver(slot, target, &after)
	}
	h.unlockFor(&after)
	if !after.none() {
		h.finishThis(after)
	}
	return nil
}

// immune tells whether a signal from inside ns does not reach r: it belongs to
// the reaper, which has no program for it. SIGCONT lets a process go on all the
// same. A dead leader's signals are those of its first thread.
func (h *host) immune(ns *Namespace, r *record, sig syscall.Signal) bool {
	if r.leader != ns.reaper.slot || sig == syscall.SIGCONT {
		return false
	}
	if r.state == deadFront {
		r = h.slab.at(r.peers.next)
	}
	return sig == syscall.SIGKILL || sig == syscall.SIGSTOP || r.flags&hooked == 0
}

// killAll is Kill(-1). Marks go to everybody at one moment, as under Linux's
// tasklist_lock.
func (t Task) killAll(sig syscall.Signal) error {
	h := t.host
	bad := validOrNone(sig)
	h.beginSweep()
	r := t.running()
	if r == nil || bad != nil {
		h.endSweep()
		if r == nil {
			return ErrDead
		}
		return bad
	}
	ns, leader := h.spaces[r.space], r.leader
	n := 0
	ns.each(func(_ uint32, r *record) {
		if r.leader == leader || r.leader == ns.reaper.slot {
			return
		}
		if n++; sig != 0 {
			r.unmark(discards(bit(sig)))
			r.mark(bit(sig))
		}
	})
	h.endSweep()
	if n == 0 {
		return ErrNoTask
	}
	if sig != 0 {
		ns.Deliver()
	}
	return nil
}

// deliver lets what is pending on a task take its course. The lock is held, for
// changes.
func (h *host) deliver(slot uint32, r *record, after *aftermath) {
	pending := r.pending()
	if pending == 0 || r.state == zombie || r.state == exiting {
		return
	}
	if pending&bit(sigKill) != 0 {
		if r.flags&killed == 0 {
			h.killGroup(r.leader, 128+int(sigKill), after)
		}
		return
	}
	if h.isFrozen(r) {
		return // until Thaw
	}
	if r.state == deadFront {
		h.forward(slot, r, pending, after)
		return
	}
	if pending&goesOn != 0 {
		if r.unmark(byDefaultStops) != 0 { // two sweeps have come at once
			pending &^= byDefaultStops
		}
		if h.resume(r.leader, after); r.state != live {
			return
		}
	}
	if r.flags&hooked != 0 {
		for _, sig := range signals(pending) {
			h.tell(slot, sig)
		}
		return
	}
	h.act(r, pending, after)
}

// forward passes what was sent to a dead leader on to a thread that runs.
func (h *host) forward(leader uint32, lead *record, pending uint32, after *aftermath) {
	lead.unmark(pending)
	for slot := lead.peers.next; slot != 0 && slot != leader; {
		r := h.slab.at(slot)
		if r.state == live {
			r.mark(pending)
			h.deliver(slot, r, after)
			return
		}
		slot = r.peers.next
	}
}
