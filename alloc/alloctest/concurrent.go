package alloctest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"example.com/pidmap/alloc"
)

// workers is how many goroutines the concurrent cases run at once.
const workers = 4

// concurrentSuite is the contract of allocators that are safe for concurrent
// use, for what new makes. The limits have Reserved 1, so that every order may
// hand out all that is free.
type concurrentSuite struct {
	new  allocatorFunc
	seed uint64
}

func newConcurrentSuite(f allocatorFunc, seed uint64) *concurrentSuite {
	return &concurrentSuite{f, seed}
}

func (s *concurrentSuite) cases() []testCase {
	return []testCase{
		{"concurrent/held_by_one_at_most", s.heldByOne},
		{"concurrent/full_only_when_full", s.fullWhenFull},
		{"concurrent/alloc_at_and_free_have_one_winner", s.oneWinner},
		{"concurrent/walk_skips_none_that_stays", s.walkSkipsNone},
		{"concurrent/terminate_linearizes", s.terminateLinearizes},
	}
}

// inParallel runs f in n goroutines, each with randomness of its own, and waits
// for all.
func (s *concurrentSuite) inParallel(n int, f func(worker int, r *rand.Rand)) {
	var wg sync.WaitGroup
	for worker := range n {
		wg.Go(func() { f(worker, rand.New(rand.NewPCG(s.seed, uint64(100+worker)))) })
	}
	wg.Wait()
}

// holders books who holds which pid.
type holders struct {
	t  tb
	by []atomic.Int32 // by pid: 1 + the worker, or 0
}

func newHolders(t tb, top alloc.PID) *holders { return &holders{t, make([]atomic.Int32, top)} }

// take books that worker was given pid; false if that cannot be.
func (h *holders) take(pid alloc.PID, worker int) bool {
	if pid < 1 || int(pid) >= len(h.by) {
		h.t.Errorf("Alloc gave %d, out of range", pid)
		return false
	}
	if !h.by[pid].CompareAndSwap(0, int32(worker+1)) {
		h.t.Errorf("pid %d was given to worker %d while worker %d holds it", pid, worker, h.by[pid].Load()-1)
		return false
	}
	return true
}

// drop books that pid is about to be freed.
func (h *holders) drop(pid alloc.PID) { h.by[pid].Store(0) }

// held gives the pids that are held, ascending.
func (h *holders) held() []alloc.PID {
	var pids []alloc.PID
	for pid := range h.by {
		if h.by[pid].Load() != 0 {
			pids = append(pids, alloc.PID(pid))
		}
	}
	return pids
}

// heldByOne: workers allocate and free; together they can hold every pid, and
// none of them ever waits in vain for one. A bystander asks everything else.
func (s *concurrentSuite) heldByOne(t tb) {
	for _, each := range []int{1, 2, 31, 200} {
		top := alloc.PID(workers*each + 1)
		a := newAllocator(t, s.new, alloc.Limits{Max: top, Reserved: 1})
		h := newHolders(t, top)
		stop := s.bystander(t, a)
		s.inParallel(workers, func(worker int, r *rand.Rand) {
			left := steps(20_000)
			churn(t, a, h, worker, r, each, func() bool { left--; return left >= 0 })
		})
		stop()
		sameSet(t, a, h.held(), "Max %d, after the churn", top)
	}
}

// churn allocates and frees at random while more says so. What it holds then
// stays booked in h.
func churn(t tb, a alloc.Allocator, h *holders, worker int, r *rand.Rand, most int, more func() bool) {
	var mine []alloc.PID
	for more() {
		if len(mine) < most && (len(mine) == 0 || r.IntN(2) == 0) {
			pid, err := a.Alloc()
			if err != nil {
				t.Errorf("Alloc: %v, though a pid is free", err)
				return
			}
			if !h.take(pid, worker) {
				return
			}
			mine = append(mine, pid)
			continue
		}
		i := r.IntN(len(mine))
		pid := mine[i]
		mine = slices.Delete(mine, i, i+1)
		h.drop(pid)
		if err := a.Free(pid); err != nil {
			t.Errorf("Free(%d), which worker %d holds: %v", pid, worker, err)
			return
		}
	}
}

