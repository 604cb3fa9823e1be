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
// program behind a task is told SIGSTOP, and SIGCONT at the thaw; an exit that
// it asks for meanwhile is carried out. Freeze gives the number of tasks
// stopped, zombies not counted. Freezes nest: Thaw is wanted as often. It fails
// as Mark does, with alloc.ErrTerminating once a zap has begun, and with ctx's
// error when ctx ends before every program is told; then ns is as it was.
func (ns *Namespace) Freeze(ctx context.Context, sweep Sweep) (int, error) {
	if err := ns.keeps(sweep); err != nil {
		return 0, err
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	h := ns.host
	h.lock()
	if ns.gone || ns.dying() {
		h.unlock()
		return 0, alloc.ErrTerminating
	}
	if ns.frozen++; ns.frozen == 1 {
		h.frozen++
	}
	first := ns.frozen == 1
	h.unlock()

	n, err := ns.mark(sweep, frozenMark)
	if err != nil {
		return 0, err // not reached: keeps has been asked
	}
	n += ns.markReaper(frozenMark)
	if first && !ns.tellAll(ctx, syscall.SIGSTOP) {
		if err := ns.Thaw(); err != nil {
			return 0, err
		}
		return 0, ctx.Err()
	}
	return n, nil
}

// markReaper marks the group that sweeps spare.
func (ns *Namespace) markReaper(bits uint32) int {
	h, n := ns.host, 0
	h.lock()
	defer h.unlock()
	if ns.gone {
		return 0
	}
	leader := ns.reaper.slot
	for slot := leader; ; {
		r := h.slab.at(slot)
		if r.state != zombie {
			r.mark(bits)
			n++
		}
		if slot = r.links[byThread].next; slot == 0 || slot == leader {
			return n
		}
	}
}

// Thaw undoes one Freeze; the last one lets forks go on and delivers what has
// been pending. It fails with ErrNotFrozen.
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

	var after aftermath
	ns.inBatches(func(slot uint32, r *record) {
		if r.pending()&frozenMark != 0 && !h.spaces[r.space].stopped() {
			r.unmark(frozenMark)
			h.deliver(slot, r, &after)
		}
	}, func() bool { after.tell(); return true })
	h.finish(&after)
	ns.tellAll(context.Background(), syscall.SIGCONT)
	return nil
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

// tellAll tells every program in ns; false when ctx ends before the last.
func (ns *Namespace) tellAll(ctx context.Context, sig syscall.Signal) bool {
	h := ns.host
	var after aftermath
	return ns.inBatches(func(slot uint32, r *record) {
		if r.flags&hooked != 0 {
			after.calls = append(after.calls, call{h.hooks[slot], h.handle(slot), sig})
		}
	}, func() bool {
		after.tell()
		return ctx.Err() == nil
	})
}

// inBatches calls f for every task of ns, by number, 64 in one hold of the
// lock, and between without it, which may stop it: it then gives false. No
// change in between can make it miss a task that stays.
func (ns *Namespace) inBatches(f func(slot uint32, r *record), between func() bool) bool {
	h := ns.host
	var pids [batchSize]alloc.PID
	for at, n := alloc.PID(0), batchSize; n == batchSize; {
		h.lock()
		n = ns.set.NextN(at, pids[:])
		for _, pid := range pids[:n] {
			at = pid
			if slot := ns.at(pid); slot != 0 {
				f(slot, h.slab.at(slot))
			}
		}
		h.unlock()
		if !between() {
			return false
		}
	}
	return true
}
