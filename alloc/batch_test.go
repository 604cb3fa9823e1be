package alloc_test

import (
	"slices"
	"testing"

	"example.com/pidmap/alloc"
)

// Without NextN of its own, what is below is asked by Next: the same pids, the
// same number of them, and nothing behind it.
func TestNextNOfWhatHasNone(t *testing.T) {
	// A struct over an interface has that interface's methods and no others.
	hidden := func(l alloc.Limits) (alloc.Backend, error) {
		set, err := alloc.NewTree(l)
		return struct{ alloc.Backend }{set}, err
	}
	pidmap, err := alloc.New(alloc.Limits{Max: 1000}, hidden)
	if err != nil {
		t.Fatal(err)
	}
	sharded, err := alloc.NewSharded(alloc.Limits{Max: 1000}, 3, hidden)
	if err != nil {
		t.Fatal(err)
	}
	inner, err := alloc.New(alloc.Limits{Max: 1000}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []alloc.Allocator{pidmap, sharded, alloc.Share(struct{ alloc.Allocator }{inner})} {
		want := []alloc.PID{1, 2, 64, 300, 333, 334, 335, 700, 999}
		for _, pid := range want {
			if err := a.AllocAt(pid); err != nil {
				t.Fatal(err)
			}
		}
		for n := range len(want) + 3 {
			buf := make([]alloc.PID, n)
			if got := a.(alloc.Batcher).NextN(0, buf); got != min(n, len(want)) || !slices.Equal(buf[:got], want[:got]) {
				t.Errorf("%T: NextN of %d gives %d: %d, want %d", a, n, got, buf, want[:min(n, len(want))])
			}
		}
	}
}
