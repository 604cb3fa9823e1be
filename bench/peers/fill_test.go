package peers

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// BenchmarkFill hands out every pid of an empty map, and takes them all back in
// a random order. The calls go by way of an interface, those of the harness too.
func BenchmarkFill(b *testing.B) {
	for _, size := range sizes {
		if size.left() {
			continue
		}
		for _, m := range inTurn(makers) {
			b.Run(fmt.Sprintf("max=%s/impl=%s", size.name, m.name), func(b *testing.B) {
				if m.slowFill && size.max > 32768 {
					b.Skip("a pid costs microseconds here: seconds for all")
				}
				benchFill(b, m, takeCensus(size.max, 0))
			})
		}
	}
}

func benchFill(b *testing.B, m maker, c *census) {
	s, err := m.make(c)
	if err != nil {
		b.Fatal(err)
	}
	pids, order := make([]int32, c.max-1), c.mixed()
	fill(s, pids)
	if err := distinct(c.max, pids...); err != nil && !m.harness {
		b.Fatal(err)
	}
	drain(s, order)
	filling := time.Duration(0)
	for b.Loop() {
		start := time.Now()
		fill(s, pids)
		filling += time.Since(start)
		drain(s, order)
	}
	if slices.Contains(pids, 0) && !m.harness {
		b.Fatal("an empty map was full before its time")
	}
	pairs := float64(b.N) * float64(len(pids))
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/pairs, "ns/pair")
	b.ReportMetric(float64(filling.Nanoseconds())/pairs, "fill-ns/pid")
	b.ReportMetric(float64((b.Elapsed()-filling).Nanoseconds())/pairs, "drain-ns/pid")
}

func fill(s side, pids []int32) {
	for i := range pids {
		pids[i] = s.alloc()
	}
}

func drain(s side, order []int32) {
	for _, pid := range order {
		s.release(pid)
	}
}
