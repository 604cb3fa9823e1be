package alloctest

import (
	"fmt"
	"slices"
	"testing"

	"example.com/pidmap/alloc"
)

// ReplayAllocator makes what f makes for l, runs the calls that program spells
// on it, judges each answer by what order allows, and ends t at the first that
// is wrong, or that leaves Len, Last, the gate or the set of pids in use other
// than it should be. It costs O(l.Max) a call at the most.
func ReplayAllocator(t testing.TB, f func(alloc.Limits) (alloc.Allocator, error), order Order, l alloc.Limits, program []byte) {
	t.Helper()
	replayAllocator(t, f, order, l, program)
}

func replayAllocator(t reporter, f allocatorFunc, order Order, l alloc.Limits, program []byte) {
	a := newAllocator(t, f, l)
	l, _ = l.Normalize()
	book := newLedger(l, order)
	for n := 0; ; n++ {
		c, rest, ok := decode(program, l.Max)
		if !ok {
			break
		}
		program = rest
		if err := c.onAllocator(a, book); err != nil {
			t.Helper()
			t.Fatalf("%v %+v, call %d: %s: %v", order, l, n, c.allocatorText(), err)
		}
		if err := book.sameState(a); err != nil {
			t.Helper()
			t.Fatalf("%v %+v, call %d: after %s: %v", order, l, n, c.allocatorText(), err)
		}
		if lookAtAll(l, n) {
			sameSet(t, a, book.all(), "%v %+v, call %d: after %s", order, l, n, c.allocatorText())
		}
	}
	sameSet(t, a, book.all(), "%v %+v, at the end", order, l)
}

// onAllocator makes the call, books it, and says what is wrong with the answer.
func (c call) onAllocator(a alloc.Allocator, book *ledger) error {
	if c.kind == opTerminate {
		a.Terminate()
		book.shut = true
		return nil
	}
	switch c.kind % 8 {
	case 0, 1:
		return book.alloc(a.Alloc())
	case 2: // many at once, so that words and pages become full
		for range c.many() {
			if err := book.alloc(a.Alloc()); err != nil {
				return err
			}
		}
		return nil
	case 3:
		return book.allocAt(c.a, a.AllocAt(c.a))
	case 4:
		return book.free(c.a, a.Free(c.a))
	case 5: // many in a row, so that words and pages become empty
		for i := range c.many() {
			if err := book.free(c.run()+i, a.Free(c.run()+i)); err != nil {
				return err
			}
		}
		return nil
	case 6:
		if c.b%4 == 0 {
			return book.setLast(c.a, a.SetLast(c.a))
		}
		return wantPIDs([]alloc.PID{orNone(a.Next(c.a))}, []alloc.PID{orNone(book.Next(c.a))})
	default:
		return wantPIDs(nextN(a, c.a, int(c.many())), nextN(book, c.a, int(c.many())))
	}
}

func (c call) allocatorText() string {
	if c.kind == opTerminate {
		return "Terminate()"
	}
	switch c.kind % 8 {
	case 0, 1:
		return "Alloc()"
	case 2:
		return fmt.Sprintf("Alloc(), %d times", c.many())
	case 3:
		return fmt.Sprintf("AllocAt(%d)", c.a)
	case 4:
		return fmt.Sprintf("Free(%d)", c.a)
	case 5:
		return fmt.Sprintf("Free(%d) and of the %d after it", c.run(), c.many()-1)
	case 6:
		if c.b%4 == 0 {
			return fmt.Sprintf("SetLast(%d)", c.a)
		}
		return fmt.Sprintf("Next(%d)", c.a)
	default:
		return fmt.Sprintf("NextN(%d) of %d", c.a, c.many())
	}
}

func wantPIDs(got, want []alloc.PID) error {
	if !slices.Equal(got, want) {
		return fmt.Errorf("%d, want %d", got, want)
	}
	return nil
}
