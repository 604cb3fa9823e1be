package bench

import (
	"math/rand/v2"
	"runtime"
	"testing"

	"example.com/pidmap/alloc"
	"example.com/pidmap/alloc/backends"
)

// stocks are the values of held=: what a map holds. An idle namespace's map
// holds one pid; churned is half of the pids, anywhere.
var stocks = []struct {
	name string
	held func(pids int) int
}{
	{"none", func(int) int { return 0 }},
	{"one", func(int) int { return 1 }},
	{"half", func(n int) int { return n / 2 }},
	{"churned", func(n int) int { return n / 2 }},
	{"full", func(n int) int { return n }},
}

var (
	heights = axis{"max", []string{"32k", "4M"}, []string{"32k", "1M", "4M"}}
	maps    = axis{"maps", nil, []string{"1k", "100k"}}
)

// BenchmarkBytes measures what an allocator costs on the heap: B/map, and B/pid
// of those in use. maps= says how many there are of it, of those that hold one
// pid at the most; its time is that of making them, and says nothing.
func BenchmarkBytes(b *testing.B) {
	for _, size := range heights.values() {
		for _, stock := range stocks {
			for _, n := range maps.values() {
				if n != "" && stock.name != "none" && stock.name != "one" {
					continue
				}
				for _, a := range inTurn(backends.Allocators()) {
					pairs := []any{"allocator", a.Name, "max", size, "held", stock.name}
					if n != "" {
						pairs = append(pairs, "maps", n)
					}
					b.Run(named(pairs...), func(b *testing.B) {
						held := stock.held(int(maxima[size]) - 1)
						benchBytes(b, held, n, func() (alloc.Allocator, error) {
							return stocked(a, maxima[size], held, stock.name == "churned")
						})
					})
				}
			}
		}
	}
}

func benchBytes(b *testing.B, held int, maps string, one func() (alloc.Allocator, error)) {
	n := 1
	if maps != "" {
		var err error
		if n, err = number(maps); err != nil {
			b.Fatal(err)
		}
	} else if held <= 1 {
		n = 100
	}
	var each float64
	for b.Loop() {
		ms := make([]alloc.Allocator, n)
		before := heap()
		for i := range ms {
			var err error
			if ms[i], err = one(); err != nil {
				b.Fatal(err)
			}
		}
		each = float64(heap()-before) / float64(n)
		if got := ms[n-1].Len(); got != held {
			b.Fatalf("a map counts %d pids, want %d", got, held)
		}
		runtime.KeepAlive(ms)
	}
	b.ReportMetric(each, "B/map")
	if held > 0 {
		b.ReportMetric(each/float64(held), "B/pid")
	}
}

// stocked makes a map that has handed out so many pids and taken none back, or
// all, and taken back all but so many.
func stocked(a backends.Allocator, limit alloc.PID, held int, churned bool) (alloc.Allocator, error) {
	m, err := a.New(alloc.Limits{Max: limit, Reserved: 1})
	if err != nil {
		return nil, err
	}
	if churned {
		_, err = occupy(m, held, rand.New(rand.NewPCG(8, 8)))
		return m, err
	}
	for range held {
		if _, err := m.Alloc(); err != nil {
			return nil, err
		}
	}
	return m, nil
}
