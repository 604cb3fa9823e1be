package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
	"unsafe"

	"example.com/pidmap/alloc"
	"example.com/pidmap/pidns"
)

var (
	spaces  = axis{"namespaces", []string{"1", "1k"}, []string{"1", "1k", "10k"}}
	tenants = axis{"n", []string{"100", "100k"}, []string{"100", "100k", "1M"}}
)

// mostTenants is how many tasks a host has at the most, all namespaces together.
const mostTenants = 1_000_000

// BenchmarkHost is the life of a host with so many namespaces of n tasks each,
// beside each other below the root: all are made (fill-ns/pid, a task), churned
// (ns/pair; -churn times n random exits and forks each) and measured in memory
// (B/task and B/namespace, everything included); then every other namespace is
// zapped, from the first on, and the rest by a zap of the root (ns/pid, a task
// ended). Who has a number anywhere afterwards, reapers that are spared excepted,
// is left.
func BenchmarkHost(b *testing.B) {
	product(func(c cell) {
		b.Run(c.name(), func(b *testing.B) {
			t, err := takeTenancy(c)
			if err != nil {
				b.Fatal(err)
			}
			if why := t.asked(); why != "" {
				b.Skip(why)
			}
			settled = nil
			sum := tenancy{}
			for b.Loop() {
				if err := t.live(); err != nil {
					b.Fatal(err)
				}
				sum.made, sum.churned, sum.zapped = sum.made+t.made, sum.churned+t.churned, sum.zapped+t.zapped
			}
			tasks := float64(t.spaces * t.each)
			per := func(d time.Duration, n float64) float64 { return float64(d.Nanoseconds()) / n / float64(b.N) }
			b.ReportMetric(per(sum.made, tasks), "fill-ns/pid")
			b.ReportMetric(per(sum.churned, tasks*float64(*churn)), "ns/pair")
			b.ReportMetric(per(sum.zapped, tasks), "ns/pid")
			b.ReportMetric(float64(t.bytes)/tasks, "B/task")
			b.ReportMetric(float64(t.bytes)/float64(t.spaces), "B/namespace")
			b.ReportMetric(float64(t.left), "left")
		})
	}, registries, spaces, tenants)
}

// tenancy is what BenchmarkHost makes, and what it finds.
type tenancy struct {
	registry     string
	spaces, each int // tasks in each beside its reaper

	root   *pidns.Namespace
	inside []*pidns.Namespace
	tasks  [][]pidns.Task // by namespace

	made, churned, zapped time.Duration
	bytes                 int64
	left                  int
}

func takeTenancy(c cell) (*tenancy, error) {
	t := &tenancy{registry: c.first(registries, pidns.TreeTable)}
	var err error
	if t.spaces, err = number(c.get(spaces, "1")); err != nil {
		return nil, err
	}
	t.each, err = number(c.get(tenants, "100"))
	return t, err
}

func (t *tenancy) asked() string {
	n := t.spaces * t.each
	if n > mostTenants {
		return fmt.Sprintf("%d tasks on a host, of at most %d", n, mostTenants)
	}
	return census{registry: t.registry, n: n, density: 25}.asked()
}

// live is one life of the host.
func (t *tenancy) live() error {
	t.root, t.inside, t.tasks = nil, nil, nil
	before := heap()
	for _, step := range []struct {
		took *time.Duration
		do   func() error
	}{{&t.made, t.fill}, {&t.churned, t.churn}} {
		began := time.Now()
		if err := step.do(); err != nil {
			return err
		}
		*step.took = time.Since(began)
	}
	handles := int64(t.spaces) * int64(cap(t.tasks[0])) * int64(unsafe.Sizeof(pidns.Task{})) // the benchmark's own
	t.bytes = heap() - before - handles
	if got, want := t.root.Len(), 1+t.spaces*(1+t.each); got != want {
		return fmt.Errorf("%d tasks on the host, want %d", got, want)
	}
	began := time.Now()
	err := t.zap()
	t.zapped = time.Since(began)
	t.left = t.root.Len() - 1
	for _, ns := range t.inside {
		t.left += ns.Len()
	}
	if err == nil && t.left != 0 {
		err = fmt.Errorf("%d are left", t.left)
	}
	return err
}

func (t *tenancy) fill() error {
	w := census{density: 25}
	root, err := pidns.New(pidns.Config{Registry: t.registry, Limits: w.limits(t.spaces*(1+t.each), 1)})
	if err != nil {
		return err
	}
	t.root = root
	for range t.spaces {
		reaper, err := root.Reaper().ForkNamespace(pidns.Config{Registry: t.registry, Limits: w.limits(t.each, 1)})
		if err != nil {
			return err
		}
		tasks := make([]pidns.Task, t.each)
		for i := range tasks {
			if tasks[i], err = reaper.Fork(); err != nil {
				return err
			}
		}
		t.inside = append(t.inside, reaper.Namespace())
		t.tasks = append(t.tasks, tasks)
	}
	return nil
}

// churn goes from namespace to namespace at random.
func (t *tenancy) churn() error {
	rng := rand.New(rand.NewPCG(1, uint64(t.spaces)))
	for range *churn * t.spaces * t.each {
		at := rng.IntN(t.spaces)
		reaper, i := t.inside[at].Reaper(), rng.IntN(t.each)
		if err := t.tasks[at][i].Exit(0); err != nil {
			return err
		}
		if _, _, err := reaper.Wait(context.Background()); err != nil {
			return err
		}
		task, err := reaper.Fork()
		if err != nil {
			return err
		}
		t.tasks[at][i] = task
	}
	return nil
}

// zap ends every other namespace by itself, which spares its reaper and nobody
// else, and the rest from the root.
func (t *tenancy) zap() error {
	for i := 0; i < t.spaces; i += 2 {
		if err := t.inside[i].Zap(context.Background(), pidns.Batch); err != nil {
			return err
		}
		if n := t.inside[i].Len(); n != 1 {
			return fmt.Errorf("%d are left in a namespace that was zapped, want its reaper", n)
		}
		if _, err := t.inside[i].Reaper().Fork(); !errors.Is(err, alloc.ErrTerminating) {
			return fmt.Errorf("a fork in a namespace that was zapped says %v", err)
		}
	}
	return t.root.Zap(context.Background(), pidns.Batch)
}
