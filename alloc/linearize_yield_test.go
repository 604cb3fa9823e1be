package alloc_test

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"

	"example.com/pidmap/alloc"
)

// Calls that take 50 ns hardly ever meet. What follows makes them meet, by
// giving up the processor where a call is under way.

// yielder gives up the processor now and then. Its calls are under a lock.
type yielder struct{ r *rand.Rand }

func newYielder() yielder { return yielder{rand.New(rand.NewPCG(1, 1))} }

func (y yielder) maybe() {
	if y.r.IntN(3) == 0 {
		runtime.Gosched()
	}
}

// yielding is an allocator that yields before and after what it does, to be
// put behind a mutex.
type yielding struct {
	alloc.Allocator
	yielder
}

func slowly(a alloc.Allocator) alloc.Allocator { return yielding{a, newYielder()} }

func (y yielding) Alloc() (alloc.PID, error) {
	y.maybe()
	defer y.maybe()
	return y.Allocator.Alloc()
}

func (y yielding) AllocAt(pid alloc.PID) error {
	y.maybe()
	defer y.maybe()
	return y.Allocator.AllocAt(pid)
}

func (y yielding) Free(pid alloc.PID) error {
	y.maybe()
	defer y.maybe()
	return y.Allocator.Free(pid)
}

func (y yielding) Terminate() {
	y.maybe()
	defer y.maybe()
	y.Allocator.Terminate()
}

// yieldingBackend is the same for a backend.
type yieldingBackend struct {
	alloc.Backend
	yielder
}

func newYieldingTree(l alloc.Limits) (alloc.Backend, error) {
	b, err := alloc.NewTree(l)
	return yieldingBackend{b, newYielder()}, err
}

func (y yieldingBackend) Take(pid alloc.PID) bool {
	y.maybe()
	defer y.maybe()
	return y.Backend.Take(pid)
}

func (y yieldingBackend) TakeFirst(lo, hi alloc.PID) (alloc.PID, bool) {
	y.maybe()
	defer y.maybe()
	return y.Backend.TakeFirst(lo, hi)
}

func (y yieldingBackend) Release(pid alloc.PID) bool {
	y.maybe()
	defer y.maybe()
	return y.Backend.Release(pid)
}

// disturb holds one shard of a after the other, where it has any, until it is
// stopped.
func disturb(a alloc.Allocator) (stop func()) {
	s, ok := a.(interface{ HoldShard(int, func()) })
	if !ok {
		return func() {}
	}
	var over atomic.Bool
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 0; !over.Load(); i++ {
			s.HoldShard(i, runtime.Gosched)
			runtime.Gosched()
		}
	})
	return func() {
		over.Store(true)
		wg.Wait()
	}
}
