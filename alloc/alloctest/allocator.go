package alloctest

import (
	"errors"
	"math/rand/v2"

	"example.com/pidmap/alloc"
)

// allocatorSuite is the contract of alloc.Allocator, from one goroutine, for
// what new makes.
type allocatorSuite struct {
	new   allocatorFunc
	order Order
	seed  uint64
	maxes []alloc.PID // the values of Max to try
}

func newAllocatorSuite(f allocatorFunc, order Order, seed uint64) *allocatorSuite {
	return &allocatorSuite{f, order, seed, maxes()}
}

// cases are those of every order and then those of this one.
func (s *allocatorSuite) cases() []testCase {
	common := []testCase{
		{"limits/zero_means_the_defaults", s.limitsZero},
		{"limits/out_of_range_refused", s.limitsRefused},
		{"limits/largest_accepted", s.limitsLargest},
		{"new/is_empty", s.newIsEmpty},
		{"new/shares_nothing", s.newSharesNothing},
		{"full/every_pid_once_and_then_full", s.fullEveryPID},
		{"full/what_is_freed_comes_again", s.fullFreed},
		{"alloc_at/claims", s.atClaims},
		{"alloc_at/does_not_move_last", s.atKeepsLast},
		{"alloc_at/is_not_handed_out_again", s.atNotAgain},
		{"free/twice_is_not_in_use", s.freeTwice},
		{"range/alloc_at_and_free", s.rangeErrors},
		{"range/set_last", s.setLastRange},
		{"next/ascending_from_anywhere", s.nextAscending},
		{"next/odd_input", s.nextOdd},
		{"next_n/equals_next", s.nextNEqualsNext},
		{"next_n/stays_within_dst", s.nextNWithin},
		{"failure/changes_nothing", s.failureChangesNothing},
		{"failure/leaves_the_order", s.failureLeavesOrder},
		{"undo/as_if_never_handed_out", s.undo},
		{"undo/of_a_high_pid", s.undoHigh},
		{"undo/last_stays_where_another_came_since", s.undoLate},
		{"undo/fails_as_free_does", s.undoFails},
		{"terminate/alloc_fails", s.terminateAlloc},
		{"terminate/before_full", s.terminateBeforeFull},
		{"terminate/free_works", s.terminateFree},
		{"terminate/what_is_held_stays_visible", s.terminateVisible},
		{"terminate/twice_is_once", s.terminateTwice},
		{"seams/fill_drain_refill", s.seamsFill},
		{"random/programs", s.random},
	}
	return append(common, s.orderCases()...)
}

func (s *allocatorSuite) orderCases() []testCase {
	switch s.order {
	case Cyclic:
		return s.cyclicCases()
	case FIFO:
		return s.fifoCases()
	}
	return nil
}

// trial is a fresh allocator and the test that judges it.
type trial struct {
	t tb
	alloc.Allocator
}

// trial makes one with pids in use, taken by AllocAt.
func (s *allocatorSuite) trial(t tb, l alloc.Limits, inUse ...alloc.PID) trial {
	t.Helper()
	a := trial{t, newAllocator(t, s.new, l)}
	for _, pid := range inUse {
		a.allocAt(pid, nil)
	}
	return a
}

// alloc wants the pids one by one.
func (a trial) alloc(want ...alloc.PID) {
	for _, w := range want {
		if pid, err := a.Alloc(); err != nil || pid != w {
			a.t.Helper()
			a.t.Fatalf("%+v: Alloc() = %d, %v; want %d", a.Limits(), pid, err, w)
		}
	}
}

func (a trial) allocFails(want error) {
	if pid, err := a.Alloc(); !errors.Is(err, want) {
		a.t.Helper()
		a.t.Fatalf("%+v: Alloc() = %d, %v; want %v", a.Limits(), pid, err, want)
	}
}

// allocN hands out n, whichever they are.
func (a trial) allocN(n int) []alloc.PID {
	pids := make([]alloc.PID, n)
	for i := range pids {
		pid, err := a.Alloc()
		if err != nil {
			a.t.Helper()
			a.t.Fatalf("%+v: Alloc() number %d of %d: %v", a.Limits(), i+1, n, err)
		}
		pids[i] = pid
	}
	return pids
}

