package pidns

import "syscall"

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
