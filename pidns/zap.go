package pidns

import (
	"context"

	"example.com/pidmap/alloc"
)

// maxNamed is how many survivors a SurvivorsError names.
const maxNamed = 64

// Zap ends everything in ns but the reaper's thread group, for ever: it shuts
// the gate, so that nothing is born there or below any more; lets children reap
// themselves from now on; marks everybody with SIGKILL by the given sweep;
// delivers; and waits until the count of numbers says that nobody is left. What
// can hold it up is a task with a program behind it that does not exit, a
// zombie whose parent is outside ns and does not wait for it, and the zap of a
// namespace below that is held up by either. When ctx ends first, Zap fails
// with a *SurvivorsError; everything but the wait has been done then, and
// another Zap may wait again. It fails as Mark does, and with ErrInvalid for a nil
// ctx, and then does nothing.
//
// ctx is asked for the wait only: each program in ns is told SIGKILL in this call,
// after whatever the one before it does. A program may call Zap, of its own
// namespace too: that zap tells whom an outer one has still to tell, and its wait
// ends when everybody has gone, so the program's own task must have exited before.
func (ns *Namespace) Zap(ctx context.Context, sweep Sweep) error {
	if err := ns.keeps(sweep); err != nil {
		return err
	}
	if ctx == nil {
		return errNoContext
	}
	h := ns.host
	after := aftermath{under: &pass{ns: ns, do: (*host).deliver}}
	h.lock()
	if !ns.gone {
		h.shut(ns)
	}
	h.unlockFor(&after)
	if _, err := ns.mark(sweep, bit(sigKill)); err != nil {
		return err
	}
	h.finish(&after)
	return ns.await(ctx)
}

// await waits until ns is empty, whose gate is shut.
func (ns *Namespace) await(ctx context.Context) error {
	h := ns.host
	h.lock()
	if ns.isEmpty() {
		h.unlock()
		return nil
	}
	if ns.empty == nil {
		ns.empty = make(chan struct{})
	}
	empty := ns.empty
	h.unlock()
	select {
	case <-empty:
		return nil
	case <-ctx.Done():
		return ns.survivors(ctx.Err())
	}
}

// survivors counts and names who is left: nil where nobody is after all.
func (ns *Namespace) survivors(err error) error {
	h := ns.host
	h.lock()
	defer h.unlock()
	if ns.isEmpty() {
		return nil
	}
	e := &SurvivorsError{Count: ns.left(), Err: err}
	for pid, ok := ns.set.Next(0); ok && len(e.PIDs) < maxNamed; pid, ok = ns.set.Next(pid) {
		if slot := ns.at(pid); slot == 0 || h.slab.at(slot).leader != ns.reaper.slot {
			e.PIDs = append(e.PIDs, alloc.PID(pid))
		}
	}
	return e
}
