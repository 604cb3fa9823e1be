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

// call is news for the program behind a task. Which program that is, and whether
// it is still to be told, is looked up when its turn comes.
type call struct {
	task  Task
	sig   syscall.Signal
	frost bool // it is the freezer's SIGSTOP or SIGCONT, which nobody has sent
}

// mostTold is how many programs may be in the middle of being told on a host,
// one from within the other or beside each other, before further calls are left
// to whoever's program comes back first: what bounds a goroutine's stack where
// programs answer each other's signals.
const mostTold = 10_000

// pass goes through the tasks of a namespace by number, 64 in one hold of the
// lock, so that no change in between can make it miss a task that stays.
type pass struct {
	ns   *Namespace
	at   alloc.PID
	done bool
	do   func(h *host, slot uint32, r *record, after *aftermath)
	stop func() bool // asked between two holds; nil: never
}

// tell notes that the program behind a task is to be told of a signal that is
// pending. The mark stays until it is told, so whoever comes first tells, and
// once. The lock is held; whoever lets it go is the one to tell.
func (h *host) tell(slot uint32, sig syscall.Signal) {
	h.news = append(h.news, call{task: h.handle(slot), sig: sig})
}

// tellFrost is tell for the freezer, which marks nobody with a signal.
func (h *host) tellFrost(slot uint32, sig syscall.Signal) {
	h.news = append(h.news, call{task: h.handle(slot), sig: sig, frost: true})
}

// due gives the program that a call is for, and takes the signal off it; nil
// where it is not to be told, or not now. What is not told because it is frozen
// stays pending until the thaw. The lock is held, for changes.
func (h *host) due(c call) func(Task, syscall.Signal) {
	r := c.task.running()
	if r == nil || r.flags&hooked == 0 {
		return nil
	}
	switch {
	case c.frost:
	case c.sig == sigKill:
		if r.flags&killed != 0 {
			return nil
		}
		r.flags |= killed
	case r.flags&killed != 0 || h.isFrozen(r):
		return nil
	case r.unmark(bit(c.sig)) == 0:
		return nil
	}
	return h.hooks[c.task.slot]
}

// call tells a program, or leaves it to others. Where the program panics, or
// ends its goroutine, what is left is done before that goes on.
func (h *host) call(c call, after *aftermath) {
	h.lock()
	if h.telling >= mostTold {
		h.left = append(h.left, c)
		h.mu.Unlock()
		return
	}
	hook := h.due(c)
	if hook == nil {
		h.mu.Unlock()
		return
	}
	h.telling++
	h.mu.Unlock()
	back := false
	defer func() {
		h.mu.Lock()
		h.telling--
		if len(h.left) > 0 {
			after.calls = append(after.calls, h.left[0])
			h.left = h.left[1:]
		}
		h.mu.Unlock()
		if !back && (h.faults == nil || !h.faults.forget) {
			h.finish(after)
		}
	}()
	hook(c.task, c.sig)
	back = true
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
// reapers of others, so this is a list of work and no recursion.
func (h *host) finish(after *aftermath) {
	for after.step(h) {
	}
}

// step tells one program, else goes a step further in the pass under way, else
// begins the next; false when nothing is left.
func (after *aftermath) step(h *host) bool {
	switch n := len(after.dying); {
	case len(after.calls) > 0:
		c := after.calls[0]
		after.calls = after.calls[1:]
		h.call(c, after)
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
