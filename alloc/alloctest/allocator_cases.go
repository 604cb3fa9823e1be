package alloctest

import (
	"errors"
	"math"
	"slices"

	"example.com/pidmap/alloc"
)

// The cases of allocatorSuite that every order has. Which pid comes next is
// left open; a Reserved of 1 makes each order hand out all that is free.

func (s *allocatorSuite) fullEveryPID(t tb) {
	for _, top := range s.maxes {
		a := s.trial(t, alloc.Limits{Max: top})
		pids := a.allocN(int(top - 1))
		slices.Sort(pids)
		if !slices.Equal(pids, upTo(top)) {
			t.Fatalf("Max %d: the first %d Allocs did not give every pid once", top, top-1)
		}
		a.allocFails(alloc.ErrFull)
		a.allocFails(alloc.ErrFull)
		a.holds("full", upTo(top)...)
	}
}

func (s *allocatorSuite) fullFreed(t tb) {
	for _, top := range s.maxes {
		a := s.trial(t, alloc.Limits{Max: top, Reserved: 1})
		a.allocN(int(top - 1))
		for _, pid := range borders(top) {
			a.free(nil, pid)
			a.alloc(pid)
			a.allocFails(alloc.ErrFull)
		}
		a.holds("full again", upTo(top)...)
	}
}

func (s *allocatorSuite) atClaims(t tb) {
	for _, top := range s.maxes {
		pids := borders(top)
		a := s.trial(t, alloc.Limits{Max: top})
		for i, pid := range pids {
			a.allocAt(pid, nil)
			a.allocAt(pid, alloc.ErrInUse)
			a.holds("claimed at borders", pids[:i+1]...)
		}
		a.free(nil, pids...)
		a.holds("freed again")
	}
}

func (s *allocatorSuite) atKeepsLast(t tb) {
	a := s.trial(t, alloc.Limits{Max: 100, Reserved: 1})
	a.allocAt(50, nil)
	a.last(0)
	a.allocN(3)
	last := a.Last()
	a.allocAt(60, nil)
	if s.order != Sharded {
		a.last(last)
	}
}

func (s *allocatorSuite) atNotAgain(t tb) {
	for _, top := range s.maxes {
		taken := borders(top)
		a := s.trial(t, alloc.Limits{Max: top, Reserved: 1}, taken...)
		for _, pid := range a.allocN(int(top) - 1 - len(taken)) {
			if slices.Contains(taken, pid) {
				t.Fatalf("Max %d: Alloc gave %d, which AllocAt had given", top, pid)
			}
		}
		a.allocFails(alloc.ErrFull)
		a.holds("full", upTo(top)...)
	}
}

func (s *allocatorSuite) freeTwice(t tb) {
	for _, top := range s.maxes {
		pids := borders(top)
		a := s.trial(t, alloc.Limits{Max: top}, pids...)
		for i, pid := range pids {
			a.free(nil, pid)
			a.free(alloc.ErrNotInUse, pid)
			a.holds("freed at borders", pids[i+1:]...)
		}
	}
}

func (s *allocatorSuite) rangeErrors(t tb) {
	for _, top := range s.maxes {
		a := s.trial(t, alloc.Limits{Max: top}, top-1)
		for _, pid := range oddPIDs(top) {
			if pid < 1 || pid >= top {
				a.allocAt(pid, alloc.ErrRange)
				a.free(alloc.ErrRange, pid)
			}
		}
		a.holds("after calls out of range", top-1)
	}
}

func (s *allocatorSuite) setLastRange(t tb) {
	for _, top := range s.maxes {
		a := s.trial(t, alloc.Limits{Max: top})
		for _, pid := range oddPIDs(top) {
			want := a.Last()
			err := a.SetLast(pid)
			switch {
			case s.order == FIFO && errors.Is(err, alloc.ErrUnsupported):
			case pid < 0 || pid >= top:
				if !errors.Is(err, alloc.ErrRange) {
					t.Fatalf("%+v: SetLast(%d): %v, want ErrRange", a.Limits(), pid, err)
				}
			case err != nil:
				t.Fatalf("%+v: SetLast(%d): %v", a.Limits(), pid, err)
			default:
				want = pid
			}
			if s.order != Sharded {
				a.last(want)
			}
		}
		a.holds("after SetLast")
	}
}

