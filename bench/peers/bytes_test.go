package peers

import (
	"fmt"
	"runtime"
	"testing"
	"time"
)

// stocks are the values of held=: what a map holds.
var stocks = []struct {
	name   string
	census func(max int) *census
}{
	{"none", func(max int) *census { return fresh(max, 0) }},
	{"one", func(max int) *census { return fresh(max, 1) }},
	{"half", func(max int) *census { return fresh(max, (max-1)/2) }},
	{"churned", func(max int) *census { return takeCensus(max, (max-1)/2) }}, // half of them, anywhere
	{"full", func(max int) *census { return fresh(max, max-1) }},
}

// Of maps that cost little many are made, so that a byte of one counts: as many
// as fit into so much memory and time, and at most so many.
const (
	mostMaps   = 100_000
	mostBytes  = 128 << 20
	mostMaking = 50 * time.Millisecond
)

// BenchmarkBytes measures what a map costs on the heap: B/map, and B/pid of
// those in use. Its time is that of making it, and says nothing.
func BenchmarkBytes(b *testing.B) {
	for _, size := range sizes {
		if size.name == "1M" && !opened("max") {
			continue
		}
		for _, stock := range stocks {
			for _, m := range inTurn(makers) {
				if m.harness {
					continue
				}
				b.Run(fmt.Sprintf("max=%s/held=%s/impl=%s", size.name, stock.name, m.name), func(b *testing.B) {
					benchBytes(b, m, stock.census(size.max))
				})
			}
		}
	}
}

// fresh is the census of a map that has handed out n pids and taken none back.
func fresh(max, n int) *census {
	c := &census{max: max, cursor: int32(n), fresh: true}
	for pid := int32(1); int(pid) < max; pid++ {
		c.free = append(c.free, pid)
	}
	c.used, c.free = c.free[:n:n], c.free[n:]
	return c
}

func benchBytes(b *testing.B, m maker, c *census) {
	var each float64
	var maps int
	for b.Loop() {
		one, took, err := heapOf(m, c, 1)
		if err != nil {
			b.Fatal(err)
		}
		each, maps = one, min(mostMaps, int(mostBytes/one), int(mostMaking/took))
		if maps <= 1 {
			maps = 1
			continue
		}
		if each, _, err = heapOf(m, c, maps); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(each, "B/map")
	b.ReportMetric(float64(maps), "maps")
	if len(c.used) > 0 {
		b.ReportMetric(each/float64(len(c.used)), "B/pid")
	}
}

// heapOf gives the bytes that one of n maps costs, and the time to make it.
func heapOf(m maker, c *census, n int) (float64, time.Duration, error) {
	maps := make([]side, n)
	before := heap()
	start := time.Now()
	for i := range maps {
		var err error
		if maps[i], err = m.make(c); err != nil {
			return 0, 0, err
		}
	}
	took := time.Since(start)
	after := heap()
	runtime.KeepAlive(maps)
	return max(float64(after)-float64(before), 1) / float64(n), max(took, 1) / time.Duration(n), nil
}

func heap() uint64 {
	runtime.GC()
	runtime.GC() // what the first one's finalizers let go of
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
