package alloc

import (
	"runtime"
	"testing"
	"unsafe"
)

// TestTreeOfFewPids holds what the head of tree.go says of the first 64 pids.
func TestTreeOfFewPids(t *testing.T) {
	for _, top := range []PID{2, 64, 65, 4096, 4097, PIDMaxLimit, maxMax} {
		set, err := NewTree(Limits{Max: top})
		if err != nil {
			t.Fatal(err)
		}
		tree := set.(*Tree)
		for pid := PID(1); pid < min(top, 64); pid++ {
			tree.Take(pid)
		}
		bytes := cap(tree.words)*int(unsafe.Sizeof(tree.words[0])) + cap(tree.sums)*int(unsafe.Sizeof(tree.sums[0]))
		if bytes != 24 || cap(tree.upper) != 0 {
			t.Errorf("Max %d: %d bytes of words and sums, %d levels above", top, bytes, cap(tree.upper))
		}
	}
}

// TestShardsAreBounded makes shards for more processors than there may be shards.
func TestShardsAreBounded(t *testing.T) {
	procs := runtime.GOMAXPROCS(5000)
	s, err := NewSharded(Limits{Max: PIDMaxLimit}, 0, nil)
	runtime.GOMAXPROCS(procs)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(s.shards); n > maxShards {
		t.Errorf("%d shards", n)
	}
}

// TestPidsOfAShard holds what NewSharded says of how many pids a shard has.
func TestPidsOfAShard(t *testing.T) {
	for top := PID(2); top <= 300; top++ {
		for _, shards := range []int{0, 1, 2, 3, 7, 64, maxShards} {
			s, err := NewSharded(Limits{Max: top}, shards, nil)
			if err != nil {
				t.Fatal(err)
			}
			least := PID(2)
			if shards == 0 {
				least = 64
			}
			pids := 0
			for i := range s.shards {
				n := s.shards[i].end - 1
				if n < 1 || n < least && i < len(s.shards)-1 {
					t.Errorf("Max %d, %d shards: shard %d has %d pids", top, shards, i, n)
				}
				pids += int(n)
			}
			if pids != int(top)-1 || shards > 0 && len(s.shards) > shards {
				t.Errorf("Max %d, %d shards: %d, of %d pids in all", top, shards, len(s.shards), pids)
			}
		}
	}
}
