package alloctest

import (
	"errors"
	"math/rand/v2"

	"example.com/pidmap/alloc"
)

// The cases of allocatorSuite about which pid comes next.

func (s *allocatorSuite) cyclicCases() []testCase {
	return []testCase{
		{"cyclic/new_map_hands_out_1_first", s.firstIs1},
		{"cyclic/smallest_free_after_last", s.afterLast},
		{"cyclic/wraps_to_reserved", s.wraps},
		{"cyclic/low_pids_are_not_reused_after_a_wrap", s.lowKept},
		{"cyclic/full_exactly_when_both_ranges_are", s.fullExactly},
		{"cyclic/last_is_the_only_free_pid", s.lastOnlyFree},
		{"cyclic/last_is_reserved_and_the_only_free_pid", s.lastIsReserved},
		{"cyclic/last_below_reserved_is_not_reused", s.lastBelowReserved},
		{"cyclic/set_last_moves_the_cursor", s.setLastMoves},
		{"cyclic/seams_of_the_wrap", s.seamsOfWrap},
		{"cyclic/consecutive_pids_differ", s.consecutive},
	}
}

func (s *allocatorSuite) fifoCases() []testCase {
	return []testCase{
		{"fifo/new_map_hands_out_1_first", s.firstIs1},
		{"fifo/freed_first_comes_out_first", s.fifoOrder},
		{"fifo/alloc_at_leaves_the_queue", s.fifoAllocAt},
		{"fifo/a_pid_rests_longest", s.fifoRests},
	}
}

func (s *allocatorSuite) firstIs1(t tb) {
	for _, top := range s.maxes {
		a := s.trial(t, alloc.Limits{Max: top})
		a.alloc(upTo(min(top, 500))...)
		a.last(min(top, 500) - 1)
	}
}

func (s *allocatorSuite) afterLast(t tb) {
	a := s.trial(t, alloc.Limits{Max: 300, Reserved: 10}, 2, 3, 64, 65, 128)
	a.alloc(1, 4, 5)
	a.free(nil, 1, 4)
	a.alloc(6) // not 1, not 4: they lie behind
	a.setLast(62, nil)
	a.alloc(63, 66)
	a.last(66)
	a.free(nil, 66)
	a.alloc(67) // not 66 again
	a.setLast(127, nil)
	a.alloc(129)
}

func (s *allocatorSuite) wraps(t tb) {
	for _, top := range s.maxes {
		for _, reserved := range []alloc.PID{1, 2, 63, 64, 65, 300, top - 1} {
			if reserved >= top {
				continue
			}
			a := s.trial(t, alloc.Limits{Max: top, Reserved: reserved})
			a.setLast(top-1, nil)
			a.alloc(reserved)
			a.last(reserved)
			a.setLast(top-1, nil)
			if next := reserved + 1; next < top {
				a.alloc(next)
			}
		}
	}
}

func (s *allocatorSuite) lowKept(t tb) {
	a := s.trial(t, alloc.Limits{Max: 20, Reserved: 10})
	a.alloc(upTo(20)...)
	a.free(nil, upTo(15)...)
	a.alloc(10, 11, 12, 13, 14)
	a.allocFails(alloc.ErrFull) // 1 to 9 are free
	a.free(nil, 10)
	a.alloc(10)
	a.allocFails(alloc.ErrFull)
	a.holds("low pids free", 10, 11, 12, 13, 14, 15, 16, 17, 18, 19)
}

// fullExactly goes through every set of a small map and every Last.
func (s *allocatorSuite) fullExactly(t tb) {
	const top, reserved = 7, 3
	for inUse := range 1 << (top - 1) {
		var pids []alloc.PID
		for pid := alloc.PID(1); pid < top; pid++ {
			if inUse>>(pid-1)&1 != 0 {
				pids = append(pids, pid)
			}
		}
		for last := alloc.PID(0); last < top; last++ {
			a := s.trial(t, alloc.Limits{Max: top, Reserved: reserved}, pids...)
			a.setLast(last, nil)
			book := newLedger(a.Limits(), Cyclic)
			for _, pid := range pids {
				book.Take(pid)
			}
			book.last = last
			if err := book.alloc(a.Alloc()); err != nil {
				t.Fatalf("in use %d, Last %d, Reserved %d, Max %d: Alloc gives %v", pids, last, reserved, top, err)
			}
			if err := book.sameState(a); err != nil {
				t.Fatalf("in use %d, Last %d, Reserved %d, Max %d: after Alloc %v", pids, last, reserved, top, err)
			}
		}
	}
}

// lastOnlyFree is the first of two corners in which Linux 2.6.22 failed.
func (s *allocatorSuite) lastOnlyFree(t tb) {
	for _, top := range s.maxes {
		a := s.trial(t, alloc.Limits{Max: top, Reserved: 1}, upTo(top)...)
		for _, pid := range borders(top) {
			a.setLast(pid, nil)
			a.free(nil, pid)
			a.alloc(pid)
			a.allocFails(alloc.ErrFull)
		}
	}
}

