package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"example.com/pidmap/alloc"
)

var (
	crowds = axis{"n", []string{"32k", "1M"}, []string{"1k", "32k", "1M"}}
	deeds  = axis{"deed", []string{"pair", "newest", "random"}, []string{"pair", "newest", "random"}}
)

// BenchmarkForkExit puts a fork, exit and wait beside what its numbers alone
// cost: deed=pair frees a random pid of n and allocates one behind a mutex
// (alloc.Shared over the tree), deed=newest forks a task, ends it and reaps it,
// deed=random ends and reaps a random one of n and forks another.
func BenchmarkForkExit(b *testing.B) {
	sides := map[string]*population{}
	var of string
	product(func(c cell) {
		b.Run(c.name(), func(b *testing.B) {
			deed := c.get(deeds, "")
			if deed == "pair" {
				benchLockedPair(b, c)
				return
			}
			p := side(b, sides, &of, cell{append(append([]any{}, c.pairs[:len(c.pairs)-2]...), kept.key, "none")})
			act := p.replace
			if deed == "newest" {
				act = p.forkAndReap
			}
			for b.Loop() {
				if err := act(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/pair")
			if err := p.check(); err != nil {
				b.Fatal(err)
			}
		})
	}, registries, crowds, depths, deeds)
}

// forkAndReap is the shortest life.
func (p *population) forkAndReap() error {
	t, err := p.reaper.Fork()
	if err != nil {
		return err
	}
	if err := t.Exit(0); err != nil {
		return err
	}
	_, _, err = p.reaper.Wait(context.Background())
	return err
}

func benchLockedPair(b *testing.B, c cell) {
	w, err := takeCensus(c, "")
	if err != nil {
		b.Fatal(err)
	}
	m, err := alloc.NewShared(alloc.Limits{Max: w.limit()}, nil)
	if err != nil {
		b.Fatal(err)
	}
	pids := make([]alloc.PID, w.n)
	for i := range pids {
		if pids[i], err = m.Alloc(); err != nil {
			b.Fatal(err)
		}
	}
	rng := rand.New(rand.NewPCG(1, uint64(w.n)))
	pair := func() error {
		i := rng.IntN(len(pids))
		if err := m.Free(pids[i]); err != nil {
			return err
		}
		pid, err := m.Alloc()
		pids[i] = pid
		return err
	}
	for range *churn * w.n {
		if err := pair(); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if err := pair(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/pair")
	if err := distinct(m, pids); err != nil {
		b.Fatal(err)
	}
}

// distinct tells whether pids are those in use, none twice.
func distinct(m alloc.Allocator, pids []alloc.PID) error {
	seen := make([]bool, m.Limits().Max)
	for _, pid := range pids {
		if seen[pid] {
			return fmt.Errorf("pid %d is held twice", pid)
		}
		seen[pid] = true
	}
	n := 0
	for pid, ok := m.Next(0); ok; pid, ok = m.Next(pid) {
		if !seen[pid] {
			return fmt.Errorf("pid %d is in use and nobody holds it", pid)
		}
		n++
	}
	if n != len(pids) {
		return fmt.Errorf("%d pids are in use, %d are held", n, len(pids))
	}
	return nil
}
