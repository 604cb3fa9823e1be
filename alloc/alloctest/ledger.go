package alloctest

import (
	"errors"
	"fmt"

	"example.com/pidmap/alloc"
)

// ledger is an allocator on paper: it says what an Alloc may answer in each
// Order, by linear search, and books what it did answer.
type ledger struct {
	Model
	order    Order
	reserved alloc.PID
	last     alloc.PID
	freed    []int // by pid: when it was freed; 0 is never
	clock    int
	shut     bool
}

// newLedger makes one for limits with the defaults filled in.
func newLedger(l alloc.Limits, order Order) *ledger {
	return &ledger{Model: Model{used: make([]bool, l.Max)}, order: order, reserved: l.Reserved, freed: make([]int, l.Max)}
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
		if err == nil && g.order == Sharded && g.Take(pid) { // below Reserved: may, need not
			g.last = pid
			return nil
		}
		return wantError(err, alloc.ErrFull)
	}
	if before := g.before(pid); before != 0 {
		return fmt.Errorf("%d, though %d comes before it", pid, before)
	}
	if !g.Take(pid) {
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
	case !g.Take(pid):
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
	g.clock++
	g.freed[pid] = g.clock
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
		return fmt.Errorf("Len is %d, want %d", got, g.Len())
	}
	if got := a.Terminating(); got != g.shut {
		return fmt.Errorf("Terminating is %t, want %t", got, g.shut)
	}
	got := a.Last()
	if g.order == Sharded && got != 0 && !g.holds(got) || g.order != Sharded && got != g.last {
		return fmt.Errorf("Last is %d, want %d", got, g.last)
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

// owed gives a pid that keeps Alloc from answering ErrFull, or 0.
func (g *ledger) owed() alloc.PID {
	end := alloc.PID(len(g.used))
	pid, ok := alloc.PID(0), false
	switch g.order {
	case Cyclic:
		if pid, ok = g.first(g.last+1, end, false); !ok {
			pid, _ = g.first(g.reserved, g.last+1, false)
		}
	case FIFO:
		pid, _ = g.first(1, end, false)
	case Sharded:
		pid, _ = g.first(g.reserved, end, false)
	}
	return pid
}

// before gives a free pid that must come out before the free pid, or 0.
func (g *ledger) before(pid alloc.PID) alloc.PID {
	switch g.order {
	case Cyclic:
		if next := g.owed(); next != pid {
			return next
		}
	case FIFO:
		for q := range g.used {
			if q := alloc.PID(q); g.holds(q) && g.holds(pid) && !g.used[q] && g.earlier(q, pid) {
				return q
			}
		}
	}
	return 0
}

// earlier tells whether a comes out before b, both being free. Whether pids
// never used come before those freed is left to the allocator.
func (g *ledger) earlier(a, b alloc.PID) bool {
	if g.freed[a] == 0 && g.freed[b] == 0 {
		return a < b
	}
	return g.freed[a] != 0 && g.freed[b] != 0 && g.freed[a] < g.freed[b]
}
