package bench

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"strconv"
	"strings"

	"example.com/pidmap/alloc"
	"example.com/pidmap/pidns"
)

// census says what a population is made like.
type census struct {
	registry  string
	n         int     // tasks beside the reaper, threads counted
	order     string  // fresh, churned
	churn     int     // exits and forks a task, where churned
	density   float64 // percent of the numbers in use
	threads   int     // a process
	depth     int     // namespaces around a task, its own counted
	stride    int     // bytes from task to task in memory
	strangers int     // tasks on the host outside the namespace
	lists     string  // the sweeps whose lists are kept, joined by +
	again     bool    // made once more: never shared with what it is compared to
}

// takeCensus reads what a cell says of its population.
func takeCensus(c cell, lists string) (census, error) {
	w := census{registry: c.first(registries, pidns.TreeTable), order: c.get(orders, "churned"), lists: lists}
	w.again = w.registry != c.get(registries, pidns.TreeTable)
	var err error
	if w.n, err = number(c.get(sizes, "10k")); err != nil {
		return w, err
	}
	w.churn = *churn
	if times := c.get(churns, ""); times != "" {
		if w.churn, err = strconv.Atoi(times); err != nil {
			return w, err
		}
	}
	if w.density, err = strconv.ParseFloat(c.get(densities, "25"), 64); err != nil {
		return w, err
	}
	if w.threads, err = strconv.Atoi(c.get(threads, "1")); err != nil {
		return w, err
	}
	if w.depth, err = strconv.Atoi(c.get(depths, "1")); err != nil {
		return w, err
	}
	if w.stride, err = strconv.Atoi(c.get(strides, "0")); err != nil {
		return w, err
	}
	if w.strangers, err = number(c.get(strangers, "0")); err != nil {
		return w, err
	}
	w.strangers *= w.n // 1x, 10x
	return w, nil
}

// limits are those at which so many tasks have the density asked for, beside so
// many reapers. All numbers are used again: were the first 300 held back after a
// wrap, as by default, a small dense namespace would have too few.
func (w census) limits(tasks, reapers int) alloc.Limits {
	return alloc.Limits{Max: alloc.PID(math.Ceil(float64(tasks)*100/w.density)) + 1 + alloc.PID(reapers), Reserved: 1}
}

// limit is the Max of the namespace swept.
func (w census) limit() alloc.PID { return w.limits(w.n, 1).Max }

// used is the density that came of it, in percent of the namespace's numbers.
func (p *population) used() float64 { return 100 * float64(p.tasks()) / float64(p.limit()-1) }

// asked tells why a population cannot be had by default, or nothing.
func (w census) asked() string {
	if w.registry == pidns.PagedHash && w.n+w.strangers > hashLimit && !*large {
		return fmt.Sprintf("paged+hash with more than %d tasks takes minutes to make: -large", hashLimit)
	}
	if float64(w.n+w.strangers)*100/w.density > 1<<24 && !*large {
		return "more than 16M numbers: -large"
	}
	return ""
}

// population is a namespace with its reaper and n tasks beside it: processes of
// so many threads, all the reaper's children.
type population struct {
	census
	ns        *pidns.Namespace
	reaper    pidns.Task
	processes []pidns.Task // leaders, in no order once churned
	rng       *rand.Rand
}

// settled is the population made last: the sides of a comparison share it.
var settled *population

// settle gives a population made like w, the last one where it fits.
func settle(w census) (*population, error) {
	if settled == nil || settled.census != w {
		settled = nil // let go of the old one before the new one is made
		p, err := newPopulation(w)
		if err == nil {
			err = p.check()
		}
		if err != nil {
			return nil, err
		}
		settled = p
	}
	return settled, nil
}

// newPopulation makes one; with strangers, a child for every share of them, so
// that both lie among each other in memory and on the host's list.
func newPopulation(w census) (*population, error) {
	root, ns, err := w.namespaces()
	if err != nil {
		return nil, err
	}
	p := &population{census: w, ns: ns, reaper: ns.Reaper(), rng: rand.New(rand.NewPCG(1, uint64(w.n)))}
	share := w.strangers / max(w.n/w.threads, 1)
	for range w.n / w.threads {
		for range share {
			if _, err := root.Reaper().Fork(); err != nil {
				return nil, err
			}
		}
		t, err := p.fork()
		if err != nil {
			return nil, err
		}
		p.processes = append(p.processes, t)
	}
	if w.order == "churned" {
		for range w.churn * len(p.processes) {
			if err := p.replace(); err != nil {
				return nil, err
			}
		}
	}
	runtime.GC() // or it runs beside what is timed next
	return p, nil
}

// namespaces makes those around the population, outermost and innermost.
func (w census) namespaces() (root, inner *pidns.Namespace, err error) {
	depth := w.depth
	if w.strangers > 0 {
		depth = max(depth, 2)
	}
	cfg := pidns.Config{Registry: w.registry, Limits: w.limits(w.n+w.strangers, depth), Stride: w.stride}
	for _, list := range strings.FieldsFunc(w.lists, func(r rune) bool { return r == '+' }) {
		cfg.Lists = append(cfg.Lists, pidns.Sweep(list))
	}
	if root, err = pidns.New(cfg); err != nil {
		return nil, nil, err
	}
	cfg.Stride = 0
	inner = root
	for reapers := depth - 1; reapers > 0; reapers-- {
		cfg.Limits = w.limits(w.n, reapers)
		reaper, err := inner.Reaper().ForkNamespace(cfg)
		if err != nil {
			return nil, nil, err
		}
		inner = reaper.Namespace()
	}
	return root, inner, nil
}

// fork makes a process with its threads.
func (p *population) fork() (pidns.Task, error) {
	t, err := p.reaper.Fork()
	for range p.threads - 1 {
		if err == nil {
			_, err = t.Thread()
		}
	}
	return t, err
}

// replace is a pair: a random process exits and is reaped, and another is
// forked.
func (p *population) replace() error {
	i := p.rng.IntN(len(p.processes))
	if err := p.processes[i].ExitGroup(0); err != nil {
		return err
	}
	if _, _, err := p.reaper.Wait(context.Background()); err != nil {
		return err
	}
	t, err := p.fork()
	p.processes[i] = t
	return err
}

// tasks is how many there are beside the reaper.
func (p *population) tasks() int { return len(p.processes) * p.threads }

// check tells whether the namespace holds the population and nobody else.
func (p *population) check() error {
	if got, want := p.ns.Len(), p.tasks()+1; got != want {
		return fmt.Errorf("%d tasks in the namespace, want %d", got, want)
	}
	for i, t := range p.processes {
		if got, ok := p.ns.Task(t.PID()); !ok || got != t {
			return fmt.Errorf("process %d of the population is not found by its number %d", i, t.PID())
		}
	}
	return nil
}
