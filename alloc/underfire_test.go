package alloc_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"example.com/pidmap/alloc"
	"example.com/pidmap/alloc/backends"
)

// underFireOps is how many calls the neighbours make in all; under the build
// tag pidmap_long, ten million.
const underFireOps = 250_000 * long

// TestWalkUnderFire keeps a few pids in use while their neighbours come and go,
// and sees that every walk meets them: on every allocator that is safe for
// concurrent use.
func TestWalkUnderFire(t *testing.T) {
	for _, a := range backends.Allocators() {
		if isShared(a) {
			t.Run(a.Name, func(t *testing.T) { underFire(t, a.New) })
		}
	}
	for _, shards := range []int{3, 16} {
		t.Run(fmt.Sprintf("sharded/%d", shards), func(t *testing.T) {
			underFire(t, func(l alloc.Limits) (alloc.Allocator, error) { return alloc.NewSharded(l, shards, nil) })
		})
	}
	t.Run("sharded/3+tree", func(t *testing.T) {
		underFire(t, func(l alloc.Limits) (alloc.Allocator, error) { return alloc.NewSharded(l, 3, alloc.NewTree) })
	})
}

func underFire(t *testing.T, f func(alloc.Limits) (alloc.Allocator, error)) {
	const top = 700
	anchors := []alloc.PID{1, 63, 64, 65, 128, 350, 351, 699}
	a, err := f(alloc.Limits{Max: top, Reserved: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, pid := range anchors {
		if err := a.AllocAt(pid); err != nil {
			t.Fatal(err)
		}
	}
	var fire, walks sync.WaitGroup
	var over atomic.Bool
	for range 2 {
		fire.Go(func() { comeAndGo(t, a, underFireOps/2) })
	}
	done := make([]int, 2)
	for i, walk := range []func(alloc.Allocator) []alloc.PID{walkByNext, walkByNextN} {
		walks.Go(func() {
			for ; done[i] < 100 || !over.Load(); done[i]++ {
				if missed := missing(walk(a), anchors); missed != "" {
					t.Errorf("walk %d: %s", done[i], missed)
					return
				}
			}
		})
	}
	fire.Wait()
	over.Store(true)
	walks.Wait()
	t.Logf("%d walks by Next and %d by NextN", done[0], done[1])
}

// comeAndGo allocates up to 200 pids and frees them, over and over.
func comeAndGo(t *testing.T, a alloc.Allocator, calls int) {
	var mine []alloc.PID
	for calls > 0 {
		for range 1 + calls%200 {
			pid, err := a.Alloc()
			if err != nil {
				t.Errorf("Alloc() = %v", err)
				return
			}
			mine = append(mine, pid)
		}
		calls -= 2 * len(mine)
		for _, pid := range mine {
			if err := a.Free(pid); err != nil {
				t.Errorf("Free(%d) = %v", pid, err)
				return
			}
		}
		mine = mine[:0]
	}
}

func walkByNext(a alloc.Allocator) []alloc.PID {
	var pids []alloc.PID
	for pid, ok := a.Next(0); ok; pid, ok = a.Next(pid) {
		pids = append(pids, pid)
	}
	return pids
}

func walkByNextN(a alloc.Allocator) []alloc.PID {
	var pids []alloc.PID
	buf := make([]alloc.PID, 64)
	for after := alloc.PID(0); ; {
		n := a.(alloc.Batcher).NextN(after, buf)
		if pids = append(pids, buf[:n]...); n < len(buf) {
			return pids
		}
		after = buf[n-1]
	}
}

// missing says what is wrong with a walk, if anything is.
func missing(walk, anchors []alloc.PID) string {
	for i := 1; i < len(walk); i++ {
		if walk[i] <= walk[i-1] {
			return fmt.Sprintf("%d comes after %d", walk[i], walk[i-1])
		}
	}
	for _, pid := range anchors {
		if !slices.Contains(walk, pid) {
			return fmt.Sprintf("it did not meet %d, which stays", pid)
		}
	}
	return ""
}
