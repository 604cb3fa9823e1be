package bench

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"example.com/pidmap/alloc"
	"example.com/pidmap/alloc/backends"
)

// fill is how many pids of a map are in use.
type fill struct {
	name string
	held func(pids int) int
}

var (
	limits = axis{"max", []string{"32k", "1M"}, []string{"32k", "1M", "4M"}}
	maxima = map[string]alloc.PID{"32k": 32768, "1M": 1 << 20, "4M": 4 << 20}
)

var fills = []fill{
	{"50", func(n int) int { return n / 2 }},
	{"99", func(n int) int { return n - n/100 }},
	{"99.99", func(n int) int { return n - max(n/10_000, 1) }},
	{"onefree", func(n int) int { return n - 1 }},
}

// BenchmarkChurn releases a random pid and allocates one, over every backend
// behind the same Pidmap.
func BenchmarkChurn(b *testing.B) {
	for _, size := range limits.values() {
		for _, fill := range fills {
			for _, backend := range inTurn(backends.All()) {
				b.Run(named("backend", backend.Name, "max", size, "fill", fill.name), func(b *testing.B) {
					l := alloc.Limits{Max: maxima[size], Reserved: 1}
					h, err := newHeld(backend.New, l, fill.held(int(l.Max)-1))
					if err != nil {
						b.Fatal(err)
					}
					for b.Loop() {
						if err := h.replace(); err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/pair")
					if err := distinct(h.m, h.pids); err != nil {
						b.Fatal(err)
					}
				})
			}
		}
	}
}

// inTurn gives the sides of a comparison in the order asked for.
func inTurn[S any](sides []S) []S {
	if *reverse {
		slices.Reverse(sides)
	}
	return sides
}

// held is a map and the pids taken from it.
type held struct {
	m    *alloc.Pidmap
	pids []alloc.PID
	rng  *rand.Rand
}

// newHeld makes a map of which n random pids are in use, and churns a while.
func newHeld(f alloc.Factory, limits alloc.Limits, n int) (*held, error) {
	m, err := alloc.New(limits, f)
	if err != nil {
		return nil, err
	}
	h := &held{m: m, rng: rand.New(rand.NewPCG(2, uint64(n)))}
	if h.pids, err = occupy(m, n, h.rng); err != nil {
		return nil, err
	}
	for range 50_000 {
		if err := h.replace(); err != nil {
			return nil, err
		}
	}
	return h, distinct(m, h.pids)
}

// occupy fills an empty map and frees all but n random pids.
func occupy(m alloc.Allocator, n int, rng *rand.Rand) ([]alloc.PID, error) {
	pids := make([]alloc.PID, m.Limits().Max-1)
	if err := fillUp(m, pids); err != nil {
		return nil, err
	}
	if _, err := m.Alloc(); err != alloc.ErrFull {
		return nil, fmt.Errorf("with %d pids out of %d in use Alloc says %v, want %v", len(pids), len(pids), err, alloc.ErrFull)
	}
	rng.Shuffle(len(pids), func(i, j int) { pids[i], pids[j] = pids[j], pids[i] })
	return pids[:n], drain(m, pids[n:])
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
