package bitsetmap_test

import (
	"testing"

	"example.com/pidmap/alloc"
	"example.com/pidmap/alloc/bitsetmap"
)

// Above Linux's limit the bitset begins shorter than Max and grows. What it does
// not reach yet is free, and the search for a free pid must say so.
func TestGrowsAboveTheLimit(t *testing.T) {
	const start, top = alloc.PIDMaxLimit, alloc.PIDMaxLimit + 1000
	b, err := bitsetmap.New(alloc.Limits{Max: top})
	if err != nil {
		t.Fatal(err)
	}
	take := func(lo, hi, want alloc.PID) {
		t.Helper()
		if pid, ok := b.TakeFirst(lo, hi); ok != (want != 0) || ok && pid != want {
			t.Fatalf("TakeFirst(%d, %d) = %d, %t; want %d", lo, hi, pid, ok, want)
		}
	}
	take(start-1, top, start-1) // the last of the first length
	take(start-1, top, start)   // the first beyond it
	take(start-1, start+1, 0)
	take(start+500, top, start+500)
	take(start-1, top, start+1)
	if !b.Take(top-1) || b.Take(top) || b.Take(top-1) {
		t.Fatalf("Take about Max %d", top)
	}
	take(top-1, top, 0)
	want := []alloc.PID{start - 1, start, start + 1, start + 500, top - 1}
	after := alloc.PID(0)
	for _, w := range want {
		pid, ok := b.Next(after)
		if !ok || pid != w {
			t.Fatalf("Next(%d) = %d, %t; want %d", after, pid, ok, w)
		}
		after = pid
	}
	if pid, ok := b.Next(after); ok || b.Len() != len(want) {
		t.Fatalf("Next(%d) = %d, Len = %d; want the end and %d", after, pid, b.Len(), len(want))
	}
}
