package bench

import (
	"testing"

	"example.com/pidmap/pidns"
)

// BenchmarkUpkeep lets a random child of the reaper exit, reaps it and forks
// another: what a list costs over a life, whether or not it is ever swept.
func BenchmarkUpkeep(b *testing.B) {
	for _, registry := range []string{pidns.TreeTable, pidns.PagedHash, pidns.TreeHash} {
		for _, size := range sizes {
			if registry == pidns.PagedHash && size.n > hashLimit && !*large {
				continue
			}
			pair := map[string]*population{} // both sides live, so that they lie in memory alike
			for _, lists := range inTurn("none", string(pidns.List)) {
				b.Run(named("registry", registry, "n", size.name, "lists", lists), func(b *testing.B) {
					p := pair[lists]
					if p == nil {
						c := census{registry: registry, n: size.n, order: "churned", density: 25}
						if lists != "none" {
							c.lists = lists
						}
						var err error
						if p, err = newPopulation(c); err != nil {
							b.Fatal(err)
						}
						if err := p.check(); err != nil {
							b.Fatal(err)
						}
						pair[lists] = p
					}
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
			}
		}
	}
}
