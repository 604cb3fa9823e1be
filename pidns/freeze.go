package pidns

import (
	"context"
	"syscall"

	"example.com/pidmap/alloc"
)

// Freeze stops every task of ns, the reaper's group included, and shuts births
// there and below until Thaw: a fork waits, with no lock held, or fails with
// alloc.ErrTerminating when a zap comes. As with a zap nobody escapes: a fork
// caught between allocation and publication is undone and waits. Signals stay
// pending on a frozen task, SIGKILL excepted: a zap overrides a freeze. The
// program behind a task is told SIGSTOP by each Freeze, and SIGCONT by the thaw
// that lets it go on; by a freeze and a thaw that run beside each other, in
// either order. What a task is made to do all the same (Exit, Wait, Enter) is
// carried out.
//
// Freeze gives the number of tasks stopped, zombies not counted; by Leaders, of
// processes. Freezes nest, of one namespace and of one in another: Thaw is
// wanted as often. It fails as Mark does, with alloc.ErrTerminating once a zap
// of ns or of one above has begun, with ctx's error when ctx ends before every
// program is told, and with ErrInvalid for a nil one; then ns is as it was. ctx is
// looked at between programs, so a program that does not come back holds Freeze
// up whatever ctx says: one that on SIGSTOP forks in ns, above all, for that fork
// waits for a thaw, or one that zaps ns and does not exit. It costs a sweep, which
// holds changes off, and a walk that tells the programs, which does not. Source:
// the freezer of control groups v2 (cgroup.freeze), which CRIU stops tasks with.
func (ns *Namespace) Freeze(ctx context.Context, sweep Sweep) (int, error) {
	if err := ns.keeps(sweep); err != nil {
		return 0, err
	}
	if ctx == nil {
		return 0, errNoContext
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	n, err := ns.freeze(sweep)
	if err != nil {
		return 0, err
	}
	if !ns.tellStop(ctx) {
		_ = ns.Thaw() // it fails where ns has been ended meanwhile
		return 0, ctx.Err()
	}
	return n, nil
}

// freeze shuts births and marks everybody, with no change in between: a thaw
// beside it finds all of the marks or none. The reaper's group, which sweeps
// spare, is marked by its leader.
func (ns *Namespace) freeze(sweep Sweep) (int, error) {
	h := ns.host
	h.lock()
	if ns.gone || ns.dying() {
		h.unlock()
		return 0, alloc.ErrTerminating
	}
	if ns.frozen++; ns.frozen == 1 {
		h.frozen++
	}
	if h.faults != nil && h.faults.begin != nil {
		h.faults.begin()
	} else {
		h.sweeps++ // from here on as after beginSweep
		h.unlock()
	}
	defer h.endSweep()
	n := ns.visit(sweep, frozenMark)
	lead := h.slab.at(ns.reaper.slot)
	lead.mark(frozenMark)
	switch {
	case sweep == Leaders:
		n++
	case lead.state == deadFront:
		n += int(lead.threads) + 1
	default:
		n += int(lead.threads)
	}
	return n, nil
}

// isFrozen tells whether signals stay pending on r: it is marked, or its leader
// is, which a sweep by Leaders marks for the group.
func (h *host) isFrozen(r *record) bool {
	return (r.pending()|h.slab.at(r.leader).pending())&frozenMark != 0
}

// Thaw undoes one Freeze; the last one lets forks go on, tells programs SIGCONT
// and delivers what has been pending. It fails with ErrNotFrozen, and so it
// does once ns has been ended. It costs a walk, a batch in each hold of the
// lock.
func (ns *Namespace) Thaw() error {
	h := ns.host
	h.lock()
	if ns.frozen == 0 {
		h.unlock()
		return ErrNotFrozen
	}
	ns.frozen--
	if ns.frozen > 0 {
		h.unlock()
		return nil
	}
	h.frozen--
	h.wakeForks()
	h.unlock()

	h.finish(&aftermath{under: &pass{ns: ns, do: (*host).melt}})
	return nil
}

// melt lets a task go on that nothing stops any more.
func (h *host) melt(slot uint32, r *record, after *aftermath) {
	if h.spaces[r.space].stopped() {
		return
	}
	r.unmark(frozenMark)
	h.slab.at(r.leader).unmark(frozenMark)
	if r.flags&hooked != 0 {
		h.tellFrost(slot, syscall.SIGCONT)
	}
	h.deliver(slot, r, after)
}

// stopped tells whether ns or one above it is frozen.
func (ns *Namespace) stopped() bool {
	for ; ns != nil; ns = ns.parent {
		if ns.frozen > 0 {
			return true
		}
	}
	return false
}

// tellStop tells every program in ns SIGSTOP; false when ctx ends before all of
// them are told.
func (ns *Namespace) tellStop(ctx context.Context) bool {
	p := &pass{ns: ns, do: func(h *host, slot uint32, r *record, _ *aftermath) {
		if r.flags&hooked != 0 {
			h.tellFrost(slot, syscall.SIGSTOP)
		}
	}}
	p.stop = func() bool { return ctx.Err() != nil }
	ns.host.finish(&aftermath{under: p})
	return p.done
}
