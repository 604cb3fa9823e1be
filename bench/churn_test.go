package bench

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"example.com/pidmap/alloc"
	"example.com/pidmap/alloc/backends"
)

// fill is how many pids of a map are in use.
type fill struct {
	name string
	held func(pids int) int
}

// limits are the values of max.
var limits = []struct {
	name string
	n    int
}{{"32k", 32768}, {"1M", 1 << 20}}

var fills = []fill{
	{"50", func(n int) int { return n / 2 }},
	{"99", func(n int) int { return n - n/100 }},
	{"99.99", func(n int) int { return n - max(n/10_000, 1) }},
	{"onefree", func(n int) int { return n - 1 }},
}

// BenchmarkChurn releases a random pid and allocates one, over every backend
// behind the same Pidmap.
func BenchmarkChurn(b *testing.B) {
	for _, size := range limits {
		for _, fill := range fills {
			for _, backend := range backends.All() {
				b.Run(named("backend", backend.Name, "max", size.name, "fill", fill.name), func(b *testing.B) {
					l := alloc.Limits{Max: alloc.PID(size.n), Reserved: 1}
					h, err := newHeld(backend.New, l, fill.held(size.n-1))
					if err != nil {
						b.Fatal(err)
					}
					for b.Loop() {
						if err := h.replace(); err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/pair")
					if err := h.check(); err != nil {
						b.Fatal(err)
					}
				})
			}
		}
	}
}

// held is a map and the pids taken from it.
type held struct {
	m    *alloc.Pidmap
	pids []alloc.PID
	rng  *rand.Rand
}

// newHeld fills a map, frees all but n random pids, and churns a while.
func newHeld(f alloc.Factory, limits alloc.Limits, n int) (*held, error) {
	m, err := alloc.New(limits, f)
	if err != nil {
		return nil, err
	}
	h := &held{m: m, rng: rand.New(rand.NewPCG(2, uint64(n)))}
	for {
		pid, err := m.Alloc()
		if err == alloc.ErrFull {
			break
		}
		if err != nil {
			return nil, err
		}
		h.pids = append(h.pids, pid)
	}
	if len(h.pids) != int(limits.Max)-1 {
		return nil, fmt.Errorf("full at %d pids of %d", len(h.pids), limits.Max-1)
	}
	h.rng.Shuffle(len(h.pids), func(i, j int) { h.pids[i], h.pids[j] = h.pids[j], h.pids[i] })
	for _, pid := range h.pids[n:] {
		if err := m.Free(pid); err != nil {
			return nil, err
		}
	}
	h.pids = h.pids[:n]
	for range 50_000 {
		if err := h.replace(); err != nil {
			return nil, err
		}
	}
	return h, h.check()
}

// replace frees a random pid and allocates one.
func (h *held) replace() error {
	i := h.rng.IntN(len(h.pids))
	if err := h.m.Free(h.pids[i]); err != nil {
		return err
	}
	pid, err := h.m.Alloc()
	h.pids[i] = pid
	return err
}

// check tells whether the pids held are distinct, and those of the map.
func (h *held) check() error {
	seen := make([]bool, h.m.Limits().Max)
	for _, pid := range h.pids {
		if seen[pid] {
			return fmt.Errorf("pid %d is held twice", pid)
		}
		seen[pid] = true
	}
	if h.m.Len() != len(h.pids) {
		return fmt.Errorf("the map counts %d pids, %d are held", h.m.Len(), len(h.pids))
	}
	return nil
}
