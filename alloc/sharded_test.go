package alloc

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"unsafe"
)

func newSharded(t *testing.T, l Limits, shards int, f Factory) *Sharded {
	t.Helper()
	s, err := NewSharded(l, shards, f)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestShardedCut goes through small Max and numbers of shards: every pid has
// one owner, and a lone caller gets them all in order, then ErrFull.
func TestShardedCut(t *testing.T) {
	for top := PID(2); top <= 200; top++ {
		for _, shards := range []int{0, 1, 2, 3, 7, 64, 199, 200, maxShards} {
			s := newSharded(t, Limits{Max: top, Reserved: 1}, shards, nil)
			if n := len(s.shards); n > max(shards, runtime.GOMAXPROCS(0)) {
				t.Fatalf("Max %d: %d shards, asked for %d", top, n, shards)
			}
			for pid := PID(1); pid < top; pid++ {
				if i := s.index(pid); i != int(pid-1)/int(s.span) {
					t.Fatalf("Max %d, %d shards of %d: pid %d is in shard %d", top, len(s.shards), s.span, pid, i)
				}
				if got, err := s.Alloc(); got != pid || err != nil || s.Last() != pid {
					t.Fatalf("Max %d, %d shards: Alloc() = %d, %v, Last %d, want %d", top, len(s.shards), got, err, s.Last(), pid)
				}
			}
			if got, err := s.Alloc(); err != ErrFull || got != 0 || s.Len() != int(top-1) {
				t.Fatalf("Max %d, %d shards: Alloc() = %d, %v of a full one, Len %d", top, len(s.shards), got, err, s.Len())
			}
			s.lockAll()
			s.checkLocked()
			s.unlockAll()
		}
	}
	for _, shards := range []int{-1, math.MinInt, maxShards + 1, math.MaxInt} {
		if s, err := NewSharded(Limits{}, shards, nil); !errors.Is(err, ErrRange) || s != nil {
			t.Errorf("%d shards: %v, %v", shards, s, err)
		}
	}
	for range 1000 { // the multiplication against the division, far out
		s := Sharded{span: PID(2 + rand.Int32N(1<<30-2))}
		s.magic = ^uint64(0)/uint64(s.span) + 1
		for _, pid := range []PID{1, s.span, s.span + 1, 1<<30 - 1, 1 + PID(rand.Int32N(1<<30-1))} {
			if s.index(pid) != int(pid-1)/int(s.span) {
				t.Fatalf("span %d: index(%d) = %d", s.span, pid, s.index(pid))
			}
		}
	}
}

// TestShardedReserved sees that no shard hands out a low pid again after its
// wrap, be the shard low in part or as a whole.
func TestShardedReserved(t *testing.T) {
	for _, reserved := range []PID{1, 5, 10, 11, 25, 39} {
		s := newSharded(t, Limits{Max: 41, Reserved: reserved}, 4, nil)
		for range 40 {
			if _, err := s.Alloc(); err != nil {
				t.Fatal(err)
			}
		}
		for pid := PID(1); pid < 41; pid++ {
			s.Free(pid)
		}
		seen := map[PID]bool{}
		for {
			pid, err := s.Alloc()
			if err == ErrFull {
				break
			}
			if pid < reserved || seen[pid] {
				t.Fatalf("Reserved %d: %d comes again", reserved, pid)
			}
			seen[pid] = true
		}
		for pid := reserved; pid < 41; pid++ {
			if !seen[pid] {
				t.Errorf("Reserved %d: full, and %d is free", reserved, pid)
			}
		}
	}
}

// TestShardedReadsWaitForNobody reads while every shard is locked.
func TestShardedReadsWaitForNobody(t *testing.T) {
	s := newSharded(t, Limits{Max: 10000, Reserved: 1}, 3, nil)
	for _, pid := range []PID{1, 3334, 9999} {
		s.AllocAt(pid)
	}
	s.lockAll()
	defer s.unlockAll()
	var got []PID
	for pid, ok := s.Next(0); ok; pid, ok = s.Next(pid) {
		got = append(got, pid)
	}
	buf := make([]PID, 4)
	if n := s.NextN(math.MinInt32, buf); !slices.Equal(got, buf[:n]) || !slices.Equal(got, []PID{1, 3334, 9999}) {
		t.Errorf("Next gives %v, NextN %v", got, buf[:n])
	}
	for _, pid := range []PID{math.MinInt32, 0, 1, 2, 3333, 3334, 9998, 9999, 10000, math.MaxInt32} {
		if s.InUse(pid) != slices.Contains(got, pid) {
			t.Errorf("InUse(%d) = %t", pid, s.InUse(pid))
		}
	}
	if s.Terminating() || s.Limits().Max != 10000 {
		t.Error("Terminating, or other limits")
	}
}

// TestShardedInUseLocks is InUse over a backend of a factory's.
func TestShardedInUseLocks(t *testing.T) {
	s := newSharded(t, Limits{Max: 100, Reserved: 1}, 3, NewTree)
	s.AllocAt(34)
	for pid := PID(-1); pid < 102; pid++ {
		if s.InUse(pid) != (pid == 34) {
			t.Errorf("InUse(%d) = %t", pid, s.InUse(pid))
		}
	}
	refuse := func(Limits) (Backend, error) { return nil, ErrUnsupported }
	if s, err := NewSharded(Limits{}, 2, refuse); !errors.Is(err, ErrUnsupported) || s != nil {
		t.Errorf("a factory that fails: %v, %v", s, err)
	}
}

// TestShardedPadding sees that what two shards write to lies 128 bytes apart,
// wherever the array begins.
func TestShardedPadding(t *testing.T) {
	if size, hot := unsafe.Sizeof(shard{}), unsafe.Sizeof(run{}); size%128 != 0 || size < hot+128 {
		t.Errorf("a shard has %d bytes, %d of them in use", size, hot)
	}
	for _, size := range []int{1, 2, 8, 13, 64, 65, 4096, 4097, 70000} {
		v := newLiveView(size)
		if at := uintptr(unsafe.Pointer(&v.some[0][0])); at%128 != 0 {
			t.Errorf("%d words begin at %d mod 128", size, at%128)
		}
		if top := v.some[v.levels-1]; len(top) != 1 {
			t.Errorf("%d words: %d at the top", size, len(top))
		}
	}
	var l local
	if unsafe.Sizeof(l) < 112 {
		t.Errorf("a Local has %d bytes", unsafe.Sizeof(l))
	}
}

func TestShardedAllocatesNothing(t *testing.T) {
	s := newSharded(t, Limits{Max: 1 << 20}, 4, nil)
	for _, a := range []Allocator{s, s.Local()} {
		for range 1000 {
			a.Alloc()
		}
		pid, buf := a.Last(), make([]PID, 64)
		if got := testing.AllocsPerRun(1000, func() {
			a.Free(pid)
			pid, _ = a.Alloc()
			a.Next(pid)
			a.(Batcher).NextN(0, buf)
		}); got != 0 {
			t.Errorf("%T: %v allocations a pair", a, got)
		}
	}
}

// TestLiveTreeAgainstTree runs random calls on the shards' tree and on Tree.
func TestLiveTreeAgainstTree(t *testing.T) {
	for _, top := range []PID{2, 63, 64, 65, 511, 512, 513, 4096, 32768, 262145, 1 << 24} {
		t.Run(fmt.Sprintf("max=%d", top), func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(top), 3))
			var live liveTree
			live.init(top)
			tree, _ := NewTree(Limits{Max: top, Reserved: 1})
			near := []PID{0, 64, 4096, 262144, top}
			bufs := [2][]PID{make([]PID, 100), make([]PID, 100)}
			for step := range 4000 {
				pid := near[r.IntN(len(near))] + PID(r.IntN(70)) - 35
				hi := pid + PID(r.IntN(10000))
				var got, want [2]any
				switch k := r.IntN(5); k {
				case 0:
					got[0], want[0] = live.Take(pid), tree.Take(pid)
				case 1:
					got[0], want[0] = live.Release(pid), tree.Release(pid)
				case 2, 3: // a run of them, so that words fill
					for range 1 + r.IntN(100)*(k-2) {
						got[0], got[1] = live.TakeFirst(pid, hi)
						want[0], want[1] = tree.TakeFirst(pid, hi)
					}
				case 4:
					n := r.IntN(100)
					got[0], want[0] = live.NextN(pid, bufs[0][:n]), tree.(Batcher).NextN(pid, bufs[1][:n])
					if !slices.Equal(bufs[0], bufs[1]) {
						t.Fatalf("step %d: NextN(%d) gives %v, want %v", step, pid, bufs[0], bufs[1])
					}
				}
				a, aok := live.Next(pid)
				b, bok := tree.Next(pid)
				if got != want || a != b || aok != bok || live.Len() != tree.Len() {
					t.Fatalf("step %d: %v, %v; Next(%d) = %d, %d; Len %d, %d", step, got, want, pid, a, b, live.Len(), tree.Len())
				}
			}
			for i := range 64 * len(live.own.some[0]) {
				live.checkPath(i)
			}
		})
	}
}

