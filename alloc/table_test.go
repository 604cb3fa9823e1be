package alloc

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
)

// TestTableAgainstQueue runs random calls on a Table and on a slice of its free
// pids: exact order, growth included.
func TestTableAgainstQueue(t *testing.T) {
	for _, top := range []PID{2, 3, 63, 64, 65, 127, 128, 129, 1000} {
		t.Run(fmt.Sprintf("max=%d", top), func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(top), 2))
			tab, err := NewTableOf[int](Limits{Max: top})
			if err != nil {
				t.Fatal(err)
			}
			var queue, live []PID
			vals, last, size := map[PID]int{}, PID(0), PID(1)
			reach := func(want PID) { // the table's growth, in the model
				for want = min(max(want, 64), top); size < want; size++ {
					queue = append(queue, size)
				}
			}
			for step := range 6000 {
				grow := step/500%2 == 0 // swell, then shrink
				switch k := r.IntN(10); {
				case k < 2 || grow && k < 5:
					if PID(2*len(live)) >= size-1 {
						reach(2 * size)
					}
					got, err := tab.Alloc()
					if len(queue) == 0 {
						if got != 0 || err != ErrFull {
							t.Fatalf("Alloc = %d, %v of a full table", got, err)
						}
						break
					}
					if got != queue[0] || err != nil {
						t.Fatalf("Alloc = %d, %v, want %d", got, err, queue[0])
					}
					queue, live, last = queue[1:], append(live, got), got
				case k < 5 && len(live) > 0:
					i := r.IntN(len(live))
					pid := live[i]
					if err := tab.Free(pid); err != nil {
						t.Fatalf("Free(%d) = %v", pid, err)
					}
					delete(vals, pid)
					queue, live = append(queue, pid), slices.Delete(live, i, i+1)
				case k == 5:
					pid := PID(r.IntN(int(top)+2)) - 1
					err, want := tab.AllocAt(pid), error(nil)
					if pid < 1 || pid >= top {
						want = ErrRange
					} else if slices.Contains(live, pid) {
						want = ErrInUse
					} else {
						for pid >= size {
							reach(2 * size)
						}
						i := slices.Index(queue, pid)
						queue, live = slices.Delete(slices.Clone(queue), i, i+1), append(live, pid)
					}
					if err != want {
						t.Fatalf("AllocAt(%d) = %v, want %v", pid, err, want)
					}
				case k == 6:
					pid, v := PID(r.IntN(int(top)+2))-1, r.Int()
					if used := slices.Contains(live, pid); tab.Store(pid, v) != used {
						t.Fatalf("Store(%d) != %t", pid, used)
					} else if used {
						vals[pid] = v
					}
				case k == 7:
					pid := PID(r.IntN(int(top)+2)) - 1
					if v, ok := tab.Load(pid); ok != slices.Contains(live, pid) || v != vals[pid] {
						t.Fatalf("Load(%d) = %d, %t, want %d", pid, v, ok, vals[pid])
					}
				case k == 8:
					pid := PID(r.IntN(int(top)+2)) - 1
					if slices.Contains(live, pid) {
						break
					}
					want := ErrNotInUse
					if pid < 1 || pid >= top {
						want = ErrRange
					}
					if err := tab.Free(pid); err != want {
						t.Fatalf("Free(%d) = %v, want %v", pid, err, want)
					}
				}
				if tab.Last() != last || tab.Len() != len(live) || PID(len(tab.links)) != size {
					t.Fatalf("Last %d, Len %d, size %d; want %d, %d, %d", tab.Last(), tab.Len(), len(tab.links), last, len(live), size)
				}
			}
			tab.checkQueue()
		})
	}
}

