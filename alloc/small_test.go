package alloc_test

import (
	"fmt"
	"testing"

	"example.com/pidmap/alloc"
	"example.com/pidmap/alloc/alloctest"
	"example.com/pidmap/alloc/backends"
)

// TestEverySmallMax fills, frees and fills again every allocator of each Max up
// to 200 with Reserved at its borders.
func TestEverySmallMax(t *testing.T) {
	for _, kind := range backends.Allocators() {
		t.Run(kind.Name, func(t *testing.T) {
			order := orderOf(kind)
			for top := alloc.PID(2); top <= 200; top++ {
				for _, reserved := range []alloc.PID{1, 2, top / 2, top - 1} {
					if reserved < 1 || reserved >= top {
						continue
					}
					a, err := kind.New(alloc.Limits{Max: top, Reserved: reserved})
					if err != nil {
						t.Fatal(err)
					}
					if got := drain(t, a); len(got) != int(top)-1 {
						t.Fatalf("Max %d, Reserved %d: %d pids, then full", top, reserved, len(got))
					}
					for pid := alloc.PID(1); pid < top; pid++ {
						if err := a.Free(pid); err != nil {
							t.Fatal(err)
						}
					}
					from := alloc.PID(1) // the first that comes again
					if order != alloctest.FIFO {
						from = reserved
					}
					again := drain(t, a)
					for i, pid := range again {
						if pid < from || order != alloctest.Sharded && pid != from+alloc.PID(i) {
							t.Fatalf("Max %d, Reserved %d: again %d", top, reserved, again)
						}
					}
					if len(again) != int(top-from) || a.Len() != len(again) {
						t.Fatalf("Max %d, Reserved %d: %d pids again, Len %d", top, reserved, len(again), a.Len())
					}
				}
			}
		})
	}
}

// fifth is the seam at which a tree of 64 children gets its fifth level.
const fifth = 1 << 24

// TestFifthLevel looks at the last pids of every backend whose Max is there.
func TestFifthLevel(t *testing.T) {
	for _, kind := range backends.All() {
		for _, top := range []alloc.PID{fifth - 1, fifth, fifth + 1} {
			t.Run(fmt.Sprintf("%s/max=%d", kind.Name, top), func(t *testing.T) {
				set, err := kind.New(alloc.Limits{Max: top})
				if err != nil {
					t.Fatal(err)
				}
				lastPIDs(t, set, top)
			})
		}
	}
}

func lastPIDs(t *testing.T, set alloc.Backend, top alloc.PID) {
	for want := top - 70; want < top; want++ {
		if pid, ok := set.TakeFirst(top-70, top); !ok || pid != want {
			t.Fatalf("TakeFirst = %d, %t, want %d", pid, ok, want)
		}
	}
	if pid, ok := set.TakeFirst(top-70, top); ok {
		t.Fatalf("TakeFirst of what is full = %d", pid)
	}
	if pid, ok := set.Next(1); !ok || pid != top-70 {
		t.Fatalf("Next(1) = %d, %t", pid, ok)
	}
	for pid := top - 70; pid < top; pid++ {
		if next, ok := set.Next(pid); ok != (pid+1 < top) || ok && next != pid+1 {
			t.Fatalf("Next(%d) = %d, %t", pid, next, ok)
		}
		if !set.Release(pid) || set.Release(pid) {
			t.Fatalf("Release(%d), twice", pid)
		}
		if again, ok := set.TakeFirst(1<<23, top); !ok || again != 1<<23 || !set.Release(again) || !set.Take(pid) {
			t.Fatalf("TakeFirst(1<<23) = %d, %t", again, ok)
		}
	}
}

// TestFifthLevelOfAllocators is the same for those that are not made over a backend:
// a Sharded of one shard and of several, and a Table, which that makes 128 MiB long.
func TestFifthLevelOfAllocators(t *testing.T) {
	sharded := func(shards int) func(alloc.Limits) (alloc.Allocator, error) {
		return func(l alloc.Limits) (alloc.Allocator, error) { return alloc.NewSharded(l, shards, nil) }
	}
	for _, kind := range []backends.Allocator{
		{Name: "sharded=1", New: sharded(1)},
		{Name: "sharded=3", New: sharded(3)},
		{Name: "table", New: func(l alloc.Limits) (alloc.Allocator, error) { return alloc.NewTable(l) }},
	} {
		for _, top := range []alloc.PID{fifth - 1, fifth, fifth + 1} {
			if kind.Name == "table" && top != fifth && long == 1 {
				continue // half a second each
			}
			t.Run(fmt.Sprintf("%s/max=%d", kind.Name, top), func(t *testing.T) {
				a, err := kind.New(alloc.Limits{Max: top})
				if err != nil {
					t.Fatal(err)
				}
				lastPIDsAt(t, a, top)
			})
		}
	}
}

func lastPIDsAt(t *testing.T, a alloc.Allocator, top alloc.PID) {
	batch := make([]alloc.PID, 80)
	for pid := top - 1; pid >= top-70; pid-- {
		if err, again := a.AllocAt(pid), a.AllocAt(pid); err != nil || again != alloc.ErrInUse {
			t.Fatalf("AllocAt(%d) = %v, then %v", pid, err, again)
		}
	}
	if n := a.(alloc.Batcher).NextN(1, batch); n != 70 || batch[0] != top-70 || batch[69] != top-1 || a.Len() != 70 {
		t.Fatalf("NextN(1) gives %d pids %v, Len %d", n, batch[:n], a.Len())
	}
	for pid := top - 70; pid < top; pid++ {
		if next, ok := a.Next(pid); ok != (pid+1 < top) || ok && next != pid+1 {
			t.Fatalf("Next(%d) = %d, %t", pid, next, ok)
		}
		if err, again := a.Free(pid), a.Free(pid); err != nil || again != alloc.ErrNotInUse {
			t.Fatalf("Free(%d) = %v, then %v", pid, err, again)
		}
		if next, ok := a.Next(1); ok != (pid+1 < top) || ok && next != pid+1 {
			t.Fatalf("Next(1) = %d, %t after Free(%d)", next, ok, pid)
		}
	}
	if err := a.SetLast(top - 2); err == alloc.ErrUnsupported {
		return
	}
	if pid, err := a.Alloc(); err != nil || pid != top-1 {
		t.Fatalf("Alloc() after %d = %d, %v", top-2, pid, err)
	}
	if pid, err := a.Alloc(); err != nil || pid < alloc.DefaultReserved || pid >= top-1 {
		t.Fatalf("Alloc() after %d = %d, %v", top-1, pid, err)
	}
}
