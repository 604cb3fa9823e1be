package alloctest

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"example.com/pidmap/alloc"
)

// allocatorFunc makes an empty allocator.
type allocatorFunc = func(alloc.Limits) (alloc.Allocator, error)

func newBackend(t reporter, f alloc.Factory, l alloc.Limits) alloc.Backend {
	b, err := f(l)
	if err != nil || b == nil {
		t.Helper()
		t.Fatalf("factory(%+v) = %v, %v", l, b, err)
	}
	return b
}

func newAllocator(t reporter, f allocatorFunc, l alloc.Limits) alloc.Allocator {
	a, err := f(l)
	if err != nil || a == nil {
		t.Helper()
		t.Fatalf("making an allocator for %+v: %v, %v", l, a, err)
	}
	return a
}

// set is what backends and allocators have in common.
type set interface {
	Next(after alloc.PID) (alloc.PID, bool)
	Len() int
}

// sameSet ends t unless a walk of s gives want, ascending, and Len its length.
// It takes no more steps than that.
func sameSet(t reporter, s set, want []alloc.PID, format string, args ...any) {
	after := alloc.PID(0)
	for _, w := range want {
		pid, ok := s.Next(after)
		if !ok || pid != w {
			t.Helper()
			t.Fatalf("%s: Next(%d) = %d, %t; want %d", fmt.Sprintf(format, args...), after, pid, ok, w)
		}
		after = pid
	}
	if pid, ok := s.Next(after); ok {
		t.Helper()
		t.Fatalf("%s: Next(%d) = %d, want the end", fmt.Sprintf(format, args...), after, pid)
	}
	if s.Len() != len(want) {
		t.Helper()
		t.Fatalf("%s: Len = %d, want %d", fmt.Sprintf(format, args...), s.Len(), len(want))
	}
}

// nextN reads up to n pids at once where s can, else one by one. What is read
// wrongly comes back as text would: a number that is no pid.
func nextN(s set, after alloc.PID, n int) []alloc.PID {
	const guard = math.MinInt32
	buf := make([]alloc.PID, n+2)
	for i := range buf {
		buf[i] = guard
	}
	b, ok := s.(alloc.Batcher)
	if !ok {
		return nextByNext(s, after, buf[:n])
	}
	got := b.NextN(after, buf[:n])
	if got < 0 || got > n || buf[n] != guard || buf[n+1] != guard {
		return []alloc.PID{-1, alloc.PID(got)}
	}
	return buf[:got]
}

func nextByNext(s set, after alloc.PID, dst []alloc.PID) []alloc.PID {
	for n := range dst {
		pid, ok := s.Next(after)
		if !ok {
			return dst[:n]
		}
		dst[n], after = pid, pid
	}
	return dst
}

// refusedLimits are those that every constructor refuses with ErrRange.
var refusedLimits = []alloc.Limits{
	{Max: 1}, {Max: -1}, {Max: math.MinInt32}, {Max: 1<<30 + 1}, {Max: math.MaxInt32},
	{Reserved: -1}, {Reserved: alloc.DefaultMax}, {Reserved: math.MaxInt32},
	{Max: 10, Reserved: 10}, {Max: 10, Reserved: 11}, {Max: 10, Reserved: -1}, {Max: 2, Reserved: 2},
}

// refuses ends t unless err is an ErrRange and what is without a value.
func refuses(t tb, l alloc.Limits, nothing bool, err error) {
	if !errors.Is(err, alloc.ErrRange) {
		t.Helper()
		t.Errorf("%+v: error %v, want one that is ErrRange", l, err)
	}
	if err != nil && !nothing {
		t.Helper()
		t.Errorf("%+v: an error and a value", l)
	}
}

// seamMaxes are the values of Max at which bitmaps have gone wrong: about a
// word, a summary of words, a page, a container, a summary of summaries.
var seamMaxes = []alloc.PID{
	2, 3, 62, 63, 64, 65, 66, 127, 128, 129, 130, 191, 192, 193, 4094, 4095, 4096, 4097, 4098,
	32767, 32768, 32769, 65536, 65537, 262144, 262145,
}

// moreMaxes are their neighbours, and the same two levels up.
var moreMaxes = []alloc.PID{255, 256, 257, 8191, 8192, 8193, 32766, 32770, 65535, 131072, 131073, 262143, 524289}

// maxes gives them, but for the large ones under the race detector, which has
// nothing to find in one goroutine and takes ten times as long.
func maxes() []alloc.PID {
	switch {
	case race:
		return append(slices.Clone(seamMaxes[:19]), 65537)
	case long:
		return slices.Concat(seamMaxes, moreMaxes)
	}
	return seamMaxes
}

// borders gives the pids below top that lie at such places, ascending.
func borders(top alloc.PID) []alloc.PID {
	var pids []alloc.PID
	add := func(pid alloc.PID) {
		if pid >= 1 && pid < top && (len(pids) == 0 || pid > pids[len(pids)-1]) {
			pids = append(pids, pid)
		}
	}
	for _, seam := range []alloc.PID{1, 64, 128, 192, 4096, 8192, 32768, 65536, 131072, 262144} {
		for d := alloc.PID(-2); d <= 2; d++ {
			add(seam + d)
		}
	}
	for d := alloc.PID(-66); d < 0; d++ {
		if d < -62 || d >= -3 {
			add(top + d)
		}
	}
	return pids
}

// batchSizes are the lengths of dst with which NextN is tried: every one on a
// small map, and on a large one, where Next may have to pass over much, those
// about a word.
func batchSizes(top alloc.PID) []int {
	if top > 200 {
		return []int{0, 1, 2, 63, 64, 65, 69}
	}
	sizes := make([]int, 70)
	for n := range sizes {
		sizes[n] = n
	}
	return sizes
}

// upTo gives [1, top) ascending.
func upTo(top alloc.PID) []alloc.PID {
	pids := make([]alloc.PID, 0, top-1)
	for pid := alloc.PID(1); pid < top; pid++ {
		pids = append(pids, pid)
	}
	return pids
}