// lastIsReserved is the second.
func (s *allocatorSuite) lastIsReserved(t tb) {
	for _, top := range s.maxes {
		for _, reserved := range borders(min(top, 5000)) {
			a := s.trial(t, alloc.Limits{Max: top, Reserved: reserved}, upTo(top)...)
			a.setLast(reserved, nil)
			a.free(nil, reserved)
			a.alloc(reserved)
			a.allocFails(alloc.ErrFull)
			if top > 5000 {
				break
			}
		}
	}
}

// lastBelowReserved: a low pid is not handed out again for being the last.
func (s *allocatorSuite) lastBelowReserved(t tb) {
	a := s.trial(t, alloc.Limits{Max: 20, Reserved: 10}, upTo(20)...)
	a.setLast(5, nil)
	a.free(nil, 5)
	a.allocFails(alloc.ErrFull)
	a.free(nil, 6)
	a.alloc(6) // ahead of the cursor it is
	a.allocFails(alloc.ErrFull)
}

func (s *allocatorSuite) setLastMoves(t tb) {
	a := s.trial(t, alloc.Limits{Max: 1000, Reserved: 300})
	for _, last := range []alloc.PID{500, 63, 64, 0, 998} {
		a.setLast(last, nil)
		a.last(last)
		a.alloc(last + 1)
	}
	a.setLast(999, nil)
	a.alloc(300)
	a.setLast(0, nil) // before the first: 1 is in use, 2 is next
	a.alloc(2)
}

// seamsOfWrap puts the one free pid and Last at every pair of borders.
func (s *allocatorSuite) seamsOfWrap(t tb) {
	for _, top := range s.maxes {
		a := s.trial(t, alloc.Limits{Max: top, Reserved: 1}, upTo(top)...)
		for _, free := range borders(top) {
			for _, last := range borders(top) {
				a.free(nil, free)
				a.setLast(last, nil)
				a.alloc(free)
				a.last(free)
			}
		}
		a.allocFails(alloc.ErrFull)
	}
}

// consecutive: two Allocs in a row never give one pid, unless only one is free:
// 1,000,000 forks at 32,768, with few, many and nearly all pids in use.
func (s *allocatorSuite) consecutive(t tb) {
	r := rand.New(rand.NewPCG(s.seed, 3))
	for _, free := range []int{32467, 1000, 3, 2} { // of those from Reserved on
		a := s.trial(t, alloc.Limits{})
		held := a.allocN(32767)
		r.Shuffle(len(held), func(i, j int) { held[i], held[j] = held[j], held[i] })
		for i := len(held) - 1; i >= 0 && free > 0; i-- {
			if held[i] >= alloc.DefaultReserved {
				a.free(nil, held[i])
				free--
			}
		}
		a.consecutive(steps(250_000))
	}
}

// consecutive allocates n times and frees each pid at once.
func (a trial) consecutive(n int) {
	last := alloc.PID(0)
	for range n {
		pid, err := a.Alloc()
		if err != nil || pid == last {
			a.t.Helper()
			a.t.Fatalf("Alloc() = %d, %v after %d, with %d in use", pid, err, last, a.Len())
		}
		if err := a.Free(pid); err != nil {
			a.t.Helper()
			a.t.Fatalf("Free(%d): %v", pid, err)
		}
		last = pid
	}
}

func (s *allocatorSuite) fifoOrder(t tb) {
	for _, top := range s.maxes {
		a := s.trial(t, alloc.Limits{Max: top})
		a.allocN(int(top - 1))
		pids := borders(top)
		for i, j := 0, len(pids)-1; i < j; i, j = i+2, j-2 {
			pids[i], pids[j] = pids[j], pids[i]
		}
		a.free(nil, pids...)
		a.alloc(pids...)
		a.allocFails(alloc.ErrFull)
	}
}

func (s *allocatorSuite) fifoAllocAt(t tb) {
	a := s.trial(t, alloc.Limits{Max: 10})
	a.allocN(9)
	a.free(nil, 5, 3, 9, 1, 7)
	a.allocAt(5, nil) // the head of the queue
	a.allocAt(9, nil) // its middle
	a.allocAt(7, nil) // its tail
	a.free(nil, 5)
	a.alloc(3, 1, 5)
	a.allocFails(alloc.ErrFull)
}

// fifoRests: with k free, a pid freed comes out as the k-th from then.
func (s *allocatorSuite) fifoRests(t tb) {
	const top, k = 1000, 100
	a := s.trial(t, alloc.Limits{Max: top})
	held := a.allocN(top - 1)
	r := rand.New(rand.NewPCG(s.seed, 4))
	r.Shuffle(len(held), func(i, j int) { held[i], held[j] = held[j], held[i] })
	a.free(nil, held[:k]...)
	for i, pid := range held[:k] {
		if got, err := a.Alloc(); err != nil || got != pid {
			a.t.Fatalf("Alloc() = %d, %v; want %d, the longest free", got, err, pid)
		}
		a.free(nil, held[k+i])
	}
	if _, err := a.Alloc(); errors.Is(err, alloc.ErrFull) {
		t.Errorf("ErrFull with %d free", k)
	}
}
