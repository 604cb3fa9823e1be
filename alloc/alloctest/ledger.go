package alloctest

import (
	"errors"
	"fmt"
	"slices"

	"example.com/pidmap/alloc"
)

// ledger is an allocator on paper: it says what an Alloc may answer in each
// Order, by linear search, and books what it did answer.
type ledger struct {
	*Model
	order    Order
	reserved alloc.PID
	last     alloc.PID
	queue    []alloc.PID // FIFO: those freed and not handed out since, the longest free first
	queued   []bool      // by pid: whether it is in the queue
	shut     bool
}

// newLedger makes one for limits with the defaults filled in.
func newLedger(l alloc.Limits, order Order) *ledger {
	return &ledger{Model: newModel(l), order: order, reserved: l.Reserved, queued: make([]bool, l.Max)}
}

// alloc books an answer of Alloc; the error says what is wrong with it.
func (g *ledger) alloc(pid alloc.PID, err error) error {
	if g.shut {
		return wantError(err, alloc.ErrTerminating)
	}
	if owed := g.owed(); err != nil || owed == 0 {
		if owed != 0 {
			return fmt.Errorf("error %w, though %d is free", err, owed)
		}
		if err == nil && g.order == Sharded && g.take(pid) { // below Reserved: may, need not
			g.last = pid
			return nil
		}
		return wantError(err, alloc.ErrFull)
	}
	if before := g.before(pid); before != 0 {
		return fmt.Errorf("%d, though %d comes before it", pid, before)
	}
	if !g.take(pid) {
		return fmt.Errorf("%d, which is in use or out of range", pid)
	}
	g.last = pid
	return nil
}

// allocAt books an answer of AllocAt(pid).
func (g *ledger) allocAt(pid alloc.PID, err error) error {
	switch {
	case !g.holds(pid) && g.shut && errors.Is(err, alloc.ErrTerminating):
		return nil // which of two errors is not laid down
	case !g.holds(pid):
		return wantError(err, alloc.ErrRange)
	case g.shut:
		return wantError(err, alloc.ErrTerminating)
	case !g.take(pid):
		return wantError(err, alloc.ErrInUse)
	}
	return wantError(err, nil)
}

// free books an answer of Free(pid).
func (g *ledger) free(pid alloc.PID, err error) error {
	if !g.holds(pid) {
		return wantError(err, alloc.ErrRange)
	}
	if !g.Release(pid) {
		return wantError(err, alloc.ErrNotInUse)
	}
	if g.order == FIFO {
		g.queue, g.queued[pid] = append(g.queue, pid), true
	}
	return wantError(err, nil)
}

// setLast books an answer of SetLast(pid).
func (g *ledger) setLast(pid alloc.PID, err error) error {
	if g.order == FIFO && errors.Is(err, alloc.ErrUnsupported) {
		return nil
	}
	if pid != 0 && !g.holds(pid) {
		return wantError(err, alloc.ErrRange)
	}
	g.last = pid
	return wantError(err, nil)
}

// sameState says where a differs in what can be asked of it in one call. Last
// of a Sharded allocator is one of many, so it only has to be a pid.
func (g *ledger) sameState(a alloc.Allocator) error {
	if got := a.Len(); got != g.Len() {
		return fmt.Errorf("it says Len %d, want %d", got, g.Len())
	}
	if got := a.Terminating(); got != g.shut {
		return fmt.Errorf("it says Terminating %t, want %t", got, g.shut)
	}
	got := a.Last()
	if g.order == Sharded && got != 0 && !g.holds(got) || g.order != Sharded && got != g.last {
		return fmt.Errorf("it says Last %d, want %d", got, g.last)
	}
	return nil
}

// wantError says how err is not the wanted one.
func wantError(err, want error) error {
	if !errors.Is(err, want) {
		return fmt.Errorf("error %v, want %v", err, want)
	}
	return nil
}

// take claims pid, out of the queue if it is there.
func (g *ledger) take(pid alloc.PID) bool {
	if !g.Take(pid) {
		return false
	}
	if g.queued[pid] {
		i := slices.Index(g.queue, pid)
		g.queue, g.queued[pid] = slices.Delete(g.queue, i, i+1), false
	}
	return true
}

// owed gives a pid that keeps Alloc from answering ErrFull, or 0.
func (g *ledger) owed() alloc.PID {
	switch g.order {
	case FIFO:
		if len(g.queue) > 0 {
			return g.queue[0]
		}
		return g.neverUsed()
	case Sharded:
		pid, _ := g.firstFree(g.reserved, g.max)
		return pid
	}
	pid, ok := g.firstFree(g.last+1, g.max)
	if !ok {
		pid, _ = g.firstFree(g.reserved, g.last+1)
	}
	return pid
}

// before gives a free pid that must come out before pid, or 0. Whether those
// never used come before those freed is left to a FIFO allocator.
func (g *ledger) before(pid alloc.PID) alloc.PID {
	next := pid
	switch {
	case g.order == Cyclic:
		next = g.owed()
	case g.order == FIFO && g.holds(pid) && g.queued[pid]:
		next = g.queue[0]
	case g.order == FIFO:
		next = g.neverUsed()
	}
	if next == pid {
		return 0
	}
	return next
}

// neverUsed gives the smallest pid that is free and was never freed, or 0.
func (g *ledger) neverUsed() alloc.PID {
	for pid := alloc.PID(1); pid < g.max; pid++ {
		if !g.taken(pid) && !g.queued[pid] {
			return pid
		}
	}
	return 0
}
