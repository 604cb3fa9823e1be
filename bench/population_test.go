package bench

import (
	"context"
	"fmt"
	"math/rand/v2"

	"example.com/pidmap/alloc"
	"example.com/pidmap/pidns"
)

// census says what a population is made like.
type census struct {
	registry string
	n        int
	order    string // fresh, churned
	density  int    // percent
	lists    string // sweeps whose lists are kept, joined by +; "" for none
}

// population is a namespace with its reaper and n tasks beside it, all the
// reaper's children.
type population struct {
	census
	ns    *pidns.Namespace
	tasks []pidns.Task // in no order once churned
	rng   *rand.Rand
}

// settled is the population made last: the sides of a comparison share it.
var settled *population

// settle gives a population made like c, the last one where it fits.
func settle(c census) (*population, error) {
	if settled == nil || settled.census != c {
		settled = nil // let go of the old one before the new one is made
		p, err := newPopulation(c)
		if err != nil {
			return nil, err
		}
		settled = p
	}
	return settled, nil
}

func newPopulation(c census) (*population, error) {
	cfg := pidns.Config{Registry: c.registry, Limits: alloc.Limits{Max: alloc.PID(c.n*100/c.density + 2)}}
	if c.lists != "" {
		cfg.Lists = []pidns.Sweep{pidns.Sweep(c.lists)}
	}
	ns, err := pidns.New(cfg)
	if err != nil {
		return nil, err
	}
	p := &population{census: c, ns: ns, rng: rand.New(rand.NewPCG(1, uint64(c.n)))}
	for range c.n {
		t, err := ns.Reaper().Fork()
		if err != nil {
			return nil, err
		}
		p.tasks = append(p.tasks, t)
	}
	if c.order == "churned" {
		for range *churn * c.n {
			if err := p.replace(); err != nil {
				return nil, err
			}
		}
	}
	return p, nil
}

// replace is a pair: a random task exits and is reaped, and another is forked.
func (p *population) replace() error {
	i := p.rng.IntN(len(p.tasks))
	if err := p.tasks[i].Exit(0); err != nil {
		return err
	}
	reaper := p.ns.Reaper()
	if _, _, err := reaper.Wait(context.Background()); err != nil {
		return err
	}
	t, err := reaper.Fork()
	p.tasks[i] = t
	return err
}

// check tells whether the namespace holds the population and nobody else.
func (p *population) check() error {
	if got, want := p.ns.Len(), len(p.tasks)+1; got != want {
		return fmt.Errorf("%d tasks in the namespace, want %d", got, want)
	}
	for i, t := range p.tasks {
		if got, ok := p.ns.Task(t.PID()); !ok || got != t {
			return fmt.Errorf("task %d of the population is not found by its number %d", i, t.PID())
		}
	}
	return nil
}
