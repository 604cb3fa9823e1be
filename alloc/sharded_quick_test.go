package alloc

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestOneShardIsAPidmap runs random calls on a Sharded of one shard and on a Pidmap:
// the same pids come, whichever way the count chooses, and each summary is right.
// The free pids are few or many, anywhere or side by side.
func TestOneShardIsAPidmap(t *testing.T) {
	for _, top := range []PID{3, 63, 64, 65, 129, 4095, 4096, 4097, 4161, 8192, 20_000, 262_145} {
		for _, free := range []int{0, 1, 3, int(top) / 200, int(top) / 8, int(top) / 2} {
			t.Run(fmt.Sprintf("max=%d/free=%d", top, free), func(t *testing.T) {
				l := Limits{Max: top, Reserved: min(5, top-1)}
				m, _ := New(l, nil)
				oneShardIsAPidmap(t, newSharded(t, l, 1, nil), m, min(free, int(top)-1))
			})
		}
	}
}

func oneShardIsAPidmap(t *testing.T, s *Sharded, m *Pidmap, free int) {
	top := s.max
	r := rand.New(rand.NewPCG(uint64(top), uint64(free)))
	alloc := func() error {
		want, wantErr := m.Alloc()
		if pid, err := s.Alloc(); pid != want || err != wantErr {
			t.Fatalf("Alloc() = %d, %v, want %d, %v", pid, err, want, wantErr)
		}
		return wantErr
	}
	drop := func(pid PID) {
		if err, want := s.Free(pid), m.Free(pid); err != want {
			t.Fatalf("Free(%d) = %v, want %v", pid, err, want)
		}
	}
	for alloc() == nil {
	}
	for range 4 {
		lo := 1 + PID(r.IntN(int(top)-1))
		for pid := lo; pid < min(top, lo+PID(min(free/2, 100))); pid++ { // words become empty
			drop(pid)
		}
		for s.Len() > int(top)-1-free {
			drop(1 + PID(r.IntN(int(top)-1)))
		}
		for range 2000 {
			drop(PID(r.IntN(int(top) + 1)))
			alloc()
			if r.IntN(10) == 0 {
				at := PID(r.IntN(int(top)))
				s.SetLast(at)
				m.SetLast(at)
			}
		}
		for alloc() == nil && s.Len() < int(top)-1-free {
		}
	}
	if s.Len() != m.Len() {
		t.Errorf("Len is %d, want %d", s.Len(), m.Len())
	}
	tree := &s.shards[0].tree
	for i := range 64 * len(tree.words) {
		tree.checkPath(i)
	}
}

// TestLiveNextNMeetsEmptyWords: a reader may come to a word after its last pid went
// and before its summary says so.
func TestLiveNextNMeetsEmptyWords(t *testing.T) {
	bothNexts(t, func(t *testing.T) {
		const words = 40
		for _, gone := range [][]int{{0}, {7}, {words - 1}, {3, 4, 5, 20}} {
			var tree liveTree
			tree.init(1 << 16)
			var want []PID
			for w := range words {
				pid := PID(w<<6 + 5)
				tree.Take(pid)
				if !slices.Contains(gone, w) {
					want = append(want, pid)
				}
			}
			for _, w := range gone {
				tree.words[w] = 0
			}
			buf := make([]PID, words)
			if n := tree.NextN(0, buf); !slices.Equal(buf[:n], want) {
				t.Errorf("words %d are empty: NextN gives %d, want %d", gone, buf[:n], want)
			}
		}
	})
}
