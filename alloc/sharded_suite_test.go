package alloc_test

import (
	"fmt"
	"testing"

	"example.com/pidmap/alloc"
	"example.com/pidmap/alloc/alloctest"
)

// TestShardedContract runs the contract on several numbers of shards, on
// backends that readers must lock, and by way of a Local.
func TestShardedContract(t *testing.T) {
	for _, c := range []struct {
		shards int
		f      alloc.Factory
		by     string
	}{
		{1, nil, "alloc"},
		{3, nil, "local"},
		{3, alloc.NewTree, "alloc"},
		{40, nil, "alloc"},
		{40, alloc.NewIDR, "local"},
	} {
		make := func(l alloc.Limits) (alloc.Allocator, error) {
			s, err := alloc.NewSharded(l, c.shards, c.f)
			if err != nil {
				return nil, err
			}
			if c.by == "local" {
				return s.Local(), nil
			}
			return s, nil
		}
		t.Run(fmt.Sprintf("shards=%d/live=%t/by=%s", c.shards, c.f == nil, c.by), func(t *testing.T) {
			alloctest.TestAllocator(t, make, alloctest.Sharded)
			alloctest.TestConcurrent(t, make)
		})
	}
}
