package pidns

import (
	"math/bits"
	"syscall"
)

// Default actions, from signal(7).
const (
	byDefaultIgnored = 1<<(syscall.SIGCHLD-1) | 1<<(syscall.SIGURG-1) | 1<<(syscall.SIGWINCH-1) | goesOn
	byDefaultStops   = stops | 1<<(syscall.SIGTSTP-1) | 1<<(syscall.SIGTTIN-1) | 1<<(syscall.SIGTTOU-1)

	stops  = 1 << (syscall.SIGSTOP - 1)
	goesOn = 1 << (syscall.SIGCONT - 1)
)

// discards gives the pending signals that sending others takes away: SIGCONT
// those that stop, each of those SIGCONT. So the last that was sent holds,
// whenever they are delivered. Source: signal(7).
func discards(sent uint32) uint32 {
	old := uint32(0)
	if sent&goesOn != 0 {
		old |= byDefaultStops
	}
	if sent&byDefaultStops != 0 {
		old |= goesOn
	}
	return old
}

// send marks a task with a signal that is for it alone. The lock is held, for
// changes.
func (h *host) send(r *record, sig syscall.Signal) {
	if old := discards(bit(sig)); old != 0 {
		h.slab.at(r.leader).unmark(old)
		for slot := h.slab.at(r.leader).peers.next; slot != 0 && slot != r.leader && r.state < exiting; {
			t := h.slab.at(slot)
			t.unmark(old)
			slot = t.peers.next
		}
	}
	r.mark(bit(sig))
}

// act takes the default actions of what is pending on a task that runs and has
// no program. A stop is the whole process's, which is noted on its leader; while
// it lasts, what would end the process stays pending. A namespace's reaper is
// stopped by SIGSTOP and ended by nothing: whom that may come from has been
// looked at.
func (h *host) act(r *record, pending uint32, after *aftermath) {
	lead := h.slab.at(r.leader)
	if r.leader == h.spaces[r.space].reaper.slot {
		r.unmark(pending)
		if pending&stops != 0 {
			lead.flags |= stopped
		}
		return
	}
	stop := pending & byDefaultStops
	fatal := pending &^ (byDefaultIgnored | byDefaultStops)
	r.unmark(pending &^ fatal)
	if stop != 0 && (fatal == 0 || bits.TrailingZeros32(stop) < bits.TrailingZeros32(fatal)) {
		lead.flags |= stopped
	}
	if fatal != 0 && lead.flags&stopped == 0 {
		r.unmark(fatal)
		h.killGroup(r.leader, 128+bits.TrailingZeros32(fatal)+1, after)
	}
}

// resume lets a stopped process go on: what its threads have been kept from
// comes now, and may end it.
func (h *host) resume(leader uint32, after *aftermath) {
	lead := h.slab.at(leader)
	if lead.flags&stopped == 0 {
		return
	}
	lead.flags &^= stopped
	for slot := leader; ; {
		r := h.slab.at(slot)
		next := r.peers.next
		if r.state == live {
			h.deliver(slot, r, after)
		}
		if next == 0 || next == leader || lead.leader != leader || lead.state >= exiting || lead.flags&doomed != 0 {
			return
		}
		slot = next
	}
}
