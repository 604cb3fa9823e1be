package nextpidmap_test

import (
	"flag"
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"example.com/pidmap/alloc"
	"example.com/pidmap/alloc/backends"
	"example.com/pidmap/nextpidmap"
)

var seedFlag = flag.Uint64("seed", 0, "seed of the random walks; 0 draws one")

// newRand gives randomness from a seed that a failure prints.
func newRand(t *testing.T) *rand.Rand {
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64() | 1
	}
	t.Logf("to repeat: -seed=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// holding makes a tree that holds pids.
func holding(t *testing.T, top alloc.PID, pids ...alloc.PID) alloc.Backend {
	t.Helper()
	b, err := alloc.NewTree(alloc.Limits{Max: top})
	if err != nil {
		t.Fatal(err)
	}
	for _, pid := range pids {
		if !b.Take(pid) {
			t.Fatalf("Take(%d) of [1, %d)", pid, top)
		}
	}
	return b
}

// nextOnly hides all but Next.
type nextOnly struct{ nextpidmap.Nexter }

// nextFunc is a Nexter that is a function, right or wrong.
type nextFunc func(alloc.PID) (alloc.PID, bool)

func (f nextFunc) Next(after alloc.PID) (alloc.PID, bool) { return f(after) }

// batchFunc is a Batcher beside a Next that must not be called.
type batchFunc func(after alloc.PID, dst []alloc.PID) int

func (f batchFunc) Next(alloc.PID) (alloc.PID, bool)           { panic("Next was called") }
func (f batchFunc) NextN(after alloc.PID, dst []alloc.PID) int { return f(after, dst) }

func wantPIDs(t *testing.T, what string, seq iter.Seq[alloc.PID], want ...alloc.PID) {
	t.Helper()
	var got []alloc.PID
	for pid := range seq {
		if got = append(got, pid); len(got) > len(want) {
			break // it may have no end
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s yields %d, want %d", what, got, want)
	}
}

// batches flattens, and checks the lengths.
func batches(t *testing.T, seq iter.Seq[[]alloc.PID], size int) iter.Seq[alloc.PID] {
	return func(yield func(alloc.PID) bool) {
		short := false
		for batch := range seq {
			if len(batch) == 0 || len(batch) > size || short {
				t.Errorf("a batch of %d, of %d at a time; one before was short: %t", len(batch), size, short)
				return
			}
			short = len(batch) < size
			for _, pid := range batch {
				if !yield(pid) {
					return
				}
			}
		}
	}
}

// Over every backend and every allocator, all kinds of walk give what is in use.
func TestWalksGiveWhatIsInUse(t *testing.T) {
	const top = 5000
	r := newRand(t)
	for _, used := range []float64{0, 0.001, 0.1, 0.9, 1} {
		var pids []alloc.PID
		for pid := alloc.PID(1); pid < top; pid++ {
			if r.Float64() < used {
				pids = append(pids, pid)
			}
		}
		for _, b := range backends.All() {
			set, err := b.New(alloc.Limits{Max: top})
			if err != nil {
				t.Fatal(err)
			}
			for _, pid := range pids {
				set.Take(pid)
			}
			walkAll(t, b.Name, set, top, pids)
		}
		for _, a := range backends.Allocators() {
			m, err := a.New(alloc.Limits{Max: top})
			if err != nil {
				t.Fatal(err)
			}
			for _, pid := range pids {
				if err := m.AllocAt(pid); err != nil {
					t.Fatal(err)
				}
			}
			walkAll(t, a.Name, m, top, pids)
		}
	}
}

func walkAll(t *testing.T, name string, m nextpidmap.Nexter, top alloc.PID, want []alloc.PID) {
	t.Helper()
	all := nextpidmap.All(m)
	wantPIDs(t, name+": All", all, want...)
	wantPIDs(t, name+": All, again", all, want...)
	for _, size := range []int{1, 2, 63, 64, 65, 4999, 5000} {
		wantPIDs(t, name+": Batches", batches(t, nextpidmap.Batches(m, make([]alloc.PID, size)), size), want...)
		wantPIDs(t, name+": Batches by Next", batches(t, nextpidmap.Batches(nextOnly{m}, make([]alloc.PID, size)), size), want...)
	}
	wantPIDs(t, name+": Batches without a buffer", batches(t, nextpidmap.Batches(m, nil), 64), want...)
	for _, parts := range []int{1, 2, 3, 7, 64} {
		wantPIDs(t, name+": Split", concat(nextpidmap.Split(m, alloc.Limits{Max: top}, parts)), want...)
	}
}

// concat walks the parts one after the other.
func concat(parts []iter.Seq[alloc.PID]) iter.Seq[alloc.PID] {
	return func(yield func(alloc.PID) bool) {
		for _, part := range parts {
			for pid := range part {
				if !yield(pid) {
					return
				}
			}
		}
	}
}

func TestAfterTakesAnyNumber(t *testing.T) {
	m := holding(t, 200, 1, 64, 199)
	for _, c := range []struct {
		after alloc.PID
		want  []alloc.PID
	}{
		{math.MinInt32, []alloc.PID{1, 64, 199}},
		{-1, []alloc.PID{1, 64, 199}},
		{0, []alloc.PID{1, 64, 199}},
		{1, []alloc.PID{64, 199}},
		{63, []alloc.PID{64, 199}},
		{64, []alloc.PID{199}},
		{199, nil},
		{200, nil},
		{math.MaxInt32, nil},
	} {
		wantPIDs(t, "After", nextpidmap.After(m, c.after), c.want...)
	}
}

// A walk that is broken off asks no more, and another goes on from there.
func TestBreakAndGoOn(t *testing.T) {
	calls := 0
	m := holding(t, 100, 5, 10, 15, 20)
	counted := nextFunc(func(after alloc.PID) (alloc.PID, bool) {
		calls++
		return m.Next(after)
	})
	for pid := range nextpidmap.All(counted) {
		if pid == 10 {
			break
		}
	}
	if calls != 2 {
		t.Errorf("broken off at the second pid after %d Nexts", calls)
	}
	wantPIDs(t, "After the break", nextpidmap.After(m, 10), 15, 20)
	calls = 0
	for range nextpidmap.Batches(counted, make([]alloc.PID, 3)) {
		break
	}
	if calls != 3 {
		t.Errorf("broken off at the first batch of 3 after %d Nexts", calls)
	}
	calls = 0
	for range nextpidmap.Split(counted, alloc.Limits{Max: 100}, 2)[0] {
		break
	}
	if calls != 1 {
		t.Errorf("a part broken off at the first pid after %d Nexts", calls)
	}
}

// A Nexter that does not ascend ends the walk, wherever it begins to.
func TestWrongNextersEndTheWalk(t *testing.T) {
	for name, wrong := range map[string]func(after alloc.PID) alloc.PID{
		"the same again": func(after alloc.PID) alloc.PID { return after },
		"always 7":       func(alloc.PID) alloc.PID { return 7 },
		"back":           func(after alloc.PID) alloc.PID { return after - 1 },
		"negative":       func(alloc.PID) alloc.PID { return -5 },
		"to 3 and round": func(after alloc.PID) alloc.PID { return after%3 + 1 },
	} {
		m := nextFunc(func(after alloc.PID) (alloc.PID, bool) { return wrong(after), true })
		var want []alloc.PID
		for at := alloc.PID(0); wrong(at) > at; at = wrong(at) {
			want = append(want, wrong(at))
		}
		wantPIDs(t, name+": All", nextpidmap.All(m), want...)
		if len(want) == 0 {
			wantPIDs(t, name+": After a negative number", nextpidmap.After(m, -10))
		}
		wantPIDs(t, name+": Batches", batches(t, nextpidmap.Batches(m, make([]alloc.PID, 2)), 2), want...)
		wantPIDs(t, name+": Split", concat(nextpidmap.Split(m, alloc.Limits{}, 1)), want...)
	}
}

// So does a Batcher that does not ascend, or says what cannot be.
func TestWrongBatchersEndTheWalk(t *testing.T) {
	full := func(dst []alloc.PID, last alloc.PID) {
		for i := range dst {
			dst[i] = last - alloc.PID(len(dst)-1-i)
		}
	}
	for name, c := range map[string]struct {
		nextN func(after alloc.PID, dst []alloc.PID) int
		want  int // batches
	}{
		"too many":       {func(_ alloc.PID, dst []alloc.PID) int { return len(dst) + 1 }, 0},
		"negative":       {func(alloc.PID, []alloc.PID) int { return -1 }, 0},
		"nothing":        {func(alloc.PID, []alloc.PID) int { return 0 }, 0},
		"always 1 to 4":  {func(_ alloc.PID, dst []alloc.PID) int { full(dst, 4); return len(dst) }, 1},
		"back":           {func(after alloc.PID, dst []alloc.PID) int { full(dst, 100-after); return len(dst) }, 1},
		"zeros":          {func(_ alloc.PID, dst []alloc.PID) int { clear(dst); return len(dst) }, 0},
		"one, once more": {func(_ alloc.PID, dst []alloc.PID) int { dst[0] = 9; return 1 }, 1},
	} {
		n := 0
		for range nextpidmap.Batches(batchFunc(c.nextN), make([]alloc.PID, 4)) {
			if n++; n > c.want {
				break
			}
		}
		if n != c.want {
			t.Errorf("%s: %d batches or more, want %d", name, n, c.want)
		}
	}
}

// What is done to a batch changes neither the walk nor what lies behind it.
func TestBatchesAreTheConsumers(t *testing.T) {
	m := holding(t, 100, 1, 2, 3, 4, 5, 6, 7)
	var got []alloc.PID
	buf := []alloc.PID{0, 0, 0, -8}
	for batch := range nextpidmap.Batches(m, buf[:3]) {
		got = append(got, batch...)
		_ = append(batch, 99) // must not run into what is behind buf
		clear(batch)
	}
	if want := []alloc.PID{1, 2, 3, 4, 5, 6, 7}; !slices.Equal(got, want) || buf[3] != -8 {
		t.Errorf("yields %d, want %d; behind the buffer stands %d", got, want, buf[3])
	}
}

// Without a buffer, walks of one sequence can go on beside each other.
func TestBatchesWithoutABufferShareNothing(t *testing.T) {
	m := holding(t, 1000)
	for m.Len() < 200 {
		m.TakeFirst(1, 1000)
	}
	seq := nextpidmap.Batches(m, []alloc.PID{})
	for outer := range seq {
		first := outer[0]
		for range seq {
		}
		if outer[0] != first {
			t.Fatalf("the walk within changed a batch from %d to %d", first, outer[0])
		}
	}
}

func TestSplitRanges(t *testing.T) {
	for _, top := range []alloc.PID{2, 3, 10, 64, 65, 1000} {
		m := holding(t, top)
		for m.Len() < int(top-1) {
			m.TakeFirst(1, top)
		}
		for _, parts := range []int{math.MinInt, -1, 0, 1, 2, 3, 7, 63, 64, 998, 999, 1000, 5000, math.MaxInt} {
			seqs := nextpidmap.Split(m, alloc.Limits{Max: top}, parts)
			if want := max(1, min(parts, int(top-1))); len(seqs) != want {
				t.Fatalf("Max %d, %d parts: there are %d, want %d", top, parts, len(seqs), want)
			}
			next := alloc.PID(1)
			least, most := int(top), 0
			for _, seq := range seqs {
				n := 0
				for pid := range seq {
					if pid != next {
						t.Fatalf("Max %d, %d parts: %d comes where %d should", top, parts, pid, next)
					}
					n, next = n+1, next+1
				}
				least, most = min(least, n), max(most, n)
			}
			if next != top || most-least > 1 {
				t.Fatalf("Max %d, %d parts: they end at %d and have %d to %d pids", top, parts, next, least, most)
			}
		}
	}
}

// Whatever limits Split is given, no pid is missed and none seen twice.
func TestSplitMissesNothing(t *testing.T) {
	m := holding(t, 1000, 1, 2, 63, 64, 500, 998, 999)
	for _, l := range []alloc.Limits{
		{}, {Max: 2}, {Max: 3}, {Max: 500}, {Max: 1 << 30}, // other than the map's
		{Max: 1}, {Max: -1}, {Max: math.MaxInt32}, {Max: 10, Reserved: 10}, // refused
	} {
		for _, parts := range []int{0, 1, 2, 5, 100} {
			wantPIDs(t, "Split", concat(nextpidmap.Split(m, l, parts)), 1, 2, 63, 64, 500, 998, 999)
		}
	}
	if n := len(nextpidmap.Split(m, alloc.Limits{Max: 1}, 9)); n != 1 {
		t.Errorf("limits that are refused are cut into %d", n)
	}
}