// bystander calls what changes no pid, until it is stopped.
func (s *concurrentSuite) bystander(t tb, a alloc.Allocator) (stop func()) {
	l := a.Limits()
	return background(func() {
		if n := a.Len(); n < 0 || n >= int(l.Max) {
			t.Errorf("Len is %d at Max %d", n, l.Max)
		}
		if last := a.Last(); last < 0 || last >= l.Max {
			t.Errorf("Last is %d at Max %d", last, l.Max)
		}
		if err := a.SetLast(l.Max / 2); err != nil && !errors.Is(err, alloc.ErrUnsupported) {
			t.Errorf("SetLast(%d): %v", l.Max/2, err)
		}
		if a.Limits() != l || a.Terminating() {
			t.Errorf("Limits %+v, Terminating %t", a.Limits(), a.Terminating())
		}
	})
}

// background repeats f in a goroutine until the function it gives is called.
func background(f func()) (stop func()) {
	var over atomic.Bool
	done := make(chan struct{})
	go func() {
		defer close(done)
		for !over.Load() {
			f()
			runtime.Gosched()
		}
	}()
	return func() {
		over.Store(true)
		<-done
	}
}

// fullWhenFull: workers allocate until ErrFull; then every pid is in use, since
// nobody frees, and each is held by one.
func (s *concurrentSuite) fullWhenFull(t tb) {
	for _, top := range []alloc.PID{2, 3, 65, 1000, 5000} {
		a := newAllocator(t, s.new, alloc.Limits{Max: top, Reserved: 1})
		h := newHolders(t, top)
		s.inParallel(workers, func(worker int, _ *rand.Rand) {
			for range top {
				pid, err := a.Alloc()
				if errors.Is(err, alloc.ErrFull) {
					if n := a.Len(); n != int(top-1) {
						t.Errorf("Max %d: ErrFull, and then Len is %d", top, n)
					}
					return
				}
				if err != nil || !h.take(pid, worker) {
					t.Errorf("Alloc() = %d, %v", pid, err)
					return
				}
			}
			t.Errorf("Max %d: a worker got %d pids and no ErrFull", top, top)
		})
		if got := len(h.held()); got != int(top-1) {
			t.Fatalf("Max %d: ErrFull, and %d of %d pids are held", top, got, top-1)
		}
		sameSet(t, a, upTo(top), "Max %d, full", top)
	}
}

// oneWinner: all workers ask for one pid, then all free it; each time one of
// them succeeds.
func (s *concurrentSuite) oneWinner(t tb) {
	const top = 130
	a := newAllocator(t, s.new, alloc.Limits{Max: top, Reserved: 1})
	pids := borders(top)
	for i := range steps(1000) {
		pid := pids[i%len(pids)]
		s.wantOneWinner(t, "AllocAt", pid, alloc.ErrInUse, a.AllocAt)
		s.wantOneWinner(t, "Free", pid, alloc.ErrNotInUse, a.Free)
	}
	sameSet(t, a, nil, "after the last Free")
}

func (s *concurrentSuite) wantOneWinner(t tb, name string, pid alloc.PID, lose error, call func(alloc.PID) error) {
	var won, lost atomic.Int32
	s.inParallel(workers, func(int, *rand.Rand) {
		switch err := call(pid); {
		case err == nil:
			won.Add(1)
		case errors.Is(err, lose):
			lost.Add(1)
		}
	})
	if won.Load() != 1 || lost.Load() != workers-1 {
		t.Helper()
		t.Fatalf("%s(%d) of %d at once: %d succeeded and %d got %v", name, pid, workers, won.Load(), lost.Load(), lose)
	}
}

// walkSkipsNone: anchors stay while their neighbours come and go; each walk,
// by Next and by NextN, meets every anchor, ascending. One worker walks, and the
// others churn until it is done.
func (s *concurrentSuite) walkSkipsNone(t tb) {
	const top = 300
	a := newAllocator(t, s.new, alloc.Limits{Max: top, Reserved: 1})
	var anchors []alloc.PID
	for pid := alloc.PID(1); pid < top; pid += 1 + pid%7 {
		anchors = append(anchors, pid)
		if err := a.AllocAt(pid); err != nil {
			t.Fatalf("AllocAt(%d): %v", pid, err)
		}
	}
	each := (top - 1 - len(anchors)) / workers
	h := newHolders(t, top)
	var over atomic.Bool
	s.inParallel(workers, func(worker int, r *rand.Rand) {
		if worker > 0 {
			churn(t, a, h, worker, r, each, func() bool {
				runtime.Gosched() // so that the walker gets its turn
				return !over.Load()
			})
			return
		}
		defer over.Store(true)
		for range max(steps(300), 30) {
			for _, n := range []int{0, 1, 7, 64, top} {
				if missed := walkFor(a, anchors, n); missed != "" {
					t.Errorf("a walk by %d: %s", max(n, 1), missed)
				}
			}
		}
	})
}

