package alloc

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// mustPanic runs check and wants it to panic with words in it.
func mustPanic(t *testing.T, name, words string, check func()) {
	t.Helper()
	defer func() {
		if said, _ := recover().(string); !strings.Contains(said, words) {
			t.Errorf("%s: the check says %q, not %q", name, said, words)
		}
	}()
	check()
}

// TestChecksCompareCounts plants counts and bits that do not agree, each of them
// possible by itself, and wants the first check of a small structure to see it.
func TestChecksCompareCounts(t *testing.T) {
	tree := func(plant func(*Tree)) func() {
		set, _ := NewTree(Limits{Max: 400})
		for range 100 {
			set.TakeFirst(1, 400)
		}
		tree := set.(*Tree)
		tree.checkPath(0)
		plant(tree)
		return func() { tree.checkPath(0) }
	}
	mustPanic(t, "tree, one too many", "bits are set", tree(func(t *Tree) { t.n++ }))
	mustPanic(t, "tree, one too few", "bits are set", tree(func(t *Tree) { t.n-- }))
	mustPanic(t, "tree, a bit elsewhere", "bits are set", tree(func(t *Tree) { t.words[1] &^= 2 }))
	mustPanic(t, "tree, a summary elsewhere", "some=", tree(func(t *Tree) { t.sums[0].some &^= 2 }))
	idr := func(pids PID, plant func(*IDR[int])) func() {
		d, _ := NewIDROf[int](Limits{Max: 5000})
		for range pids {
			d.TakeFirst(1, 5000)
		}
		d.checkPath(1)
		d.checkWhole()
		plant(d)
		return d.checkWhole
	}
	mustPanic(t, "idr, one too many", "said to be", idr(100, func(d *IDR[int]) { d.n++ }))
	mustPanic(t, "idr, one too few", "said to be", idr(100, func(d *IDR[int]) { d.n-- }))
	mustPanic(t, "idr, a leaf too many", "said to be", idr(100, func(d *IDR[int]) { d.leaves.used++ }))
	mustPanic(t, "idr, a node too many", "said to be", idr(100, func(d *IDR[int]) { d.nodes.used++ }))
	mustPanic(t, "idr, a bit elsewhere", "said to be", idr(100, func(d *IDR[int]) { d.leafOf(64).free ^= 2 }))
	mustPanic(t, "idr, a tag elsewhere", "level 1 says", idr(200, func(d *IDR[int]) { d.root.node.free ^= 1 << 9 }))
	paged := func(plant func(*Paged)) func() {
		set, _ := NewPaged(Limits{Max: 3 * pageBits})
		set.Take(2*pageBits + 5)
		m := set.(*Paged)
		m.checkPage(2)
		plant(m)
		return func() { m.checkPage(2) }
	}
	mustPanic(t, "paged, one too many", "by pages", paged(func(m *Paged) { m.n++ }))
	mustPanic(t, "paged, a page elsewhere", "by pages", paged(func(m *Paged) { m.page(1).free-- }))
	shard := func(plant func(*liveTree)) func() {
		tree := new(liveTree)
		tree.init(400)
		for range 100 {
			tree.TakeFirst(1, 400)
		}
		tree.checkPath(0)
		plant(tree)
		return func() { tree.checkPath(0) }
	}
	mustPanic(t, "shard, one too many", "bits are set", shard(func(t *liveTree) { t.n++ }))
	mustPanic(t, "shard, a bit elsewhere", "bits are set", shard(func(t *liveTree) { t.words[1] &^= 2 }))
	mustPanic(t, "idr, pid 0", "pid 0", idr(10, func(d *IDR[int]) { d.leafOf(0).free &^= 1; d.n++ }))
}

// TestChecksOfLargeOnes plants a wrong count in what is too large to be checked
// whole each time, and makes random calls, each followed by its check.
func TestChecksOfLargeOnes(t *testing.T) {
	const top = 1 << 17
	for _, seed := range []uint64{1, 2, 3} {
		t.Logf("seed %d", seed)
		r := rand.New(rand.NewPCG(seed, 0))
		calls := func(set Backend, check func(PID)) func() {
			return func() {
				for range 100_000 {
					pid := 1 + PID(r.IntN(top-1))
					if !set.Release(pid) {
						set.Take(pid)
					}
					check(pid)
				}
			}
		}
		set, _ := NewTree(Limits{Max: top})
		d, _ := NewIDROf[struct{}](Limits{Max: top})
		for range top / 2 {
			set.TakeFirst(1, top)
			d.TakeFirst(1, top)
		}
		tree := set.(*Tree)
		tree.checkWhole()
		d.checkWhole()
		tree.n++
		d.n++
		mustPanic(t, "tree", "bits are set", calls(tree, func(pid PID) { tree.checkPath(int(pid >> 6)) }))
		mustPanic(t, "idr", "said to be", calls(d, d.checkPath))
	}
}
