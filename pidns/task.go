package pidns

import (
	"syscall"

	"example.com/pidmap/alloc"
)

// Task is a handle on a task, as a pidfd is: it names one task for ever, also
// once the task is dead and its number and its place in memory are somebody
// else's. Handles are compared with ==. A stale handle, and the zero Task, give
// ErrDead and never reach a stranger. All methods are safe for concurrent use.
type Task struct {
	host       *host
	slot       uint32
	generation uint32
}

// handle makes the handle of a slot's present task. host.mu is held.
func (h *host) handle(slot uint32) Task {
	return Task{h, slot, h.slab.at(slot).generation()}
}

// record gives the record of a task that has not been reaped, else nil.
// host.mu is held, and t.host is not nil.
func (t Task) record() *record {
	if r := t.host.slab.at(t.slot); r.generation() == t.generation && r.state > reserved {
		return r
	}
	return nil
}

// running gives the record of a task that can act, else nil.
func (t Task) running() *record {
	if r := t.record(); r != nil && r.state == live {
		return r
	}
	return nil
}

// look gives the record of a task that has not been reaped, with host.mu held;
// else nil, and it is not.
func (t Task) look() *record {
	if t.host == nil {
		return nil
	}
	t.host.mu.Lock()
	r := t.record()
	if r == nil {
		t.host.mu.Unlock()
	}
	return r
}

// act gives the record of a task that can act, with the lock held for changes;
// else nil, and it is not.
func (t Task) act() *record {
	if t.host == nil {
		return nil
	}
	t.host.lock()
	r := t.running()
	if r == nil {
		t.host.unlock()
	}
	return r
}

// PID is the task's number in its own namespace; 0 once it is reaped.
func (t Task) PID() alloc.PID {
	r := t.look()
	if r == nil {
		return 0
	}
	defer t.host.mu.Unlock()
	return r.own.pid
}

// PIDIn is the task's number in ns, which is its own namespace or one above;
// false elsewhere, and once it is reaped.
func (t Task) PIDIn(ns *Namespace) (alloc.PID, bool) {
	r := t.look()
	if r == nil {
		return 0, false
	}
	defer t.host.mu.Unlock()
	if ns == nil || ns.host != t.host || !t.host.inside(r, ns) {
		return 0, false
	}
	return t.host.number(r, ns.level).pid, true
}

// Namespace is the one that the task was born in; nil once it is reaped.
func (t Task) Namespace() *Namespace {
	r := t.look()
	if r == nil {
		return nil
	}
	defer t.host.mu.Unlock()
	return t.host.spaces[r.space]
}

// Parent is the leader of the parent process: the forker's, or the one that
// the task was handed to when the forker died. False for a root's reaper, and
// once the task is reaped. The parent may be outside the task's namespace:
// PIDIn then gives no number, which getppid(2) shows as 0.
func (t Task) Parent() (Task, bool) {
	r := t.look()
	if r == nil {
		return Task{}, false
	}
	defer t.host.mu.Unlock()
	parent := t.host.parentOf(t.host.slab.at(r.leader))
	if parent == 0 {
		return Task{}, false
	}
	return t.host.handle(parent), true
}

// Pending gives the signals that have been marked and not delivered, in
// ascending order.
func (t Task) Pending() []syscall.Signal {
	r := t.look()
	if r == nil {
		return nil
	}
	defer t.host.mu.Unlock()
	return signals(r.pending())
}

// OnSignal puts a program behind the task: hook is called for each signal that
// is delivered to it, SIGKILL included, which is told once. From then on no
// signal does anything by itself: a killed task with a hook goes when its
// program calls Exit, and until then it holds up a zap. SIGCHLD comes when a
// child of the process becomes a zombie, or a zombie its child: to the leader, or
// where that is dead to its first thread; not where children reap themselves, in
// a zap. As with all standard signals, what is sent while it is pending comes
// once. What is pending is told at once, and on a frozen task at the thaw,
// SIGKILL included. A new hook takes the place of an old one, and is told SIGKILL
// though the old one has been. A nil hook takes the program away again, and what
// is pending then takes its course. It fails with ErrDead. Sources: wait(2),
// signal(7).
//
// A program belongs to one task, where Linux's handlers belong to a process. So
// the default action is taken for a thread that has none, and may end a group in
// which others have one; and what is sent to every task (Kill of -1, Signal of a
// namespace) is told to a process as often as threads of it have programs.
//
// hook is called with no lock held, by whoever sends the signal and before that
// call comes back, or by somebody else who delivers at the same time; by several
// at once, where several send. It may call anything.
// While it waits, the call that told it waits, and whom that call has still to
// tell, unless somebody else tells them: a Zap or a Freeze, of its own or of
// somebody else, tells all whom it needs, but a program that waits for a child, or
// forks in a frozen namespace, may wait for what comes after it. If it panics, or
// ends its goroutine, the others are told all the same, and what was begun is
// done, before that goes on. No call begins after OnSignal(nil) has come back or
// the task is dead; one that has begun before may go on beside and after that.
// Where 10,000 programs on a host are in the middle of a call, one from within the
// other or beside each other, whoever sends more comes back before it is told, and
// it is told by the first whose program does.
func (t Task) OnSignal(hook func(Task, syscall.Signal)) error {
	h := t.host
	if h == nil {
		return ErrDead
	}
	h.lock()
	r := t.running()
	if r == nil {
		h.unlock()
		return ErrDead
	}
	var after aftermath
	if hook != nil {
		h.hooks[t.slot] = hook
		r.flags |= hooked
	} else {
		h.unhook(t.slot, r)
	}
	r.flags &^= killed // a new program has not been told
	if hook == nil || !h.isFrozen(r) {
		h.deliver(t.slot, r, &after)
	}
	h.unlockFor(&after)
	if !after.none() {
		h.finishThis(after)
	}
	return nil
}

func (h *host) unhook(slot uint32, r *record) {
	if r.flags&hooked != 0 {
		delete(h.hooks, slot)
		r.flags &^= hooked
	}
}

// inside tells whether r has a number in ns.
func (h *host) inside(r *record, ns *Namespace) bool {
	return h.spaces[r.space].within(ns)
}
