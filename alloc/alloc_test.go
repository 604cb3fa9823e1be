package alloc_test

import (
	"strings"
	"testing"

	"example.com/pidmap/alloc/alloctest"
	"example.com/pidmap/alloc/backends"
)

// TestBackends runs the contract on every backend there is.
func TestBackends(t *testing.T) {
	for _, b := range backends.All() {
		t.Run(b.Name, func(t *testing.T) { alloctest.TestBackend(t, b.New) })
	}
}

// TestAllocators runs the contract on every allocator there is.
func TestAllocators(t *testing.T) {
	for _, a := range backends.Allocators() {
		t.Run(a.Name, func(t *testing.T) { alloctest.TestAllocator(t, a.New, orderOf(a)) })
	}
}

// TestConcurrentAllocators runs the concurrent part on those that are safe.
func TestConcurrentAllocators(t *testing.T) {
	for _, a := range backends.Allocators() {
		if isShared(a) {
			t.Run(a.Name, func(t *testing.T) { alloctest.TestConcurrent(t, a.New) })
		}
	}
}

// orderOf tells an allocator's order by its name.
func orderOf(a backends.Allocator) alloctest.Order {
	switch name, _, _ := strings.Cut(a.Name, "+"); name {
	case "table":
		return alloctest.FIFO
	case "sharded":
		return alloctest.Sharded
	}
	return alloctest.Cyclic
}

// isShared tells whether an allocator is safe for concurrent use.
func isShared(a backends.Allocator) bool {
	return strings.HasSuffix(a.Name, "+shared") || orderOf(a) == alloctest.Sharded
}
