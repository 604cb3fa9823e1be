package bench

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"example.com/pidmap/pidns"
)

// made are populations small enough for every run: each registry with one axis
// off its usual value at a time.
func made(registry string) map[string]census {
	usual := census{registry: registry, n: 400, order: "churned", churn: 2, density: 25, threads: 1, depth: 1, stride: 96}
	all := map[string]census{}
	with := func(name string, change func(w *census)) {
		w := usual
		change(&w)
		all[name] = w
	}
	for _, order := range orders.all {
		for _, density := range []float64{100, 25, 9, 1, 0.0025} {
			with(named("order", order, "density", density), func(w *census) {
				w.order, w.density = order, density
				if density < 1 {
					w.n = 100
				}
			})
		}
	}
	for _, threads := range []int{1, 4, 16} {
		with(named("threads", threads), func(w *census) { w.threads = threads })
		with(named("threads", threads, "density", 100), func(w *census) { w.threads, w.density = threads, 100 })
	}
	for _, depth := range []int{4, 32} {
		with(named("depth", depth), func(w *census) { w.depth = depth })
		with(named("depth", depth, "density", 100), func(w *census) { w.depth, w.density = depth, 100 })
	}
	for _, stride := range []int{256, 1024} {
		with(named("stride", stride), func(w *census) { w.stride = stride })
	}
	for _, times := range []int{1, 10} {
		with(named("strangers", times), func(w *census) { w.strangers = times * w.n })
		with(named("strangers", times, "density", 100), func(w *census) { w.strangers, w.density = times*w.n, 100 })
	}
	return all
}

// Every registry has every kind of population, of the density that its name
// says, and every sweep is right on it.
func TestPopulations(t *testing.T) {
	for _, registry := range registries.all {
		if strings.HasSuffix(registry, again) {
			continue
		}
		for name, w := range made(registry) {
			for _, lists := range []string{listsFor(pidns.Walk), string(pidns.Leaders), string(pidns.Global)} {
				w.lists = lists
				p, err := newPopulation(w)
				if err == nil {
					err = p.check()
				}
				if err != nil {
					t.Errorf("registry=%s/%s: %v", registry, name, err)
					continue
				}
				if got := p.used(); math.Abs(got-w.density) > w.density/100 {
					t.Errorf("registry=%s/%s: density %g", registry, name, got)
				}
				for _, side := range sweeps.all {
					sweep := pidns.Sweep(cell{[]any{sweeps.key, side}}.first(sweeps, ""))
					want := p.tasks()
					if sweep == pidns.Leaders {
						want = len(p.processes)
					}
					if listsFor(sweep) != lists {
						continue
					}
					if err := p.checkSweep(sweep, want); err != nil {
						t.Errorf("registry=%s/%s: %v", registry, name, err)
					}
				}
			}
		}
	}
}

// As forked, tasks lie in memory in the order of their numbers; after churn in
// none, as on a machine that has been up for a while.
func TestPlacesInMemory(t *testing.T) {
	for order, want := range map[string]float64{"fresh": 1, "churned": 0} {
		for _, registry := range []string{pidns.TreeTable, pidns.TreeHash, pidns.PagedHash, pidns.IDR, pidns.Table} {
			w := census{registry: registry, n: 10_000, order: order, churn: 3, density: 25, threads: 1, depth: 1, stride: 96}
			p, err := newPopulation(w)
			if err != nil {
				t.Fatal(err)
			}
			var slots []float64
			for _, task := range p.ns.Tasks() {
				slots = append(slots, float64(reflect.ValueOf(task).FieldByName("slot").Uint()))
			}
			if got := rankCorrelation(slots); math.Abs(got-want) > 0.1 {
				t.Errorf("order=%s, registry=%s: rank correlation %.3f of number and place, want %g", order, registry, got, want)
			}
		}
	}
}

// rankCorrelation is Spearman's, of values and their places: 1 where they ascend,
// 0 where they are in no order, -1 where they descend.
func rankCorrelation(values []float64) float64 {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	sum := 0.0
	for i, v := range values {
		rank, _ := slices.BinarySearch(sorted, v)
		sum += float64((rank - i) * (rank - i))
	}
	n := float64(len(values))
	return 1 - 6*sum/(n*(n*n-1))
}

func TestRankCorrelation(t *testing.T) {
	n := 1000
	up, down, none := make([]float64, n), make([]float64, n), make([]float64, n)
	for i, at := range rand.New(rand.NewPCG(1, 1)).Perm(n) {
		up[i], down[i], none[i] = float64(i), float64(-i), float64(at)
	}
	for want, values := range map[float64][]float64{1: up, -1: down, 0: none} {
		if got := rankCorrelation(values); math.Abs(got-want) > 0.1 {
			t.Errorf("got %.3f, want %g", got, want)
		}
	}
}

// A population whose walks or making would take minutes is not made unasked.
func TestBounds(t *testing.T) {
	for _, c := range []struct {
		w    census
		made bool
	}{
		{census{registry: pidns.PagedHash, n: hashLimit, density: 25}, true},
		{census{registry: pidns.PagedHash, n: hashLimit + 1, density: 25}, false},
		{census{registry: pidns.PagedHash, n: hashLimit / 2, strangers: hashLimit, density: 25}, false},
		{census{registry: pidns.TreeTable, n: 4_000_000, density: 25}, true},
		{census{registry: pidns.TreeTable, n: 4_000_000, density: 1}, false},
	} {
		if why := c.w.asked(); (why == "") != (c.made || *large) {
			t.Errorf("%+v: %q", c.w, why)
		}
	}
}

// A crowd is as full as it says, whatever the registry.
func TestCrowds(t *testing.T) {
	for _, registry := range []string{pidns.TreeTable, pidns.TreeHash, pidns.PagedHash, pidns.IDR, pidns.Table} {
		for _, fill := range fills {
			const limit = 2048
			w := census{registry: registry, n: fill.held(limit-1) - 1, threads: 1, depth: 1}
			p, err := w.crowd(limit)
			if err == nil {
				err = p.check()
			}
			if err != nil || p.ns.Len() != fill.held(limit-1) {
				t.Errorf("registry=%s, fill=%s: %v", registry, fill.name, err)
			}
		}
	}
}