// TestShardedCursors sees that cursors set on another Sharded make it go on in
// the same way, shard by shard.
func TestShardedCursors(t *testing.T) {
	l := Limits{Max: 1000, Reserved: 1}
	a, b := newSharded(t, l, 4, nil), newSharded(t, l, 4, nil)
	for i := range 3 {
		l := a.Local()
		for range 10 * (i + 1) {
			pid, _ := l.Alloc()
			l.Free(pid)
		}
	}
	cursors := a.Cursors()
	if want := []PID{10, 270, 530}; !slices.Equal(cursors, want) {
		t.Fatalf("Cursors() = %v, want %v", cursors, want)
	}
	b.SetLast(999)
	for last, home := range map[PID]uint32{270: 1, 0: 3, 530: 2} {
		if err := b.SetCursors(last, cursors); err != nil {
			t.Fatal(err)
		}
		for i := range 4 {
			if a.lastOf(i) != b.lastOf(i) {
				t.Errorf("shard %d: Last is %d and %d", i, a.lastOf(i), b.lastOf(i))
			}
		}
		if b.Last() != last || b.home.Load() != home {
			t.Errorf("Last is %d, not %d; home is %d, not %d", b.Last(), last, b.home.Load(), home)
		}
	}
	if err := b.SetCursors(0, []PID{270, 5, 530, 10, 7}); err != nil || !slices.Equal(b.Cursors(), cursors) {
		t.Errorf("cursors out of order: %v, then %d, want the highest of each shard", err, b.Cursors())
	}
	for _, c := range []struct {
		last    PID
		cursors []PID
	}{{-1, nil}, {1000, nil}, {5, []PID{0}}, {5, []PID{7, 1000}}, {5, []PID{math.MinInt32}}} {
		if err := b.SetCursors(c.last, c.cursors); err != ErrRange || !slices.Equal(b.Cursors(), cursors) {
			t.Errorf("SetCursors(%d, %d) = %v, then %d", c.last, c.cursors, err, b.Cursors())
		}
	}
}