// walkFor walks by Next (n is 0) or by batches of n and says which anchor it
// did not meet.
func walkFor(a alloc.Allocator, anchors []alloc.PID, n int) string {
	after := alloc.PID(0)
	for {
		var got []alloc.PID
		if n == 0 {
			got = nextByNext(a, after, make([]alloc.PID, 1))
		} else {
			got = nextN(a, after, n)
		}
		for _, pid := range got {
			if pid <= after {
				return fmt.Sprintf("%d comes after %d", pid, after)
			}
			if len(anchors) > 0 && pid > anchors[0] {
				return fmt.Sprintf("it steps from %d to %d, over a pid that stays", after, pid)
			}
			if len(anchors) > 0 && pid == anchors[0] {
				anchors = anchors[1:]
			}
			after = pid
		}
		if len(got) == 0 || len(got) < n {
			break
		}
		runtime.Gosched() // so that something changes between two steps on one processor too
	}
	if len(anchors) > 0 {
		return fmt.Sprintf("it ends at %d, before %d, which stays", after, anchors[0])
	}
	return ""
}

// terminateLinearizes: workers allocate; what they hold when they have met the
// gate is what a walk saw that began when Terminate had returned.
func (s *concurrentSuite) terminateLinearizes(t tb) {
	const top = 4000
	r := rand.New(rand.NewPCG(s.seed, 99))
	for range max(steps(200), 20) {
		a := newAllocator(t, s.new, alloc.Limits{Max: top, Reserved: 1})
		h := newHolders(t, top)
		var shut atomic.Bool
		var begun sync.WaitGroup
		begun.Add(workers)
		var seen []alloc.PID
		terminator := make(chan struct{})
		spins := r.IntN(200)
		go func() {
			defer close(terminator)
			begun.Wait()
			for range spins {
				runtime.Gosched()
			}
			a.Terminate()
			shut.Store(true)
			seen = nextByNext(a, 0, make([]alloc.PID, top))
		}()
		s.inParallel(workers, func(worker int, r *rand.Rand) {
			allocUntilShut(t, a, h, worker, r, &begun, &shut)
		})
		<-terminator
		if held := h.held(); !slices.Equal(seen, held) {
			t.Fatalf("a walk after Terminate saw %d pids, and %d are held: %s", len(seen), len(held), difference(seen, held))
		}
		sameSet(t, a, seen, "after Terminate")
	}
}

// difference names the pids that are in one of two sets only.
func difference(seen, held []alloc.PID) string {
	in := func(of []alloc.PID) func(alloc.PID) bool {
		return func(pid alloc.PID) bool { return slices.Contains(of, pid) }
	}
	return fmt.Sprintf("%d seen and not held, %d held and not seen",
		slices.DeleteFunc(slices.Clone(seen), in(held)), slices.DeleteFunc(slices.Clone(held), in(seen)))
}

// allocUntilShut allocates by Alloc and AllocAt and frees nothing.
func allocUntilShut(t tb, a alloc.Allocator, h *holders, worker int, r *rand.Rand, begun *sync.WaitGroup, shut *atomic.Bool) {
	begun.Done()
	for {
		late := shut.Load()
		pid, err := allocSomehow(a, r)
		switch {
		case errors.Is(err, alloc.ErrTerminating):
			return
		case errors.Is(err, alloc.ErrInUse):
		case errors.Is(err, alloc.ErrFull):
			runtime.Gosched() // until the gate shuts
		case err != nil:
			t.Errorf("Alloc: %v", err)
			return
		case late:
			t.Errorf("pid %d was given out after Terminate had returned", pid)
			return
		case !h.take(pid, worker):
			return
		}
		runtime.Gosched()
	}
}

// allocSomehow is Alloc, and now and then AllocAt.
func allocSomehow(a alloc.Allocator, r *rand.Rand) (alloc.PID, error) {
	if r.IntN(4) > 0 {
		return a.Alloc()
	}
	pid := 1 + r.Int32N(int32(a.Limits().Max)-1)
	return alloc.PID(pid), a.AllocAt(alloc.PID(pid))
}
