// Package backends lists what can be built, by name: every alloc.Backend and
// every alloc.Allocator of this module. Suites and benchmarks read it, so that
// a new one is proved and measured once it stands here.
package backends

import (
	"example.com/pidmap/alloc"
	"example.com/pidmap/alloc/bitsetmap"
	"example.com/pidmap/alloc/roaringmap"
)

// Backend is a kind of backend and how to make an empty one.
type Backend struct {
	Name string // short, lower case, without '/', '=' or '+'
	New  alloc.Factory
}

// Allocator is a kind of allocator and how to make an empty one. A name that
// ends in "+shared" is safe for concurrent use, and so is "sharded".
type Allocator struct {
	Name string
	New  func(alloc.Limits) (alloc.Allocator, error)
}

// All gives every backend, the default first. The slice is the caller's.
func All() []Backend {
	return []Backend{
		{"tree", alloc.NewTree},
		{"paged", alloc.NewPaged},
		{"idr", alloc.NewIDR},
		{"bitset", bitsetmap.New},
		{"roaring", roaringmap.New},
	}
}

// Allocators gives every allocator: each backend behind alloc.New, under its
// own name, and behind alloc.NewShared, with "+shared" after it; then those
// that are not made over a backend. The slice is the caller's.
func Allocators() []Allocator {
	var as []Allocator
	for _, b := range All() {
		as = append(as,
			Allocator{b.Name, over(alloc.New, b.New)},
			Allocator{b.Name + "+shared", over(alloc.NewShared, b.New)})
	}
	return append(as,
		Allocator{"sharded", sharded},
		Allocator{"table", table},
		Allocator{"table+shared", sharedTable})
}

func sharded(l alloc.Limits) (alloc.Allocator, error) {
	s, err := alloc.NewSharded(l, 0, nil)
	if err != nil {
		return nil, err
	}
	return s, nil
}

func table(l alloc.Limits) (alloc.Allocator, error) {
	t, err := alloc.NewTable(l)
	if err != nil {
		return nil, err
	}
	return t, nil
}

func sharedTable(l alloc.Limits) (alloc.Allocator, error) {
	t, err := alloc.NewTable(l)
	if err != nil {
		return nil, err
	}
	return alloc.Share(t), nil
}

// over makes an allocator of the type that with makes, over what f makes. It
// keeps a failed call's nil pointer out of the interface.
func over[A alloc.Allocator](with func(alloc.Limits, alloc.Factory) (A, error), f alloc.Factory) func(alloc.Limits) (alloc.Allocator, error) {
	return func(l alloc.Limits) (alloc.Allocator, error) {
		a, err := with(l, f)
		if err != nil {
			return nil, err
		}
		return a, nil
	}
}
