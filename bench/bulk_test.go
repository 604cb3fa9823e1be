package bench

import (
	"slices"
	"testing"

	"example.com/pidmap/alloc"
	"example.com/pidmap/nextpidmap"
)

// BenchmarkBulk walks 1M pids by nextpidmap.Batches: a NextN for 256 of them.
func BenchmarkBulk(b *testing.B) {
	overDensities(b, func(b *testing.B, set alloc.Backend, want []alloc.PID) {
		buf := make([]alloc.PID, 256)
		var got []alloc.PID
		for batch := range nextpidmap.Batches(set, buf) {
			got = append(got, batch...)
		}
		if !slices.Equal(got, want) {
			b.Fatalf("the bulk walk saw %d pids, want %d, or others", len(got), len(want))
		}
		visited := 0
		for b.Loop() {
			for batch := range nextpidmap.Batches(set, buf) {
				visited += len(batch)
			}
		}
		reportVisited(b, visited, want)
	})
}
