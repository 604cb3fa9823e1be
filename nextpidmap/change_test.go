package nextpidmap_test

import (
	"iter"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"example.com/pidmap/alloc"
	"example.com/pidmap/alloc/backends"
	"example.com/pidmap/nextpidmap"
)

// A walk while its own loop changes the map: each step gives the smallest pid
// in use above the one before, as the map is then. So a pid that stays is seen,
// one that went before its turn is not, one that came ahead is.
func TestChangesBetweenSteps(t *testing.T) {
	const top = 700
	r := newRand(t)
	for range 200 {
		m := holding(t, top)
		used := make([]bool, top)
		change := func(n int) {
			for range n {
				pid := 1 + r.IntN(top-1)
				if used[pid] = !used[pid]; used[pid] {
					m.Take(alloc.PID(pid))
				} else {
					m.Release(alloc.PID(pid))
				}
			}
		}
		change(r.IntN(2 * top))
		at := 0
		for pid := range nextpidmap.All(m) {
			want := at + 1 + slices.Index(used[at+1:], true)
			if int(pid) != want {
				t.Fatalf("after %d comes %d, want %d", at, pid, want)
			}
			at = want
			change(r.IntN(30))
			if r.IntN(10) == 0 && used[at] { // what was just seen may go
				used[at] = false
				m.Release(pid)
			}
		}
		if rest := slices.Index(used[at+1:], true); rest >= 0 {
			t.Fatalf("the walk ends at %d, before %d", at, at+1+rest)
		}
	}
}

// anchored is a map in which some pids stay and the others come and go.
type anchored struct {
	set     alloc.Backend
	anchors []alloc.PID
	others  []alloc.PID
}

func newAnchored(t *testing.T, top alloc.PID, r *rand.Rand) anchored {
	t.Helper()
	m := anchored{set: holding(t, top)}
	for pid := alloc.PID(1); pid < top; pid++ {
		if r.IntN(4) == 0 {
			m.set.Take(pid)
			m.anchors = append(m.anchors, pid)
		} else {
			m.others = append(m.others, pid)
		}
	}
	return m
}

func (m anchored) change(r *rand.Rand, n int) {
	for range n {
		if pid := m.others[r.IntN(len(m.others))]; !m.set.Take(pid) {
			m.set.Release(pid)
		}
	}
}

// seesAll walks and says how the walk is wrong: it must ascend and see every
// anchor.
func seesAll(t *testing.T, what string, seq iter.Seq[alloc.PID], anchors []alloc.PID, between func()) {
	t.Helper()
	at, seen := alloc.PID(0), 0
	for pid := range seq {
		if pid <= at {
			t.Errorf("%s: %d comes after %d", what, pid, at)
			return
		}
		if seen < len(anchors) && pid > anchors[seen] {
			t.Errorf("%s: %d, which stays, is skipped between %d and %d", what, anchors[seen], at, pid)
			return
		}
		if seen < len(anchors) && pid == anchors[seen] {
			seen++
		}
		at = pid
		between()
	}
	if seen < len(anchors) {
		t.Errorf("%s: it ends at %d, before %d, which stays", what, at, anchors[seen])
	}
}

// The same for batches, whose pids are read ahead, and for parts that are walked
// in any order.
func TestBatchesAndPartsSeeWhatStays(t *testing.T) {
	const top = 700
	r := newRand(t)
	for range 50 {
		m := newAnchored(t, top, r)
		between := func() { m.change(r, r.IntN(10)) }
		for _, size := range []int{1, 2, 63, 64, 65, 1000} {
			buf := make([]alloc.PID, size)
			seesAll(t, "Batches", batches(t, nextpidmap.Batches(m.set, buf), size), m.anchors, between)
			seesAll(t, "Batches by Next", batches(t, nextpidmap.Batches(nextOnly{m.set}, buf), size), m.anchors, between)
		}
		parts := nextpidmap.Split(m.set, alloc.Limits{Max: top}, 1+r.IntN(20))
		seen := make([][]alloc.PID, len(parts))
		for _, i := range r.Perm(len(parts)) {
			for pid := range parts[i] {
				seen[i] = append(seen[i], pid)
				between()
			}
		}
		seesAll(t, "Split", slices.Values(slices.Concat(seen...)), m.anchors, func() {})
	}
}

// Walks beside changes from other goroutines, on every allocator that allows
// it: what stays is seen by each, and none sees a pid twice.
func TestWalksBesideChanges(t *testing.T) {
	for _, a := range backends.Allocators() {
		if strings.HasSuffix(a.Name, "+shared") || a.Name == "sharded" {
			t.Run(a.Name, func(t *testing.T) { walksBesideChanges(t, a) })
		}
	}
}

func walksBesideChanges(t *testing.T, a backends.Allocator) {
	const top, churners = 700, 2
	r := newRand(t)
	l := alloc.Limits{Max: top, Reserved: 1}
	m, err := a.New(l)
	if err != nil {
		t.Fatal(err)
	}
	var anchors []alloc.PID
	for pid := alloc.PID(1); pid < top; pid += alloc.PID(1 + r.IntN(8)) {
		if err := m.AllocAt(pid); err != nil {
			t.Fatal(err)
		}
		anchors = append(anchors, pid)
	}
	var over atomic.Bool
	var wg sync.WaitGroup
	for range churners {
		own := rand.New(rand.NewPCG(r.Uint64(), 1))
		wg.Go(func() { churn(t, m, own, &over) })
	}
	for range walkRounds {
		seesAll(t, "All", nextpidmap.All(m), anchors, runtime.Gosched)
		size := 1 + r.IntN(100)
		seesAll(t, "Batches", batches(t, nextpidmap.Batches(m, make([]alloc.PID, size)), size), anchors, func() {})
		inParts(t, m, l, 1+r.IntN(8), anchors)
	}
	over.Store(true)
	wg.Wait()
}

// inParts walks the parts beside each other.
func inParts(t *testing.T, m nextpidmap.Nexter, l alloc.Limits, parts int, anchors []alloc.PID) {
	t.Helper()
	seqs := nextpidmap.Split(m, l, parts)
	seen := make([][]alloc.PID, len(seqs))
	var wg sync.WaitGroup
	for i, seq := range seqs {
		wg.Go(func() { seen[i] = slices.Collect(seq) })
	}
	wg.Wait()
	seesAll(t, "Split", slices.Values(slices.Concat(seen...)), anchors, func() {})
}

// churn allocates and frees until over.
func churn(t *testing.T, m alloc.Allocator, r *rand.Rand, over *atomic.Bool) {
	var mine []alloc.PID
	for !over.Load() {
		if len(mine) < 100 && (len(mine) == 0 || r.IntN(2) == 0) {
			pid, err := m.Alloc()
			if err != nil {
				t.Errorf("Alloc: %v", err)
				return
			}
			mine = append(mine, pid)
		} else {
			i := r.IntN(len(mine))
			if err := m.Free(mine[i]); err != nil {
				t.Errorf("Free(%d): %v", mine[i], err)
				return
			}
			mine = slices.Delete(mine, i, i+1)
		}
		runtime.Gosched()
	}
}
