package peers

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/google/btree"
	"golang.org/x/tools/container/intsets"

	"example.com/pidmap/alloc"
	"example.com/pidmap/alloc/bitsetmap"
	"example.com/pidmap/alloc/roaringmap"
)

// density is a value of density=: which of 1M pids are in use.
type density struct {
	name string
	used func(rng *rand.Rand, max int) []int32 // ascending
}

var densities = []density{
	{"100", oneIn(1)}, {"10", oneIn(10)}, {"1", oneIn(100)}, {"0.01", oneIn(10_000)},
	{"clustered", inRuns},
}

// oneIn takes one pid in n, at random.
func oneIn(n int) func(*rand.Rand, int) []int32 {
	return func(rng *rand.Rand, max int) (used []int32) {
		for pid := 1; pid < max; pid++ {
			if rng.IntN(n) == 0 {
				used = append(used, int32(pid))
			}
		}
		return used
	}
}

// inRuns takes runs of 1 to 1,024 pids with gaps of 1 to 1,024 between.
func inRuns(rng *rand.Rand, max int) (used []int32) {
	for pid := 1; pid < max; pid += 1 + rng.IntN(1024) {
		for end := min(pid+1+rng.IntN(1024), max); pid < end; pid++ {
			used = append(used, int32(pid))
		}
	}
	return used
}

// walked are the pids that a walk is to find, shared by the sides.
var walked struct {
	name string
	c    *census
}

func (d density) census() *census {
	if walked.name != d.name {
		c := &census{max: 1 << 20}
		c.used = d.used(rand.New(rand.NewPCG(4, 4)), c.max)
		walked.name, walked.c = d.name, c
	}
	return walked.c
}

// walker is a set of pids in use. Its walk calls its own next directly.
type walker interface {
	next(after int32) (int32, bool) // false at the end
	walk() (n int, sum uint64)
}

// steps walks by next: how many pids there are, and their sum. It is inlined,
// and so is next.
func steps(next func(after int32) (int32, bool)) (n int, sum uint64) {
	for at := int32(0); ; n++ {
		pid, ok := next(at)
		if !ok {
			return n, sum
		}
		sum += uint64(pid)
		at = pid
	}
}

// walkers are the sides of Next.
var walkers = []struct {
	name string
	make func(c *census) (walker, error)
	most int // pids in use; more are left out
}{
	{name: "harness", make: func(c *census) (walker, error) { return &array{c.used, 0}, nil }},
	{name: "tree", make: walkPidmap(alloc.NewTree)},
	{name: "tree+bare", make: walkBareTree},
	{name: "paged", make: walkPidmap(alloc.NewPaged)},
	{name: "idr", make: walkPidmap(alloc.NewIDR)},
	{name: "table", make: walkTable},
	{name: "sharded", make: walkSharded},
	{name: "bitset", make: func(c *census) (walker, error) { return bitsetOf(c), nil }},
	{name: "bitset+pidmap", make: walkPidmap(bitsetmap.New)},
	{name: "gvisor", make: func(c *census) (walker, error) { return gvisorOf(c), nil }},
	{name: "roaring", make: func(c *census) (walker, error) { return roaringSet{roaringOf(c.used)}, nil }},
	{name: "roaring+pidmap", make: walkPidmap(roaringmap.New)},
	{name: "btree", make: func(c *census) (walker, error) { return btreeSet{btreeOf(c.used)}, nil }},
	{name: "intsets", make: walkIntsets, most: 20_000},
	{name: "map", make: func(c *census) (walker, error) {
		s, err := newProbed(c)
		return s.(*probed), err
	}},
}

// BenchmarkNext walks 1M pids by Next.
func BenchmarkNext(b *testing.B) {
	for _, d := range densities {
		for _, w := range inTurn(walkers) {
			b.Run(fmt.Sprintf("density=%s/impl=%s", d.name, w.name), func(b *testing.B) {
				c := d.census()
				if w.most > 0 && len(c.used) > w.most {
					b.Skipf("each step goes through the list from its start: seconds for %d pids", len(c.used))
				}
				s, err := w.make(c)
				if err != nil {
					b.Fatal(err)
				}
				if err := c.seenBy(s); err != nil {
					b.Fatal(err)
				}
				benchWalk(b, c, s.walk)
			})
		}
	}
}

// seenBy tells whether next gives the pids in use, in ascending order.
func (c *census) seenBy(s walker) error {
	var got []int32
	for pid, ok := s.next(0); ok && len(got) <= len(c.used); pid, ok = s.next(pid) {
		got = append(got, pid)
	}
	return c.saw(got)
}

func (c *census) saw(got []int32) error {
	if !slices.Equal(got, c.used) {
		return fmt.Errorf("the walk saw %d pids, want %d, or others", len(got), len(c.used))
	}
	return nil
}

