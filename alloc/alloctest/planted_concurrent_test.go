package alloctest

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"example.com/pidmap/alloc"
)

// torn is a Pidmap over a Model behind a mutex that one method lets go of half
// way: no data race, and wrong all the same. Between the halves it gives way, so
// that few steps show the flaw.
type torn struct {
	*alloc.Shared
	mu   sync.Mutex
	set  *Model // guarded by mu
	flaw string
	shut atomic.Bool
}

func plantedTorn(flaw string) allocatorFunc {
	return func(l alloc.Limits) (alloc.Allocator, error) {
		set := newModel(l)
		shared, err := alloc.NewShared(l, func(alloc.Limits) (alloc.Backend, error) { return set, nil })
		if err != nil {
			return nil, err
		}
		return &torn{Shared: shared, set: set, flaw: flaw}, nil
	}
}

// locked runs f in one hold of the lock.
func (t *torn) locked(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f()
}

func (t *torn) Alloc() (pid alloc.PID, err error) {
	switch t.flaw {
	case "Alloc looks, and takes later":
		if t.shut.Load() {
			return 0, alloc.ErrTerminating
		}
		ok := false
		t.locked(func() { pid, ok = t.set.firstFree(1, t.set.max) })
		if !ok {
			return 0, alloc.ErrFull
		}
		runtime.Gosched()
		t.locked(func() { t.set.Take(pid) })
		return pid, nil
	case "Alloc looks at the gate, and takes later":
		if t.shut.Load() {
			return 0, alloc.ErrTerminating
		}
		runtime.Gosched()
		runtime.Gosched()
	case "Alloc is full while another is under way":
		if !t.mu.TryLock() {
			return 0, alloc.ErrFull
		}
		runtime.Gosched()
		t.mu.Unlock()
	}
	t.locked(func() { pid, err = t.Shared.Alloc() })
	return pid, err
}

func (t *torn) AllocAt(pid alloc.PID) (err error) {
	if t.flaw != "AllocAt looks, and takes later" {
		t.locked(func() { err = t.Shared.AllocAt(pid) })
		return err
	}
	used := false
	t.locked(func() { used = t.set.taken(pid) })
	if used {
		return alloc.ErrInUse
	}
	runtime.Gosched()
	t.locked(func() { t.set.Take(pid) })
	return nil
}

func (t *torn) Free(pid alloc.PID) (err error) {
	if t.flaw != "Free looks, and frees later" {
		t.locked(func() { err = t.Shared.Free(pid) })
		return err
	}
	used := false
	t.locked(func() { used = t.set.taken(pid) })
	if !used {
		return alloc.ErrNotInUse
	}
	runtime.Gosched()
	t.locked(func() { t.set.Release(pid) })
	return nil
}

// Next goes by number, and by place where the flaw is that.
func (t *torn) Next(after alloc.PID) (pid alloc.PID, ok bool) {
	if t.flaw != "Next goes by place" {
		t.locked(func() { pid, ok = t.Shared.Next(after) })
		return pid, ok
	}
	place := 0
	t.locked(func() {
		for _, p := range t.set.all() {
			if p <= after {
				place++
			}
		}
	})
	runtime.Gosched()
	t.locked(func() {
		if all := t.set.all(); place < len(all) {
			pid, ok = all[place], true
		}
	})
	return pid, ok
}

func (t *torn) NextN(after alloc.PID, dst []alloc.PID) (n int) {
	if t.flaw == "Next goes by place" {
		return len(nextByNext(t, after, dst))
	}
	t.locked(func() { n = t.Shared.NextN(after, dst) })
	return n
}

func (t *torn) Len() (n int) {
	t.locked(func() { n = t.Shared.Len() })
	return n
}

func (t *torn) Terminate() {
	t.shut.Store(true)
	if t.flaw == "Alloc looks at the gate, and takes later" || t.flaw == "Terminate takes effect later" {
		if t.flaw == "Terminate takes effect later" {
			go t.locked(t.Shared.Terminate)
		}
		return
	}
	t.locked(t.Shared.Terminate)
}

var plantedConcurrent = []plantedAllocator{
	{"Alloc looks, and takes later", []string{"concurrent/held_by_one_at_most", "concurrent/full_only_when_full", "concurrent/terminate_linearizes"}},
	{"Alloc is full while another is under way", []string{"concurrent/held_by_one_at_most", "concurrent/full_only_when_full"}},
	{"Alloc looks at the gate, and takes later", []string{"concurrent/terminate_linearizes"}},
	{"AllocAt looks, and takes later", []string{"concurrent/alloc_at_and_free_have_one_winner"}},
	{"Free looks, and frees later", []string{"concurrent/alloc_at_and_free_have_one_winner"}},
	{"Next goes by place", []string{"concurrent/walk_skips_none_that_stays"}},
	{"Terminate takes effect later", []string{"concurrent/terminate_linearizes"}},
}

// TestPlantedConcurrent gives a case three tries, since it goes by chance.
func TestPlantedConcurrent(t *testing.T) {
	for _, p := range plantedConcurrent {
		t.Run(p.flaw, func(t *testing.T) {
			rejects(t, newConcurrentSuite(plantedTorn(p.flaw), 1).cases(), p.cases, 3)
		})
	}
}

func TestTornIsAcceptedWhole(t *testing.T) {
	TestConcurrent(t, plantedTorn(""))
}
