package alloc

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
)

// verify looks through the whole tree: every summary bit against what lies below
// it, the count against the words, the shape against the height.
func (t *Tree) verify() error {
	pids := 0
	for _, w := range t.words {
		pids += bits.OnesCount64(w)
	}
	if pids-1 != t.n || t.words[0]&1 == 0 { // pid 0
		return fmt.Errorf("%d pids counted, Len is %d", pids-1, t.n)
	}
	below := len(t.words)
	words := slices.Clone(t.words)
	if t.listed() {
		if t.late >= 0 {
			return fmt.Errorf("a list, and sum %d is late", t.late)
		}
		for _, pid := range t.free[:int(t.max)-1-t.n] {
			if words[pid/64]>>(pid%64)&1 != 0 {
				return fmt.Errorf("pid %d is listed, and in use or listed twice", pid)
			}
			words[pid/64] |= 1 << (pid % 64)
		}
	}
	full := func(i int) bool { return words[i] == ^uint64(0) }
	some := func(i int) bool { return t.words[i] != 0 }
	for l, level := range append([][]node{t.sums}, t.upper...) {
		if len(level) != (below+63)/64 {
			return fmt.Errorf("level %d has %d nodes over %d", l, len(level), below)
		}
		for i := range 64 * len(level) {
			wantFull, wantSome := i < below && full(i), i < below && some(i)
			n := level[i/64]
			if l == 0 && i/64 == t.late {
				wantFull = wantFull && n.full>>(i%64)&1 != 0 // it may not know yet
			}
			if n.full>>(i%64)&1 != 0 != wantFull || n.some>>(i%64)&1 != 0 != wantSome {
				return fmt.Errorf("level %d, child %d: not full=%t some=%t", l, i, wantFull, wantSome)
			}
		}
		below = len(level)
		full = func(i int) bool { return level[i].full == ^uint64(0) }
		some = func(i int) bool { return level[i].some != 0 }
	}
	if below != 1 {
		return fmt.Errorf("%d nodes on top", below)
	}
	return nil
}

// TestTreeSummaries grows trees by pids near and far, fills and empties words
// and nodes, and looks through the whole after each few changes.
func TestTreeSummaries(t *testing.T) {
	for _, top := range []PID{2, 63, 64, 65, 128, 4095, 4096, 4097, 8192, 262143, 262144, 262145, 300000} {
		t.Run(fmt.Sprintf("max=%d", top), func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(top), 1))
			b, err := NewTree(Limits{Max: top})
			if err != nil {
				t.Fatal(err)
			}
			for step := range 60 {
				changeRun(b, r, top)
				if err := b.(*Tree).verify(); err != nil {
					t.Fatalf("step %d: %v", step, err)
				}
			}
		})
	}
}

// changeRun takes or releases a run of pids of random place and length; of 8,
// one begins at the bottom and one reaches the top.
func changeRun(b Backend, r *rand.Rand, top PID) {
	lo, n := 1+r.Int32N(int32(top)-1), 1+r.Int32N(1<<r.IntN(16))
	switch r.IntN(8) {
	case 0:
		lo = 1
	case 1:
		lo = max(1, int32(top)-n)
	}
	take := r.IntN(2) == 0
	for pid := PID(lo); pid < min(PID(lo+n), top); pid++ {
		if take {
			b.Take(pid)
		} else {
			b.Release(pid)
		}
	}
}

// A tree that fills from the bottom gets each level when what is below is full
// to the last bit: the new level must know that.
func TestTreeFillsLevelByLevel(t *testing.T) {
	const top = 1<<18 + 1<<13
	b, err := NewTree(Limits{Max: top})
	if err != nil {
		t.Fatal(err)
	}
	for pid := PID(1); pid < top; pid++ {
		if got, ok := b.TakeFirst(pid, top); !ok || got != pid {
			t.Fatalf("TakeFirst(%d, %d) = %d, %t", pid, top, got, ok)
		}
		if low := pid & (1<<12 - 1); low < 2 || low == 1<<12-1 {
			if err := b.(*Tree).verify(); err != nil {
				t.Fatalf("after %d: %v", pid, err)
			}
		}
	}
}

// Memory follows the highest pid ever taken, by doubling, up to Max.
func TestTreeGrowsByDoubling(t *testing.T) {
	const top = 1000
	b, err := NewTree(Limits{Max: top})
	if err != nil {
		t.Fatal(err)
	}
	tree := b.(*Tree)
	for _, c := range []struct {
		pid   PID
		words int
	}{{1, 1}, {63, 1}, {64, 2}, {128, 4}, {300, 8}, {256, 8}, {700, 16}, {999, 16}} {
		tree.Take(c.pid)
		if len(tree.words) != c.words {
			t.Errorf("after Take(%d) there are %d words, want %d", c.pid, len(tree.words), c.words)
		}
	}
	for _, free := range []PID{-1, 0, 1000, 5000} {
		tree.Take(free)
		tree.TakeFirst(free, free+1)
	}
	tree.Next(1 << 30)
	if len(tree.words) != 16 {
		t.Errorf("odd calls made %d words of 16", len(tree.words))
	}
}

// That nothing is free from a pid on is found out in the summaries: words that
// show free pids, of which the summaries do not know, would stop a scan.
func TestTreeDoesNotScan(t *testing.T) {
	for _, top := range []PID{4096, 32768, 300000, 1 << 20} {
		for _, free := range []PID{1, 5, 40, top / 4} { // below the search; one and five are listed
			b, err := NewTree(Limits{Max: top})
			if err != nil {
				t.Fatal(err)
			}
			for pid := PID(1); pid < top; pid++ {
				b.Take(pid)
			}
			for pid := PID(1); pid <= free; pid++ {
				b.Release(pid)
			}
			tree, lo := b.(*Tree), free+64
			for w := int(lo>>6) + 3; w < len(tree.words)-1; w++ { // what lies at Max and above is free
				tree.words[w] = 1 << (w % 64)
			}
			for _, hi := range []PID{top, top - 1} {
				if pid, ok := b.TakeFirst(lo, hi); ok {
					t.Errorf("max %d, %d pids free: TakeFirst(%d, %d) came upon %d by looking along the words", top, free, lo, hi, pid)
				}
			}
		}
	}
}
