package bench

import (
	"math/rand/v2"
	"testing"
	"time"

	"example.com/pidmap/alloc"
	"example.com/pidmap/alloc/backends"
)

// BenchmarkFill hands out every pid of an empty map and takes all back in a
// random order, over every allocator.
func BenchmarkFill(b *testing.B) {
	for _, size := range limits.values() {
		for _, a := range inTurn(backends.Allocators()) {
			b.Run(named("allocator", a.Name, "max", size), func(b *testing.B) {
				m, err := a.New(alloc.Limits{Max: maxima[size], Reserved: 1})
				if err != nil {
					b.Fatal(err)
				}
				benchFill(b, m)
			})
		}
	}
}

func benchFill(b *testing.B, m alloc.Allocator) {
	pids := make([]alloc.PID, m.Limits().Max-1)
	filling := time.Duration(0)
	for b.Loop() {
		start := time.Now()
		if err := fillUp(m, pids); err != nil {
			b.Fatal(err)
		}
		filling += time.Since(start)
		b.StopTimer()
		if err := distinct(m, pids); err != nil {
			b.Fatal(err)
		}
		rng := rand.New(rand.NewPCG(5, 5))
		rng.Shuffle(len(pids), func(i, j int) { pids[i], pids[j] = pids[j], pids[i] })
		b.StartTimer()
		if err := drain(m, pids); err != nil {
			b.Fatal(err)
		}
	}
	if _, ok := m.Next(0); ok || m.Len() != 0 {
		b.Fatalf("%d pids are in use after all were freed", m.Len())
	}
	pairs := float64(b.N) * float64(len(pids))
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/pairs, "ns/pair")
	b.ReportMetric(float64(filling.Nanoseconds())/pairs, "fill-ns/pid")
	b.ReportMetric(float64((b.Elapsed()-filling).Nanoseconds())/pairs, "drain-ns/pid")
}

func fillUp(m alloc.Allocator, pids []alloc.PID) (err error) {
	for i := range pids {
		if pids[i], err = m.Alloc(); err != nil {
			return err
		}
	}
	return nil
}

func drain(m alloc.Allocator, pids []alloc.PID) error {
	for _, pid := range pids {
		if err := m.Free(pid); err != nil {
			return err
		}
	}
	return nil
}