// TestTableRest measures how long a number rests: below Max, at least as many
// others come first as pids are in use.
func TestTableRest(t *testing.T) {
	for _, n := range []int{1, 30, 100, 1000, 5000} {
		tab, err := NewTable(Limits{Max: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		live := make([]PID, n)
		for i := range live {
			live[i], _ = tab.Alloc()
		}
		freed, r := map[PID]int{}, rand.New(rand.NewPCG(1, uint64(n)))
		for step := range 20 * n {
			i := r.IntN(n)
			tab.Free(live[i])
			freed[live[i]] = step
			live[i], err = tab.Alloc()
			if err != nil {
				t.Fatal(err)
			}
			if at, ok := freed[live[i]]; ok && step-at < max(n-1, 31) {
				t.Fatalf("%d in use: %d comes again after %d others", n, live[i], step-at)
			}
		}
		if len(tab.links) > max(4*n+4, 64) {
			t.Errorf("%d in use: %d entries", n, len(tab.links))
		}
	}
}

func TestTableOddInput(t *testing.T) {
	tab, err := NewTableOf[string](Limits{Max: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, pid := range []PID{math.MinInt32, -1, 0, 1000, 1001, math.MaxInt32} {
		if err := tab.AllocAt(pid); err != ErrRange {
			t.Errorf("AllocAt(%d) = %v", pid, err)
		}
		if err := tab.Free(pid); err != ErrRange {
			t.Errorf("Free(%d) = %v", pid, err)
		}
		if v, ok := tab.Load(pid); ok || v != "" || tab.Store(pid, "x") {
			t.Errorf("%d holds %q", pid, v)
		}
		if next, ok := tab.Next(pid); ok {
			t.Errorf("Next(%d) = %d in an empty table", pid, next)
		}
		if n := tab.NextN(pid, make([]PID, 2)); n != 0 {
			t.Errorf("NextN(%d) = %d in an empty table", pid, n)
		}
	}
	if len(tab.links) != 1 {
		t.Errorf("%d entries after nothing but refusals", len(tab.links))
	}
	if tab.NextN(0, nil) != 0 || !errors.Is(tab.SetLast(5), ErrUnsupported) {
		t.Error("NextN of nothing, or SetLast, did something")
	}
	if tab, err := NewTable(Limits{Max: 1<<30 + 1}); err == nil || tab != nil {
		t.Errorf("Max 1<<30+1 gave %v, %v", tab, err)
	}
}

// TestTableGate sees that a shut table hands out nothing, grows no more, and
// still takes back.
func TestTableGate(t *testing.T) {
	tab, err := NewTable(Limits{})
	if err != nil {
		t.Fatal(err)
	}
	pid, _ := tab.Alloc()
	tab.Terminate()
	if _, err := tab.Alloc(); err != ErrTerminating {
		t.Errorf("Alloc = %v", err)
	}
	if err := tab.AllocAt(20000); err != ErrTerminating || len(tab.links) > 64 {
		t.Errorf("AllocAt = %v, %d entries", err, len(tab.links))
	}
	if err := tab.Free(pid); err != nil || !tab.Terminating() || tab.Len() != 0 {
		t.Errorf("Free = %v", err)
	}
}

func TestTableAllocatesNothing(t *testing.T) {
	tab, err := NewTableOf[*int](Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		tab.Alloc()
	}
	pid := PID(500)
	if got := testing.AllocsPerRun(10000, func() {
		tab.Free(pid)
		pid, _ = tab.Alloc()
		tab.Next(pid)
	}); got != 0 {
		t.Errorf("%v allocations a pair", got)
	}
}

// TestTableMemory sees that an idle table is small whatever Max is, and that an
// entry costs eight bytes.
func TestTableMemory(t *testing.T) {
	heap := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC() // what pools of other tests hold goes with the second
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := heap()
	idle := make([]*Table[struct{}], 1000)
	for i := range idle {
		idle[i], _ = NewTable(Limits{Max: PIDMaxLimit})
	}
	if got := (heap() - before) / 1000; got > 200 {
		t.Errorf("empty: %d bytes", got)
	}
	for _, tab := range idle {
		tab.Alloc()
	}
	if got := (heap() - before) / 1000; got > 900 {
		t.Errorf("pid 1 only: %d bytes", got)
	}
	runtime.KeepAlive(idle)
	before = heap()
	tab, _ := NewTable(Limits{Max: 1 << 20})
	for range 1<<20 - 1 {
		tab.Alloc()
	}
	if got := float64(heap()-before) / (1 << 20); got > 8.1 {
		t.Errorf("full: %.2f bytes a pid", got)
	}
	runtime.KeepAlive(tab)
}
