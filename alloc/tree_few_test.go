package alloc

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// fullTree makes a tree in which every pid is in use.
func fullTree(t *testing.T, top PID) *Tree {
	t.Helper()
	b, err := NewTree(Limits{Max: top})
	if err != nil {
		t.Fatal(err)
	}
	for pid := PID(1); pid < top; pid++ {
		if !b.Take(pid) {
			t.Fatalf("max %d: Take(%d) fails", top, pid)
		}
	}
	return b.(*Tree)
}

// The list takes up to most pids and leaves the summaries alone; one more, and they
// know all.
func TestTreeLists(t *testing.T) {
	for _, top := range []PID{leastListed, 129, 191, 193, 4097, 8200, 262145} {
		for seed := range uint64(4) {
			r := rand.New(rand.NewPCG(uint64(top), seed))
			tree := fullTree(t, top)
			full := tree.sums[0].full
			for i := range most {
				for !tree.Release(1 + PID(r.Int32N(int32(top-1)))) {
				}
				if !tree.listed() || tree.sums[0].full != full {
					t.Fatalf("max %d, seed %d, %d free: listed=%t, the first sum's full bits %x, were %x", top, seed, i+1, tree.listed(), tree.sums[0].full, full)
				}
				if err := tree.verify(); err != nil {
					t.Fatalf("max %d, seed %d, %d free: %v", top, seed, i+1, err)
				}
			}
			for !tree.Release(1 + PID(r.Int32N(int32(top-1)))) {
			}
			if err := tree.verify(); err != nil || tree.listed() {
				t.Fatalf("max %d, seed %d, %d free: listed=%t, %v", top, seed, most+1, tree.listed(), err)
			}
		}
	}
}

// Where so few are free that the list comes and goes, each way of taking gives what
// a look at every pid gives.
func TestTreeFewFree(t *testing.T) {
	for _, top := range []PID{2, 3, 64, 65, 127, leastListed, 129, 191, 192, 193, 4097, 8200, 262145} {
		t.Run(fmt.Sprintf("max=%d", top), func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(top), 2))
			tree := fullTree(t, top)
			free := map[PID]bool{}
			came, went := 0, 0
			for step := range 3000 {
				was := tree.listed()
				wave := step / 40 % 2 * 8 // the chance of a release swings, and so does the count
				pid := 1 + PID(r.Int32N(int32(top-1)))
				if r.IntN(20) < 6+wave && len(free) < 14 {
					if got := tree.Release(pid); got == free[pid] {
						t.Fatalf("step %d, free %v: Release(%d) = %t", step, free, pid, got)
					}
					free[pid] = true
				} else {
					takeSome(t, tree, free, r, pid)
				}
				if now := tree.listed(); now != was {
					came, went = came+int(bit64(now)), went+int(bit64(was))
				}
				if err := tree.verify(); err != nil {
					t.Fatalf("step %d, free %v: %v", step, free, err)
				}
			}
			if top >= leastListed && (came < 5 || went < 5) {
				t.Errorf("the list came %d times and went %d times", came, went)
			}
		})
	}
}

// takeSome takes pid, or the first of a range from it on, and compares with free.
func takeSome(t *testing.T, tree *Tree, free map[PID]bool, r *rand.Rand, pid PID) {
	t.Helper()
	if r.IntN(3) == 0 {
		for one := range free {
			pid = min(pid, one) // one that is free, often
		}
		if got := tree.Take(pid); got != free[pid] {
			t.Fatalf("free %v: Take(%d) = %t", free, pid, got)
		}
		delete(free, pid)
		return
	}
	hi := tree.max
	if r.IntN(2) == 0 {
		hi = pid + PID(r.Int32N(int32(hi-pid)+1))
	}
	want := hi
	for one := range free {
		if one >= pid {
			want = min(want, one)
		}
	}
	got, ok := tree.TakeFirst(pid, hi)
	if ok != (want < hi) || ok && got != want {
		t.Fatalf("free %v: TakeFirst(%d, %d) = %d, %t", free, pid, hi, got, ok)
	}
	delete(free, got)
}

// A map that is nearly full hands out, in rounds with jumps, what a look at every pid
// gives, whatever of the late sum is not known yet.
func TestTreeCrowded(t *testing.T) {
	for _, top := range []PID{129, 4097, 12345, 70000} {
		for _, left := range []int{300, 30, 9, 5} { // one pid in so many is free
			t.Run(fmt.Sprintf("max=%d/free=1in%d", top, left), func(t *testing.T) {
				r := rand.New(rand.NewPCG(uint64(top), uint64(left)))
				tree := fullTree(t, top)
				used := make([]bool, top)
				for pid := range used {
					used[pid] = true
				}
				free, settled := 0, 0
				for lo, step := PID(1), 0; step < 4000; step++ {
					for free <= int(top)/left {
						pid := 1 + r.Int32N(int32(top-1))
						if tree.Release(PID(pid)) != used[pid] {
							t.Fatalf("Release(%d): it is in use: %t", pid, used[pid])
						} else if used[pid] {
							used[pid] = false
							free++
						}
					}
					if r.IntN(64) == 0 {
						lo = 1 + PID(r.Int32N(int32(top-1)))
					}
					late := tree.late
					pid, ok := tree.TakeFirst(lo, top)
					for ; lo < top && used[lo]; lo++ {
					}
					if ok != (lo < top) || ok && pid != lo {
						t.Fatalf("step %d: TakeFirst = %d, %t, want %d", step, pid, ok, lo)
					}
					if !ok {
						lo = 1
						continue
					}
					used[pid] = true
					free--
					settled += int(bit64(late >= 0 && tree.late != late))
					if step%64 == 0 {
						if err := tree.verify(); err != nil {
							t.Fatalf("step %d: %v", step, err)
						}
					}
				}
				if top > 4097 && left > 5 && settled == 0 {
					t.Error("no late sum was settled: this test tests nothing")
				}
			})
		}
	}
}
