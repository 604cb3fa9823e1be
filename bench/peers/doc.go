// Package peers measures the allocators of this module against those that a Go
// program might use in their place. It is a module of its own, so that the core
// module depends on none of them; it holds benchmarks and nothing else.
//
//	cd bench/peers
//	go test -bench .
//
// Names are key=value, as in package bench:
//
//	Churn/max=/fill=/impl=   release a random pid, allocate one: ns/pair
//	Next/density=/impl=      walk 1M numbers, a pid a step: ns/pid
//	Bulk/density=/impl=      the same by batches of -buf pids: ns/pid
//	Fill/max=/impl=          hand out every pid, take all back in a random order: ns/pair, fill-ns/pid, drain-ns/pid
//	Pair/max=/fill=/impl=    Churn in one goroutine and in two, wall time, in the steady state: ns/pair
//	PairMixed/…              the same where nearly half of all pids are released by another goroutine
//	Bytes/max=/held=/impl=   bytes on the heap: B/map, B/pid of those in use
//
// # Sides
//
// Ours: tree, paged and idr are an alloc.Pidmap over that backend; table,
// sharded, local (Sharded.Local) and tree+shared are what they are called;
// tree+bare is a Tree without the Pidmap, with a cursor beside it, and tree+lock
// the Pidmap with a lock and unlock written around each call.
//
// Peers, each bare, with a next-fit cursor written by hand and what the compiler
// inlines of it: bitset (bits-and-blooms/bitset), gvisor (gVisor's pkg/bitmap),
// flat (words and a loop), roaring+used and roaring+free (RoaringBitmap as the
// set of pids in use, whose answers must be put right, and of those free),
// btree (google/btree), intsets (x/tools), map (a map probed number after
// number, as gVisor's allocateTID does). bitset+pidmap and roaring+pidmap are
// this module's adapters behind the same Pidmap as tree. lifo (a slice) and
// channel (a buffered one) hand out pids in an order of their own.
//
// oracle is told which pid comes next, and does no more than set its bit and
// clear the one released: the floor of all that keep bits.
//
// harness is the random number and the access to the array alone: what to take
// off each figure before two are divided. harness+lock adds an uncontended lock
// and unlock to each of the two calls.
//
// # Fairness
//
// All sides of a comparison start from one state, that of a next-fit allocator
// after three laps, and draw the same random numbers. Before any is timed, its
// first pairs are compared with a model pid by pid, unless its order is another;
// after it, the pids held must be distinct. A walk must see exactly the pids in
// use.
//
// A side that needs long for a pair runs few of them at a time; one that would
// need seconds for a walk or a filling is left out, and says so. 4M, and in Pair
// all but 1M and 50, take part where the pattern names the key: 'max=', 'fill='.
//
// # Published tables
//
// docs/results.md has them, by this module's own benchcmp: a process for each row
// and round, the sides in turn, in reverse order in every other round. The
// Makefile's measure-peers, measure-locks, measure-pairs and measure-bytes run
// it, and go tool benchcmp does so here:
//
//	cd bench/peers
//	go tool benchcmp run -rounds 12 -benchtime 30ms -odd -reverse -side impl -o churn.txt -cells \
//	  Churn/max=32k,1M/fill=50,99,99.99,onefree/impl=harness,oracle,tree,bitset,gvisor,flat
//	go tool benchcmp among -of impl=tree -net impl=harness -unit ns/pair -filter max:1M churn.txt
//
// What a pair does is counted, too: go test -run TestCounts -counts FILE runs
// Churn below valgrind and writes instructions, branches mispredicted and cache
// misses a pair.
package peers
