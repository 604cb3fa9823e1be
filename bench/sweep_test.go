package bench

import (
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"

	"example.com/pidmap/pidns"
)

// hashLimit is how many tasks are put into Linux 2.6.22's hash by default: at
// 1M its chains are 256 long, and making the population alone takes minutes.
const hashLimit = 100_000

// BenchmarkSweep marks every task of a namespace once: an atomic OR into its
// pending signals, whichever way the sweep finds it.
func BenchmarkSweep(b *testing.B) {
	product(func(c cell) {
		b.Run(c.name(), func(b *testing.B) {
			sweep := pidns.Sweep(c.first(sweeps, ""))
			p := settleOrSkip(b, c, listsFor(sweep))
			benchSweep(b, p, sweep, c.get(caches, "warm") == "cold")
		})
	}, registries, sizes, orders, densities, threads, churns, caches, strides, depths, strangers, sweeps)
}

// listsFor gives the lists that a population keeps up for a sweep. Walk, batch,
// list and array share one population, so that they run on the same tasks in
// the same places.
func listsFor(s pidns.Sweep) string {
	switch s {
	case pidns.Leaders, pidns.Global:
		return string(s)
	default:
		return string(pidns.List) + "+" + string(pidns.Array)
	}
}

// settleOrSkip gives the population of a cell, or says why it is left out.
func settleOrSkip(b *testing.B, c cell, lists string) *population {
	b.Helper()
	w, err := takeCensus(c, lists)
	if err != nil {
		b.Fatal(err)
	}
	if why := w.asked(); why != "" {
		b.Skip(why)
	}
	p, err := settle(w)
	if err != nil {
		b.Fatal(err)
	}
	return p
}

func benchSweep(b *testing.B, p *population, sweep pidns.Sweep, cold bool) {
	want := p.tasks()
	if sweep == pidns.Leaders {
		want = len(p.processes)
	}
	if err := p.checkSweep(sweep, want); err != nil {
		b.Fatal(err)
	}
	visited := 0
	var longest time.Duration
	for b.Loop() {
		if cold {
			b.StopTimer()
			displaceCaches()
			b.StartTimer()
		}
		start := time.Now()
		n, err := p.ns.Mark(sweep, syscall.SIGURG)
		longest = max(longest, time.Since(start))
		if err != nil {
			b.Fatal(err)
		}
		visited += n
	}
	if visited != b.N*want {
		b.Fatalf("%d sweeps visited %d tasks, want %d", b.N, visited, b.N*want)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(visited), "ns/pid")
	b.ReportMetric(float64(visited/b.N), "visited")
	b.ReportMetric(float64(p.tasks()), "tasks")
	b.ReportMetric(p.used(), "%used")
	b.ReportMetric(float64(longest.Nanoseconds()), "max-hold-ns")
}

// ballast is more than a core's own caches hold.
var ballast []byte

// displaceCaches writes to every line of the ballast.
func displaceCaches() {
	if ballast == nil {
		ballast = make([]byte, 64<<20)
	}
	for i := 0; i < len(ballast); i += 64 {
		ballast[i]++
	}
}

// checkSweep tells whether a sweep marks each task of the population once and
// nobody else: as many marks as tasks (for leaders, processes), each of them
// marked, the reaper spared. The signal is one that does nothing by default, and
// is delivered afterwards, so that every sweep finds the tasks unmarked.
func (p *population) checkSweep(sweep pidns.Sweep, want int) error {
	n, err := p.ns.Mark(sweep, syscall.SIGURG)
	if err != nil {
		return err
	}
	if n != want {
		return fmt.Errorf("sweep %s made %d marks, want %d", sweep, n, want)
	}
	if p.reaper.Pending() != nil {
		return fmt.Errorf("sweep %s marked the reaper", sweep)
	}
	for i, t := range p.processes {
		if !slices.Contains(t.Pending(), syscall.SIGURG) {
			return fmt.Errorf("sweep %s missed process %d of the population, pid %d", sweep, i, t.PID())
		}
	}
	if p.threads > 1 && sweep != pidns.Leaders {
		for pid, t := range p.ns.Tasks() {
			if t != p.reaper && !slices.Contains(t.Pending(), syscall.SIGURG) {
				return fmt.Errorf("sweep %s missed pid %d", sweep, pid)
			}
		}
	}
	p.ns.Deliver()
	for pid, t := range p.ns.Tasks() {
		if t.Pending() != nil {
			return fmt.Errorf("the mark on pid %d was not delivered", pid)
		}
	}
	return nil
}
