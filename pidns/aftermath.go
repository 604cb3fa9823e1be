package pidns

import (
	"syscall"

	"example.com/pidmap/alloc"
)

// aftermath is what a change leaves to be done once the lock is free, or has
// not come to yet.
type aftermath struct {
	calls []call       // programs to be told
	under *pass        // under way
	dying []*Namespace // whose reapers have exited: to be swept
}

type call struct {
	hook func(Task, syscall.Signal)
	task Task
	sig  syscall.Signal
}

// pass goes through the tasks of a namespace by number, 64 in one hold of the
// lock, so that no change in between can make it miss a task that stays.
type pass struct {
	ns   *Namespace
	at   alloc.PID
	done bool
	do   func(h *host, slot uint32, r *record, after *aftermath)
	stop func() bool // asked between two holds; nil: never
}

// tell notes that the program behind a task is to be told. The lock is held;
// whoever lets it go is the one to tell.
func (h *host) tell(slot uint32, sig syscall.Signal) {
	h.news = append(h.news, call{h.hooks[slot], h.handle(slot), sig})
}

// unlockFor lets the lock go, and leaves it to after to tell programs.
func (h *host) unlockFor(after *aftermath) {
	if len(h.news) > 0 {
		after.calls = append(after.calls, h.news...)
		clear(h.news)
		h.news = h.news[:0]
	}
	if invariants {
		defer h.mu.Unlock()
		h.mustHold()
		return
	}
	h.mu.Unlock()
}

// unlockAndTell is unlock at the end of a change that has told programs.
func (h *host) unlockAndTell() {
	var after aftermath
	h.unlockFor(&after)
	if after.calls != nil {
		h.finish(&after)
	}
}

// none tells whether a change has left nothing, as most do.
func (after *aftermath) none() bool { return after.calls == nil && after.dying == nil }

// finishThis is finish of a copy: the caller's own stays off the heap.
func (h *host) finishThis(after aftermath) { h.finish(&after) }

// finish does what is left, and what that leaves: a namespace's tasks may be
// reapers of others, so this is a list of work and no recursion. Where a program
// panics, or ends its goroutine, the rest is done before that goes on.
func (h *host) finish(after *aftermath) {
	done := false
	defer func() {
		if !done {
			h.finish(after)
		}
	}()
	for after.step(h) {
	}
	done = true
}

// step tells one program, else goes a step further in the pass under way, else
// begins the next; false when nothing is left.
func (after *aftermath) step(h *host) bool {
	switch n := len(after.dying); {
	case len(after.calls) > 0:
		c := after.calls[0]
		after.calls = after.calls[1:]
		c.hook(c.task, c.sig)
	case after.under != nil:
		if p := after.under; p.done || p.stop != nil && p.stop() {
			after.under = nil
		} else {
			p.step(after)
		}
	case n > 0:
		ns := after.dying[n-1]
		after.dying = after.dying[:n-1]
		// The walk needs no list, so it cannot fail.
		_, _ = ns.mark(Walk, bit(sigKill))
		after.under = &pass{ns: ns, do: (*host).deliver}
	default:
		return false
	}
	return true
}

func (p *pass) step(after *aftermath) {
	var pids [batchSize]alloc.PID
	h := p.ns.host
	h.lock()
	n := p.ns.set.NextN(p.at, pids[:])
	for _, pid := range pids[:n] {
		p.at = pid
		if slot := p.ns.at(pid); slot != 0 {
			p.do(h, slot, h.slab.at(slot), after)
		}
	}
	p.done = n < batchSize
	h.unlockFor(after)
}