func (a trial) allocAt(pid alloc.PID, want error) {
	if err := a.AllocAt(pid); !errors.Is(err, want) {
		a.t.Helper()
		a.t.Fatalf("%+v: AllocAt(%d): %v, want %v", a.Limits(), pid, err, want)
	}
}

func (a trial) free(want error, pids ...alloc.PID) {
	for _, pid := range pids {
		if err := a.Free(pid); !errors.Is(err, want) {
			a.t.Helper()
			a.t.Fatalf("%+v: Free(%d): %v, want %v", a.Limits(), pid, err, want)
		}
	}
}

func (a trial) setLast(pid alloc.PID, want error) {
	if err := a.SetLast(pid); !errors.Is(err, want) {
		a.t.Helper()
		a.t.Fatalf("%+v: SetLast(%d): %v, want %v", a.Limits(), pid, err, want)
	}
}

func (a trial) last(want alloc.PID) {
	if got := a.Last(); got != want {
		a.t.Helper()
		a.t.Fatalf("%+v: Last() = %d, want %d", a.Limits(), got, want)
	}
}

func (a trial) holds(what string, want ...alloc.PID) {
	a.t.Helper()
	sameSet(a.t, a, want, "%+v, %s", a.Limits(), what)
}

func (s *allocatorSuite) limitsZero(t tb) {
	for _, c := range []struct{ given, want alloc.Limits }{
		{alloc.Limits{}, alloc.Limits{Max: 32768, Reserved: 300}},
		{alloc.Limits{Max: 301}, alloc.Limits{Max: 301, Reserved: 300}},
		{alloc.Limits{Max: 300}, alloc.Limits{Max: 300, Reserved: 1}},
		{alloc.Limits{Max: 2}, alloc.Limits{Max: 2, Reserved: 1}},
		{alloc.Limits{Reserved: 7}, alloc.Limits{Max: 32768, Reserved: 7}},
		{alloc.Limits{Max: 64, Reserved: 63}, alloc.Limits{Max: 64, Reserved: 63}},
	} {
		if got := s.trial(t, c.given).Limits(); got != c.want {
			t.Errorf("Limits of one made for %+v are %+v, want %+v", c.given, got, c.want)
		}
	}
}

func (s *allocatorSuite) limitsRefused(t tb) {
	for _, l := range refusedLimits {
		a, err := s.new(l)
		refuses(t, l, a == nil, err)
	}
}

func (s *allocatorSuite) limitsLargest(t tb) {
	a := s.trial(t, alloc.Limits{Max: 1 << 30})
	pids := a.allocN(3)
	a.allocAt(1<<30, alloc.ErrRange)
	a.free(alloc.ErrNotInUse, 1<<30-1)
	a.free(nil, pids...)
	a.holds("three taken and freed")
}

func (s *allocatorSuite) newIsEmpty(t tb) {
	for _, top := range s.maxes {
		a := s.trial(t, alloc.Limits{Max: top})
		a.holds("new")
		a.last(0)
		a.free(alloc.ErrNotInUse, 1, top-1)
		if a.Terminating() {
			t.Errorf("%+v: a new one is terminating", a.Limits())
		}
	}
}

func (s *allocatorSuite) newSharesNothing(t tb) {
	l := alloc.Limits{Max: 100}
	a, b := s.trial(t, l, 50), s.trial(t, l, 60)
	a.Terminate()
	a.holds("the first of two", 50)
	b.holds("the second of two", 60)
	b.allocN(1)
}

func (s *allocatorSuite) random(t tb) {
	r := rand.New(rand.NewPCG(s.seed, 2))
	for _, top := range s.maxes {
		n := steps(2000)
		if top > 1000 {
			n = steps(500)
		}
		if top > 40000 {
			n = steps(100)
		}
		for _, reserved := range []alloc.PID{1, 2, top / 2, top - 1, 300} {
			if l := (alloc.Limits{Max: top, Reserved: reserved}); reserved >= 1 && reserved < top {
				program := randomProgram(r, n)
				program[n*9/10*opSize] = opTerminate
				replayAllocator(t, s.new, s.order, l, program)
			}
		}
	}
}
