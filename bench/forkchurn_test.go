package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"example.com/pidmap/alloc"
	"example.com/pidmap/pidns"
)

// shares are how much of a namespace's numbers are in use, as fills of Churn.
var shares = axis{"fill", []string{"50", "99"}, []string{"50", "99", "99.99", "onefree"}}

// BenchmarkForkChurn lets a random task exit, reaps it and forks another, in a
// namespace of which a share of the numbers is in use: Upkeep by how full it is.
func BenchmarkForkChurn(b *testing.B) {
	product(func(c cell) {
		b.Run(c.name(), func(b *testing.B) {
			settled = nil
			p := crowded(b, c)
			for b.Loop() {
				if err := p.replace(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/pair")
			b.ReportMetric(float64(p.tasks()), "tasks")
			if err := p.check(); err != nil {
				b.Fatal(err)
			}
		})
	}, registries, limits, shares)
}

// crowded gives the population of a cell of ForkChurn, or says why it is left
// out.
func crowded(b *testing.B, c cell) *population {
	b.Helper()
	size := maxima[c.get(limits, "")]
	held := fills[slices.IndexFunc(fills, func(f fill) bool { return f.name == c.get(shares, "") })].held
	w := census{registry: c.first(registries, ""), n: held(int(size)-1) - 1, density: 100, threads: 1, depth: 1}
	if why := w.asked(); why != "" {
		b.Skip(why)
	}
	p, err := w.crowd(size)
	if err == nil {
		err = p.check()
	}
	if err != nil {
		b.Fatal(err)
	}
	return p
}

// settling is how many pairs a crowd has seen before it is measured, if it is as
// large: the free numbers lie anywhere before that.
const settling = 500_000

// crowd forks until there is no number left, ends all but n random tasks, and
// churns a while.
func (w census) crowd(limit alloc.PID) (*population, error) {
	root, err := pidns.New(pidns.Config{Registry: w.registry, Limits: alloc.Limits{Max: limit, Reserved: 1}})
	if err != nil {
		return nil, err
	}
	p := &population{census: w, ns: root, reaper: root.Reaper(), rng: rand.New(rand.NewPCG(1, uint64(w.n)))}
	for range limit - 2 {
		t, err := p.reaper.Fork()
		if err != nil {
			return nil, err
		}
		p.processes = append(p.processes, t)
	}
	if _, err := p.reaper.Fork(); !errors.Is(err, alloc.ErrFull) {
		return nil, fmt.Errorf("with every number in use Fork says %v, want %v", err, alloc.ErrFull)
	}
	p.rng.Shuffle(len(p.processes), func(i, j int) { p.processes[i], p.processes[j] = p.processes[j], p.processes[i] })
	for _, t := range p.processes[w.n:] {
		if err := t.Exit(0); err != nil {
			return nil, err
		}
		if _, _, err := p.reaper.Wait(context.Background()); err != nil {
			return nil, err
		}
	}
	p.processes = p.processes[:w.n]
	for range min(w.n, settling) {
		if err := p.replace(); err != nil {
			return nil, err
		}
	}
	runtime.GC() // or it runs beside what is timed next
	return p, nil
}

// BenchmarkLookup finds tasks by their numbers, in no order, in a namespace of n
// that has been churned.
func BenchmarkLookup(b *testing.B) {
	product(func(c cell) {
		b.Run(c.name(), func(b *testing.B) {
			p := settleOrSkip(b, c, "") // found by their numbers, all of them
			pids := make([]alloc.PID, len(p.processes))
			for i, t := range p.processes {
				pids[i] = t.PID()
			}
			p.rng.Shuffle(len(pids), func(i, j int) { pids[i], pids[j] = pids[j], pids[i] })
			i := 0
			for b.Loop() {
				if _, ok := p.ns.Task(pids[i]); !ok {
					b.Fatalf("pid %d is in use and not found", pids[i])
				}
				if i++; i == len(pids) {
					i = 0
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/lookup")
		})
	}, registries, sizes, churns)
}
