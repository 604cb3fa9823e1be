// Package alloctest is the contract of package alloc as a test suite: anybody
// can prove a backend or an allocator of their own against it.
//
//	func TestMine(t *testing.T) { alloctest.TestBackend(t, mine.New) }
//
// Every rule is a subtest with a name, so that -run and a failure's name say
// which rule is meant. Beside the rules, random programs of calls are run on
// the subject and on a model that is too slow to be wrong. Their randomness
// comes from one seed, which a failure prints; -alloctest.seed=N repeats it.
//
// Under the build tag pidmap_long the random and concurrent cases run five times
// as long, and more values of Max are tried; under the race detector, a tenth as
// long, and fewer.
package alloctest

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"example.com/pidmap/alloc"
)

// Order is the order in which an allocator hands out what is free.
type Order int

const (
	// Cyclic: the smallest free pid in [Last+1, Max), else in
	// [Reserved, Last+1), else ErrFull: alloc.Pidmap.
	Cyclic Order = iota
	// FIFO: of the pids that were freed, the one freed first; of those never
	// used, the smallest. A new map hands out 1, 2, 3 and so on; ErrFull when
	// every pid is in use; SetLast may be ErrUnsupported.
	FIFO
	// Sharded: any free pid. A new map hands out every pid once, and ErrFull
	// is allowed only when every pid in [Reserved, Max) is in use.
	Sharded
)

// String gives the name of the constant, in lower case.
func (o Order) String() string {
	switch o {
	case Cyclic:
		return "cyclic"
	case FIFO:
		return "fifo"
	case Sharded:
		return "sharded"
	}
	return fmt.Sprintf("Order(%d)", int(o))
}

var seedFlag = flag.Uint64("alloctest.seed", 0, "seed of the random cases of alloctest; 0 draws one")

// TestBackend runs the contract of alloc.Backend, alloc.Batcher included where
// it is there, on what f makes. It takes about a second for a quick backend.
func TestBackend(t *testing.T, f alloc.Factory) {
	s := newBackendSuite(f, drawSeed())
	runCases(live{t}, s.cases(), s.seed)
}

// TestAllocator runs the contract of alloc.Allocator, from one goroutine, on
// what f makes.
func TestAllocator(t *testing.T, f func(alloc.Limits) (alloc.Allocator, error), order Order) {
	if order < Cyclic || order > Sharded {
		t.Fatalf("there is no %v", order)
	}
	s := newAllocatorSuite(f, order, drawSeed())
	runCases(live{t}, s.cases(), s.seed)
}

// TestConcurrent runs the contract of allocators that are safe for concurrent
// use on what f makes: nothing is held twice, a pid that stays is never skipped
// by a walk, full is said only when full, Terminate linearizes. It goes with
// TestAllocator, and says most under the race detector.
func TestConcurrent(t *testing.T, f func(alloc.Limits) (alloc.Allocator, error)) {
	s := newConcurrentSuite(f, drawSeed())
	runCases(live{t}, s.cases(), s.seed)
}

func drawSeed() uint64 {
	if *seedFlag != 0 {
		return *seedFlag
	}
	return rand.Uint64() | 1
}

// testCase is one rule, named group/rule.
type testCase struct {
	name string
	run  func(tb)
}

// runCases runs the cases as subtests, those of one group under one parent.
func runCases(t tb, cases []testCase, seed uint64) {
	for len(cases) > 0 {
		group, _, _ := strings.Cut(cases[0].name, "/")
		n := 1
		for n < len(cases) && strings.HasPrefix(cases[n].name, group+"/") {
			n++
		}
		same := cases[:n]
		cases = cases[n:]
		t.Run(group, func(t tb) {
			for _, c := range same {
				_, rule, _ := strings.Cut(c.name, "/")
				if !t.Run(rule, c.run) {
					t.Logf("to repeat what is random: -alloctest.seed=%d", seed)
				}
			}
		})
	}
}

// steps scales a number of random steps to the build.
func steps(n int) int {
	switch {
	case long:
		return 5 * n
	case race:
		return n / 10
	}
	return n
}
