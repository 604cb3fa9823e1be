package peers

import (
	"fmt"
	"slices"
	"testing"

	"example.com/pidmap/alloc"
	"example.com/pidmap/nextpidmap"
)

// A bulk walk brings all pids in use into a buffer, -buf at a time or as a set
// does it best, and counts them. It keeps them where it is given a slice.
type bulk func(keep *[]int32) (n int)

// bulks are the sides of Bulk.
var bulks = []struct {
	name string
	make func(c *census) (bulk, error)
}{
	{"harness", bulkArray},
	{"tree", nextN(overTree)},
	{"tree+batches", batches(overTree)},
	{"paged", nextN(over(alloc.NewPaged))},
	{"idr", nextN(over(alloc.NewIDR))},
	{"table", nextN(overTable)},
	{"sharded", nextN(overSharded)},
	{"bitset", bulkBitset},
	{"gvisor", bulkGvisor},
	{"roaring", bulkRoaring},
	{"btree", bulkBtree},
	{"intsets", bulkIntsets},
}

// BenchmarkBulk reads 1M pids in bulk.
func BenchmarkBulk(b *testing.B) {
	for _, d := range densities {
		for _, w := range inTurn(bulks) {
			b.Run(fmt.Sprintf("density=%s/impl=%s", d.name, w.name), func(b *testing.B) {
				c := d.census()
				walk, err := w.make(c)
				if err != nil {
					b.Fatal(err)
				}
				var got []int32
				if walk(&got); c.saw(got) != nil {
					b.Fatal(c.saw(got))
				}
				for b.Loop() {
					if n := walk(nil); n != len(c.used) {
						b.Fatalf("a walk found %d pids, want %d", n, len(c.used))
					}
				}
				c.report(b)
			})
		}
	}
}

type number interface {
	~int | ~int32 | ~uint32 | ~uint
}

func appendPids[T number](keep *[]int32, pids []T) {
	if keep == nil {
		return
	}
	for _, pid := range pids {
		*keep = append(*keep, int32(pid))
	}
}

// bulkArray is the harness: a copy of the pids, laid out beforehand.
func bulkArray(c *census) (bulk, error) {
	buf := make([]int32, *buffer)
	return func(keep *[]int32) (n int) {
		for batch := range slices.Chunk(c.used, *buffer) {
			n += copy(buf, batch)
			appendPids(keep, batch)
		}
		return n
	}, nil
}

// batcher is an allocator of this module that reads in bulk.
type batcher interface {
	alloc.Allocator
	alloc.Batcher
}

func over(f alloc.Factory) func(alloc.Limits) (batcher, error) {
	return func(l alloc.Limits) (batcher, error) { return alloc.New(l, f) }
}

func overTree(l alloc.Limits) (batcher, error)    { return alloc.New(l, nil) }
func overTable(l alloc.Limits) (batcher, error)   { return alloc.NewTable(l) }
func overSharded(l alloc.Limits) (batcher, error) { return alloc.NewSharded(l, 0, nil) }

// nextN reads by NextN.
func nextN(f func(alloc.Limits) (batcher, error)) func(c *census) (bulk, error) {
	return func(c *census) (bulk, error) {
		m, err := f(c.limits())
		if err != nil {
			return nil, err
		}
		buf := make([]alloc.PID, *buffer)
		return func(keep *[]int32) (n int) {
			for at := alloc.PID(0); ; at = buf[len(buf)-1] {
				batch := buf[:m.NextN(at, buf)]
				n += len(batch)
				appendPids(keep, batch)
				if len(batch) < len(buf) {
					return n
				}
			}
		}, occupy(m, c)
	}
}

// batches reads by nextpidmap.Batches.
func batches(f func(alloc.Limits) (batcher, error)) func(c *census) (bulk, error) {
	return func(c *census) (bulk, error) {
		m, err := f(c.limits())
		if err != nil {
			return nil, err
		}
		buf := make([]alloc.PID, *buffer)
		return func(keep *[]int32) (n int) {
			for batch := range nextpidmap.Batches(m, buf) {
				n += len(batch)
				appendPids(keep, batch)
			}
			return n
		}, occupy(m, c)
	}
}

// bulkBitset reads by NextSetMany.
func bulkBitset(c *census) (bulk, error) {
	set := bitsetOf(c).set
	buf := make([]uint, *buffer)
	return func(keep *[]int32) (n int) {
		last, batch := set.NextSetMany(1, buf)
		for len(batch) > 0 {
			n += len(batch)
			appendPids(keep, batch)
			last, batch = set.NextSetMany(last+1, buf)
		}
		return n
	}, nil
}

// bulkGvisor reads by ForEach, a call a pid.
func bulkGvisor(c *census) (bulk, error) {
	s := gvisorOf(c)
	buf := make([]uint32, *buffer)
	return func(keep *[]int32) (n int) {
		at := 0
		s.set.ForEach(1, uint32(c.max), func(pid uint32) bool {
			if at == len(buf) {
				n += at
				appendPids(keep, buf)
				at = 0
			}
			buf[at] = pid
			at++
			return true
		})
		appendPids(keep, buf[:at])
		return n + at
	}, nil
}

// bulkRoaring reads by ManyIterator.
func bulkRoaring(c *census) (bulk, error) {
	set := roaringOf(c.used)
	buf := make([]uint32, *buffer)
	return func(keep *[]int32) (n int) {
		it := set.ManyIterator()
		for got := it.NextMany(buf); got > 0; got = it.NextMany(buf) {
			n += got
			appendPids(keep, buf[:got])
		}
		return n
	}, nil
}

// bulkBtree reads by Ascend, a call a pid.
func bulkBtree(c *census) (bulk, error) {
	set := btreeOf(c.used)
	buf := make([]int32, *buffer)
	return func(keep *[]int32) (n int) {
		at := 0
		set.Ascend(func(pid int32) bool {
			if at == len(buf) {
				n += at
				appendPids(keep, buf)
				at = 0
			}
			buf[at] = pid
			at++
			return true
		})
		appendPids(keep, buf[:at])
		return n + at
	}, nil
}

// bulkIntsets reads by AppendTo, everything into one slice.
func bulkIntsets(c *census) (bulk, error) {
	s, err := walkIntsets(c)
	if err != nil {
		return nil, err
	}
	set, buf := s.(intsetsSet).set, make([]int, 0, len(c.used))
	return func(keep *[]int32) (n int) {
		buf = set.AppendTo(buf[:0])
		appendPids(keep, buf)
		return len(buf)
	}, nil
}
