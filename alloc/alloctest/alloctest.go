// Package alloctest is the contract of package alloc as a test suite: anybody
// can prove a backend or an allocator of their own against it.
//
//	func TestMine(t *testing.T) { alloctest.TestBackend(t, mine.New) }
package alloctest

import (
	"testing"

	"example.com/pidmap/alloc"
)

// Order is the order in which an allocator hands out what is free.
type Order int

const (
	Cyclic  Order = iota // the smallest free pid after the last, wrapping to Reserved: alloc.Pidmap
	FIFO                 // what was freed first comes out first; at first ascending from 1
	Sharded              // any free pid: unique and complete, cyclic per shard only
)

// TestBackend runs the contract of alloc.Backend on what f makes.
func TestBackend(t *testing.T, f alloc.Factory) {}

// TestAllocator runs the contract of alloc.Allocator, from one goroutine, on
// what f makes.
func TestAllocator(t *testing.T, f func(alloc.Limits) (alloc.Allocator, error), order Order) {}

// TestConcurrent runs the contract of allocators that are safe for concurrent
// use on what f makes; it is best run with the race detector too.
func TestConcurrent(t *testing.T, f func(alloc.Limits) (alloc.Allocator, error), order Order) {}
