package bench

import (
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"

	"example.com/pidmap/pidns"
)

// hashLimit is how many tasks the walk over Linux 2.6.22's hash is asked to
// visit by default: at 1M its chains are 256 long, and making the population
// alone takes minutes.
const hashLimit = 100_000

// BenchmarkSweep marks every task of a namespace once: an atomic OR into its
// pending signals, whichever way the sweep finds it.
func BenchmarkSweep(b *testing.B) {
	const density, threads = 25, 1
	for _, registry := range []string{pidns.TreeTable, pidns.PagedHash, pidns.TreeHash} {
		for _, size := range sizes {
			if registry == pidns.PagedHash && size.n > hashLimit && !*large {
				continue
			}
			for _, order := range []string{"fresh", "churned"} {
				for _, sweep := range inTurn(pidns.Walk, pidns.List) {
					b.Run(named("registry", registry, "n", size.name, "order", order,
						"density", density, "threads", threads, "sweep", sweep), func(b *testing.B) {
						p, err := settle(census{registry, size.n, order, density, string(pidns.List)})
						if err != nil {
							b.Fatal(err)
						}
						benchSweep(b, p, sweep)
					})
				}
			}
		}
	}
}

func benchSweep(b *testing.B, p *population, sweep pidns.Sweep) {
	if err := p.checkSweep(sweep); err != nil {
		b.Fatal(err)
	}
	visited := 0
	var longest time.Duration
	for b.Loop() {
		start := time.Now()
		n, err := p.ns.Mark(sweep, syscall.SIGURG)
		longest = max(longest, time.Since(start))
		if err != nil {
			b.Fatal(err)
		}
		visited += n
	}
	if visited != b.N*len(p.tasks) {
		b.Fatalf("%d sweeps visited %d tasks, want %d", b.N, visited, b.N*len(p.tasks))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(visited), "ns/pid")
	b.ReportMetric(float64(visited/b.N), "visited")
	b.ReportMetric(float64(len(p.tasks)), "tasks")
	b.ReportMetric(float64(longest.Nanoseconds()), "max-hold-ns")
}

// checkSweep tells whether a sweep marks each task of the population once and
// nobody else: as many marks as tasks, none without, the reaper spared. The
// signal is one that does nothing by default, and is delivered afterwards, so
// that every sweep finds the tasks unmarked.
func (p *population) checkSweep(sweep pidns.Sweep) error {
	if err := p.check(); err != nil {
		return err
	}
	n, err := p.ns.Mark(sweep, syscall.SIGURG)
	if err != nil {
		return err
	}
	if n != len(p.tasks) {
		return fmt.Errorf("sweep %s marked %d tasks of %d", sweep, n, len(p.tasks))
	}
	for i, t := range p.tasks {
		if !slices.Contains(t.Pending(), syscall.SIGURG) {
			return fmt.Errorf("sweep %s missed task %d of the population, pid %d", sweep, i, t.PID())
		}
	}
	if len(p.ns.Reaper().Pending()) != 0 {
		return fmt.Errorf("sweep %s marked the reaper", sweep)
	}
	p.ns.Deliver()
	for i, t := range p.tasks {
		if t.Pending() != nil {
			return fmt.Errorf("the mark on task %d of the population, pid %d, was not delivered", i, t.PID())
		}
	}
	return nil
}