func (s *allocatorSuite) nextAscending(t tb) {
	for _, top := range s.maxes {
		pids := borders(top)
		a := s.trial(t, alloc.Limits{Max: top}, pids...)
		for i, pid := range pids {
			for _, after := range []alloc.PID{pid - 1, pid} {
				want := pids[i:]
				if after == pid {
					want = pids[i+1:]
				}
				if got := nextByNext(a.Allocator, after, make([]alloc.PID, 2)); !slices.Equal(got, want[:min(2, len(want))]) {
					t.Fatalf("Max %d: two steps from %d give %d, want the beginning of %d", top, after, got, want)
				}
			}
		}
	}
}

func (s *allocatorSuite) nextOdd(t tb) {
	for _, top := range s.maxes {
		a := s.trial(t, alloc.Limits{Max: top}, top-1)
		for _, after := range oddPIDs(top) {
			pid, ok := a.Next(after)
			if ok != (after < top-1) || ok && pid != top-1 {
				t.Fatalf("Max %d, with only %d in use: Next(%d) = %d, %t", top, top-1, after, pid, ok)
			}
		}
		a.holds("after Next on odd input", top-1)
	}
}

func (s *allocatorSuite) nextNEqualsNext(t tb) {
	for _, top := range s.maxes {
		a := s.trial(t, alloc.Limits{Max: top}, borders(top)...)
		for _, after := range append(oddPIDs(top), borders(top)...) {
			want := nextByNext(a.Allocator, after, make([]alloc.PID, 70))
			for _, n := range batchSizes(top) {
				if got := nextN(a.Allocator, after, n); !slices.Equal(got, want[:min(n, len(want))]) {
					t.Fatalf("Max %d: NextN(%d) of %d gives %d, want the beginning of %d", top, after, n, got, want)
				}
			}
		}
	}
}

func (s *allocatorSuite) nextNWithin(t tb) {
	a := s.trial(t, alloc.Limits{Max: 1000}, upTo(1000)...)
	nextNStaysWithin(t, a.Allocator)
}

func (s *allocatorSuite) terminateAlloc(t tb) {
	a := s.trial(t, alloc.Limits{Max: 100, Reserved: 1}, 50)
	pids := append(a.allocN(3), 50)
	last := a.Last()
	a.Terminate()
	if !a.Terminating() {
		t.Errorf("Terminating is false after Terminate")
	}
	a.allocFails(alloc.ErrTerminating)
	a.allocAt(60, alloc.ErrTerminating)
	a.allocAt(50, alloc.ErrTerminating)
	if s.order != Sharded {
		a.last(last)
	}
	slices.Sort(pids)
	a.holds("after Terminate", pids...)
}

// terminateBeforeFull: of a full map that is terminating, the end is the news.
func (s *allocatorSuite) terminateBeforeFull(t tb) {
	a := s.trial(t, alloc.Limits{Max: 10, Reserved: 1})
	a.allocN(9)
	a.Terminate()
	a.allocFails(alloc.ErrTerminating)
}

func (s *allocatorSuite) terminateFree(t tb) {
	a := s.trial(t, alloc.Limits{Max: 100, Reserved: 1})
	pids := a.allocN(99)
	a.Terminate()
	a.free(nil, pids...)
	a.free(alloc.ErrNotInUse, 1, 99)
	a.free(alloc.ErrRange, 0, 100, math.MaxInt32)
	a.holds("all freed after Terminate")
	a.allocFails(alloc.ErrTerminating)
}

func (s *allocatorSuite) terminateVisible(t tb) {
	a := s.trial(t, alloc.Limits{Max: 5000, Reserved: 1}, borders(5000)...)
	a.Terminate()
	a.holds("after Terminate", borders(5000)...)
	if got := nextN(a.Allocator, 0, 500); !slices.Equal(got, borders(5000)) {
		t.Fatalf("NextN after Terminate gives %d, want %d", got, borders(5000))
	}
}

func (s *allocatorSuite) terminateTwice(t tb) {
	a := s.trial(t, alloc.Limits{Max: 100}, 7)
	a.Terminate()
	a.Terminate()
	if !a.Terminating() {
		t.Errorf("Terminating is false after the second Terminate")
	}
	a.allocFails(alloc.ErrTerminating)
	a.holds("after Terminate, twice", 7)
}

func (s *allocatorSuite) seamsFill(t tb) {
	for _, top := range s.maxes {
		a := s.trial(t, alloc.Limits{Max: top, Reserved: 1})
		for range 2 {
			a.free(nil, a.allocN(int(top-1))...)
			a.holds("filled and drained")
		}
		a.allocN(int(top - 1))
		a.allocFails(alloc.ErrFull)
	}
}
