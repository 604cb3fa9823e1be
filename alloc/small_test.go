package alloc_test

import (
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

// TestFifthLevel looks at the seam at which a tree of 64 children gets its fifth
// level.
func TestFifthLevel(t *testing.T) {
	const seam = 1 << 24
	for _, top := range []alloc.PID{seam - 1, seam, seam + 1} {
		set, err := alloc.NewTree(alloc.Limits{Max: top})
		if err != nil {
			t.Fatal(err)
		}
		for want := top - 70; want < top; want++ {
			if pid, ok := set.TakeFirst(top-70, top); !ok || pid != want {
				t.Fatalf("Max %d: TakeFirst = %d, %t, want %d", top, pid, ok, want)
			}
		}
		if pid, ok := set.TakeFirst(top-70, top); ok {
			t.Fatalf("Max %d: TakeFirst of what is full = %d", top, pid)
		}
		if pid, ok := set.Next(1); !ok || pid != top-70 {
			t.Fatalf("Max %d: Next(1) = %d, %t", top, pid, ok)
		}
		for pid := top - 70; pid < top; pid++ {
			if next, ok := set.Next(pid); ok != (pid+1 < top) || ok && next != pid+1 {
				t.Fatalf("Max %d: Next(%d) = %d, %t", top, pid, next, ok)
			}
			if !set.Release(pid) || set.Release(pid) {
				t.Fatalf("Max %d: Release(%d), twice", top, pid)
			}
			if again, ok := set.TakeFirst(1<<23, top); !ok || again != 1<<23 || !set.Release(again) || !set.Take(pid) {
				t.Fatalf("Max %d: TakeFirst(1<<23) = %d, %t", top, again, ok)
			}
		}
	}
}
