package bench

import (
	"context"
	"fmt"
	"iter"
	"syscall"
	"testing"
	"time"

	"example.com/pidmap/pidns"
)

// BenchmarkZap ends a namespace: gate, sweep, and every task's exit. ns/pid is
// the whole, mark-ns/pid the sweep's part of it, measured by itself on the same
// population just before.
func BenchmarkZap(b *testing.B) {
	product(func(c cell) {
		b.Run(c.name(), func(b *testing.B) {
			sweep := pidns.Sweep(c.first(sweeps, ""))
			w, err := takeCensus(c, listsFor(sweep))
			if err != nil {
				b.Fatal(err)
			}
			if why := w.asked(); why != "" {
				b.Skip(why)
			}
			settled = nil
			var marking time.Duration
			ended := 0
			for b.Loop() {
				b.StopTimer()
				p, err := newPopulation(w)
				if err == nil {
					err = p.check()
				}
				if err != nil {
					b.Fatal(err)
				}
				start := time.Now()
				if _, err := p.ns.Mark(sweep, syscall.SIGURG); err != nil {
					b.Fatal(err)
				}
				marking += time.Since(start)
				p.ns.Deliver()
				b.StartTimer()
				if err := p.ns.Zap(context.Background(), sweep); err != nil {
					b.Fatal(err)
				}
				if p.ns.Len() != 1 {
					b.Fatalf("%d tasks left after the zap, want the reaper alone", p.ns.Len())
				}
				ended += p.tasks()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(ended), "ns/pid")
			b.ReportMetric(float64(marking.Nanoseconds())/float64(ended), "mark-ns/pid")
			b.ReportMetric(float64(ended/b.N), "visited")
		})
	}, registries, sizes, orders, densities, threads, churns, depths, sweeps)
}

// BenchmarkFreeze stops a namespace and lets it go on: ns/pid is Freeze,
// thaw-ns/pid is Thaw.
func BenchmarkFreeze(b *testing.B) {
	product(func(c cell) {
		b.Run(c.name(), func(b *testing.B) {
			sweep := pidns.Sweep(c.first(sweeps, ""))
			p := settleOrSkip(b, c, listsFor(sweep))
			want := p.tasks() + 1
			if sweep == pidns.Leaders {
				want = len(p.processes) + 1
			}
			stopped := 0
			var thawing time.Duration
			for b.Loop() {
				n, err := p.ns.Freeze(context.Background(), sweep)
				if err != nil {
					b.Fatal(err)
				}
				stopped += n
				b.StopTimer()
				start := time.Now()
				if err := p.ns.Thaw(); err != nil {
					b.Fatal(err)
				}
				thawing += time.Since(start)
				b.StartTimer()
			}
			if stopped != b.N*want {
				b.Fatalf("%d freezes stopped %d tasks, want %d", b.N, stopped, b.N*want)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(stopped), "ns/pid")
			b.ReportMetric(float64(thawing.Nanoseconds())/float64(stopped), "thaw-ns/pid")
			b.ReportMetric(float64(want), "visited")
		})
	}, registries, sizes, orders, densities, threads, sweeps)
}

// BenchmarkCheckpoint freezes a namespace, takes its snapshot and thaws it:
// ns/pid is all three, the sweep being Freeze's.
func BenchmarkCheckpoint(b *testing.B) {
	product(func(c cell) {
		b.Run(c.name(), func(b *testing.B) {
			sweep := pidns.Sweep(c.first(sweeps, ""))
			p := settleOrSkip(b, c, listsFor(sweep))
			if err := p.checkSnapshot(sweep); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := p.snapshot(sweep); err != nil {
					b.Fatal(err)
				}
			}
			tasks := p.tasks() + 1
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(tasks), "ns/pid")
			b.ReportMetric(float64(tasks), "visited")
		})
	}, registries, sizes, orders, densities, threads, sweeps)
}

func (p *population) snapshot(sweep pidns.Sweep) (*pidns.Snapshot, error) {
	if _, err := p.ns.Freeze(context.Background(), sweep); err != nil {
		return nil, err
	}
	snap, err := p.ns.Checkpoint()
	if err != nil {
		return nil, err
	}
	return snap, p.ns.Thaw()
}

// checkSnapshot makes the population again from its snapshot, and tells whether
// the same numbers are in use.
func (p *population) checkSnapshot(sweep pidns.Sweep) error {
	snap, err := p.snapshot(sweep)
	if err != nil {
		return err
	}
	again, err := pidns.Restore(pidns.Task{}, snap, nil)
	if err != nil {
		return err
	}
	next, stop := iter.Pull2(again.Tasks())
	defer stop()
	for pid := range p.ns.Tasks() {
		if got, _, ok := next(); !ok || got != pid {
			return fmt.Errorf("pid %d comes back from a snapshot as %d", pid, got)
		}
	}
	if pid, _, ok := next(); ok {
		return fmt.Errorf("pid %d is in the snapshot only", pid)
	}
	return nil
}
