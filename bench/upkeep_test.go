package bench

import (
	"context"
	"syscall"
	"testing"

	"example.com/pidmap/pidns"
)

// BenchmarkUpkeep lets a random child of the reaper exit, reaps it and forks
// another: what a list costs over a life, whether or not it is ever swept.
func BenchmarkUpkeep(b *testing.B) {
	sides := map[string]*population{} // of one comparison: all live, so that they lie in memory alike
	var of string
	product(func(c cell) {
		b.Run(c.name(), func(b *testing.B) {
			p := side(b, sides, &of, c)
			for b.Loop() {
				if err := p.replace(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/pair")
			if err := p.check(); err != nil {
				b.Fatal(err)
			}
		})
	}, registries, sizes, depths, kept)
}

// BenchmarkLife is one task's life among n others: forked, found by its number,
// sent a signal that it ignores, exited, reaped, while the others stay.
func BenchmarkLife(b *testing.B) {
	sides := map[string]*population{}
	var of string
	product(func(c cell) {
		b.Run(c.name(), func(b *testing.B) {
			p := side(b, sides, &of, c)
			for b.Loop() {
				if err := p.live(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/life")
			if err := p.check(); err != nil {
				b.Fatal(err)
			}
		})
	}, registries, sizes, depths, kept)
}

// side gives the population of one side of a comparison, and lets go of those
// of the comparison before.
func side(b *testing.B, sides map[string]*population, of *string, c cell) *population {
	b.Helper()
	settled = nil
	comparison := cell{c.pairs[:len(c.pairs)-2]}.name()
	if comparison != *of {
		clear(sides)
		*of = comparison
	}
	lists := c.get(kept, "none")
	if p := sides[lists]; p != nil {
		return p
	}
	keep := c.first(kept, "none")
	if keep == "none" {
		keep = ""
	}
	w, err := takeCensus(c, keep)
	if err != nil {
		b.Fatal(err)
	}
	if why := w.asked(); why != "" {
		b.Skip(why)
	}
	p, err := newPopulation(w)
	if err == nil {
		err = p.check()
	}
	if err != nil {
		b.Fatal(err)
	}
	sides[lists] = p
	return p
}

// live is a life.
func (p *population) live() error {
	t, err := p.reaper.Fork()
	if err != nil {
		return err
	}
	pid := t.PID()
	if found, ok := p.ns.Task(pid); !ok || found != t {
		return pidns.ErrNoTask
	}
	if err := p.reaper.Kill(pid, syscall.SIGURG); err != nil {
		return err
	}
	if err := t.Exit(0); err != nil {
		return err
	}
	_, _, err = p.reaper.Wait(context.Background())
	return err
}