// benchWalk times whole walks, and checks what each found.
func benchWalk(b *testing.B, c *census, walk func() (int, uint64)) {
	want := uint64(0)
	for _, pid := range c.used {
		want += uint64(pid)
	}
	for b.Loop() {
		if n, sum := walk(); n != len(c.used) || sum != want {
			b.Fatalf("a walk found %d pids that make %d, want %d and %d", n, sum, len(c.used), want)
		}
	}
	c.report(b)
}

func (c *census) report(b *testing.B) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(c.used)), "ns/pid")
	b.ReportMetric(float64(len(c.used)), "visited")
}

// array is the harness: the pids, laid out beforehand.
type array struct {
	pids []int32
	at   int
}

func (s *array) next(after int32) (int32, bool) {
	if after == 0 {
		s.at = 0
	}
	if s.at == len(s.pids) {
		return 0, false
	}
	pid := s.pids[s.at]
	s.at++
	return pid, true
}

func (s *array) walk() (int, uint64) {
	return steps(func(after int32) (int32, bool) { return s.next(after) })
}

func walkPidmap(f alloc.Factory) func(*census) (walker, error) {
	return func(c *census) (walker, error) {
		s, err := pidmap(f)(c)
		if err != nil {
			return nil, err
		}
		return s.(overPidmap), nil
	}
}

func (s overPidmap) next(after int32) (int32, bool) {
	pid, ok := s.m.Next(alloc.PID(after))
	return int32(pid), ok
}

func (s overPidmap) walk() (int, uint64) {
	return steps(func(after int32) (int32, bool) { return s.next(after) })
}

func walkBareTree(c *census) (walker, error) {
	s, err := newBareTree(c)
	if err != nil {
		return nil, err
	}
	return s.(*bareTree), nil
}

func (s *bareTree) next(after int32) (int32, bool) {
	pid, ok := s.set.Next(alloc.PID(after))
	return int32(pid), ok
}

func (s *bareTree) walk() (int, uint64) {
	return steps(func(after int32) (int32, bool) { return s.next(after) })
}

func walkTable(c *census) (walker, error) {
	m, err := alloc.NewTable(c.limits())
	if err != nil {
		return nil, err
	}
	return table{m}, occupy(m, c)
}

func (s table) next(after int32) (int32, bool) {
	pid, ok := s.m.Next(alloc.PID(after))
	return int32(pid), ok
}

func (s table) walk() (int, uint64) {
	return steps(func(after int32) (int32, bool) { return s.next(after) })
}

func walkSharded(c *census) (walker, error) {
	s, err := newSharded(c)
	if err != nil {
		return nil, err
	}
	return s.(sharded), nil
}

func (s sharded) next(after int32) (int32, bool) {
	pid, ok := s.m.Next(alloc.PID(after))
	return int32(pid), ok
}

func (s sharded) walk() (int, uint64) {
	return steps(func(after int32) (int32, bool) { return s.next(after) })
}

// next leaves out number 0, which is set so that it is never found free.
func (s *bitsetSide) next(after int32) (int32, bool) {
	pid, ok := s.set.NextSet(uint(after) + 1)
	return int32(pid), ok
}

func (s *bitsetSide) walk() (int, uint64) {
	return steps(func(after int32) (int32, bool) { return s.next(after) })
}

func (s *gvisorSide) next(after int32) (int32, bool) {
	pid, err := s.set.FirstOne(uint32(after) + 1)
	return int32(pid), err == nil
}

func (s *gvisorSide) walk() (int, uint64) {
	return steps(func(after int32) (int32, bool) { return s.next(after) })
}

type roaringSet struct{ set *roaring.Bitmap }

func (s roaringSet) next(after int32) (int32, bool) {
	pid := s.set.NextValue(uint32(after) + 1)
	return int32(pid), pid >= 0
}

func (s roaringSet) walk() (int, uint64) {
	return steps(func(after int32) (int32, bool) { return s.next(after) })
}

type btreeSet struct{ set *btree.BTreeG[int32] }

func (s btreeSet) next(after int32) (pid int32, ok bool) {
	s.set.AscendGreaterOrEqual(after+1, func(p int32) bool { pid, ok = p, true; return false })
	return pid, ok
}

func (s btreeSet) walk() (int, uint64) {
	return steps(func(after int32) (int32, bool) { return s.next(after) })
}

type intsetsSet struct{ set *intsets.Sparse }

func walkIntsets(c *census) (walker, error) {
	s := intsetsSet{new(intsets.Sparse)}
	intsetsOf(s.set, c.used)
	return s, nil
}

func (s intsetsSet) next(after int32) (int32, bool) {
	pid := s.set.LowerBound(int(after) + 1)
	return int32(pid), pid != math.MaxInt
}

func (s intsetsSet) walk() (int, uint64) {
	return steps(func(after int32) (int32, bool) { return s.next(after) })
}

// next tries number after number: a map has no order.
func (s *probed) next(after int32) (int32, bool) {
	for pid := after + 1; pid < s.max; pid++ {
		if _, ok := s.tasks[pid]; ok {
			return pid, true
		}
	}
	return 0, false
}

func (s *probed) walk() (int, uint64) {
	return steps(func(after int32) (int32, bool) { return s.next(after) })
}
