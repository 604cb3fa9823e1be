package peers

import (
	"fmt"
	"testing"
	"time"
)

// side is a way to hand out pids. Its churn calls its own alloc and release
// directly, so that what the compiler inlines of a peer is inlined.
type side interface {
	alloc() int32 // 0 where it fails
	release(pid int32)
	churn(h *held)
}

// maker makes a side in the state of a census.
type maker struct {
	name string
	make func(c *census) (side, error)
	// nextfit says that it hands out the smallest free pid after the last, from
	// 1 again at the end: then it is held to the model's every pid.
	nextfit  bool
	harness  bool // it hands out nothing
	slowFill bool // in microseconds a pid
}

// BenchmarkChurn releases a random pid and allocates one.
func BenchmarkChurn(b *testing.B) {
	for _, size := range sizes {
		if size.left() {
			continue
		}
		for _, load := range loads {
			for _, m := range inTurn(makers) {
				b.Run(fmt.Sprintf("max=%s/fill=%s/impl=%s", size.name, load.name, m.name), func(b *testing.B) {
					benchChurn(b, m, takeCensus(size.max, load.held(size.max-1)))
				})
			}
		}
	}
}

func benchChurn(b *testing.B, m maker, c *census) {
	s, err := m.make(c)
	if err != nil {
		b.Fatal(err)
	}
	h := c.hold()
	if err := m.warm(s, c, h); err != nil {
		b.Fatal(err)
	}
	if *churned > 0 {
		h.pids = h.pids[:min(*churned, len(h.pids))]
	}
	for b.Loop() {
		s.churn(h)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(h.n), "ns/pair")
	if err := distinct(c.max, h.pids...); err != nil {
		b.Fatal(err)
	}
}

// warm runs a side, checks what it did, and leaves in h.n how many pairs take
// about a fifth of a millisecond: those that need one for a pair are not made
// to run thousands.
func (m maker) warm(s side, c *census, h *held) error {
	if *fixed > 0 {
		h.n = *fixed
		return nil
	}
	done := 0
	for h.n = 1; ; h.n *= 2 {
		start := time.Now()
		s.churn(h)
		done += h.n
		if time.Since(start) > 200*time.Microsecond || done+2*h.n > mostPairs {
			break
		}
	}
	if m.nextfit {
		return c.follows(h.pids, done)
	}
	for range min(c.lap, 1_000_000) / h.n {
		s.churn(h)
	}
	return distinct(c.max, h.pids...)
}
