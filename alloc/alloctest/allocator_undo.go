package alloctest

import (
	"math"
	"slices"

	"example.com/pidmap/alloc"
)

// The cases of allocatorSuite for allocators that are alloc.Undoers too.

// undo compares an allocator that handed a pid out and undid that with its twin
// that did not: all that can be seen, and then all that is handed out.
func (s *allocatorSuite) undo(t tb) {
	for _, f := range s.failures() {
		a, twin := f.make(t), f.make(t)
		u, ok := a.Allocator.(alloc.Undoer)
		if !ok {
			t.Logf("no Undoer: nothing to test")
			return
		}
		last := a.Last()
		for range 3 {
			pid, err := a.Alloc()
			if err != nil {
				break
			}
			if err := u.Undo(pid, last); err != nil {
				t.Fatalf("%s: Undo(%d, %d) of what Alloc gave: %v", f.state, pid, last, err)
			}
		}
		if a.AllocAt(60) == nil {
			if err := u.Undo(60, last); err != nil {
				t.Fatalf("%s: Undo(60, %d) of what AllocAt gave: %v", f.state, last, err)
			}
		}
		if got, want := s.snapshot(a), s.snapshot(twin); !got.equal(want) {
			t.Fatalf("%s: Alloc and Undo changed %+v into %+v", f.state, want, got)
		}
		if s.order == Sharded {
			continue // the order is open
		}
		if got, want := a.drainFree(), twin.drainFree(); !slices.Equal(got, want) {
			t.Fatalf("%s: after Undo Alloc gives %d, without it %d", f.state, got, want)
		}
	}
}

// undoHigh undoes an AllocAt of a high pid, for which an allocator may have made
// room, and frees a pid after it, before the twins are compared.
func (s *allocatorSuite) undoHigh(t tb) {
	l := alloc.Limits{Max: 1000, Reserved: 1}
	a, twin := s.trial(t, l), s.trial(t, l)
	u, ok := a.Allocator.(alloc.Undoer)
	if !ok {
		t.Logf("no Undoer: nothing to test")
		return
	}
	last := alloc.PID(0)
	for _, b := range []trial{a, twin} {
		pids := b.allocN(10)
		last = b.Last()
		if b == a {
			a.allocAt(777, nil)
			if err := u.Undo(777, last); err != nil {
				t.Fatalf("Undo(777, %d) of what AllocAt gave: %v", last, err)
			}
		}
		b.free(nil, pids[0])
	}
	if s.order == Sharded {
		return // the order is open
	}
	if got, want := a.drainFree(), twin.drainFree(); !slices.Equal(got, want) {
		t.Fatalf("after Undo of AllocAt(777) and a Free, Alloc gives %d, without it %d", got, want)
	}
}

// undoLate undoes a pid after another was handed out.
func (s *allocatorSuite) undoLate(t tb) {
	a := s.trial(t, alloc.Limits{Max: 70, Reserved: 1})
	u, ok := a.Allocator.(alloc.Undoer)
	if !ok {
		t.Logf("no Undoer: nothing to test")
		return
	}
	pids := a.allocN(5)
	last := a.Last()
	if err := u.Undo(pids[3], pids[2]); err != nil {
		t.Fatalf("Undo(%d, %d): %v", pids[3], pids[2], err)
	}
	if s.order != Sharded {
		a.last(last)
	}
	pids = slices.Delete(pids, 3, 4)
	slices.Sort(pids)
	a.holds("the last but one of five undone", pids...)
}

func (s *allocatorSuite) undoFails(t tb) {
	for _, f := range s.failures() {
		a := f.make(t)
		u, ok := a.Allocator.(alloc.Undoer)
		if !ok {
			t.Logf("no Undoer: nothing to test")
			return
		}
		before := s.snapshot(a)
		for _, pid := range before.inUse {
			for _, last := range []alloc.PID{-1, math.MinInt32, math.MaxInt32, a.Limits().Max} {
				if err := wantError(u.Undo(pid, last), alloc.ErrRange); err != nil {
					t.Fatalf("%s: Undo(%d, %d): %v", f.state, pid, last, err)
				}
			}
		}
		for _, pid := range []alloc.PID{0, -1, math.MinInt32, math.MaxInt32, a.Limits().Max} {
			if err := wantError(u.Undo(pid, 1), alloc.ErrRange); err != nil {
				t.Fatalf("%s: Undo(%d, 1): %v", f.state, pid, err)
			}
		}
		if _, ok := slices.BinarySearch(before.inUse, 68); !ok {
			if err := wantError(u.Undo(68, 1), alloc.ErrNotInUse); err != nil {
				t.Fatalf("%s: Undo(68, 1) of a free pid: %v", f.state, err)
			}
		}
		if after := s.snapshot(a); !after.equal(before) {
			t.Fatalf("%s: a failed Undo changed %+v into %+v", f.state, before, after)
		}
	}
}
