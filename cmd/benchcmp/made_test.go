package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// madeRun writes a run that was never measured, for tests that need known costs: a walk slower by the hash, a list
// slower by churn from 100k on, machine noise that both sides of a round share and a little that they do not.
func madeRun(seed uint64, rounds int) string {
	rng := rand.New(rand.NewPCG(seed, 0))
	var b strings.Builder
	b.WriteString("goos: linux\ngoarch: amd64\npkg: example.com/made\ncpu: none, these numbers are made up by a test\n" +
		"toolchain: go1.26\nmachine: made up\ncommit: none\nrounds: " + fmt.Sprint(rounds) + "\n" +
		"cells: Sweep/registry=tree+table,paged+hash/n=10k,30k,100k,1M/order=fresh,churned/density=25/threads=1/sweep=walk,list " +
		"Upkeep/registry=tree+table/n=100k/lists=none,list\nUnit ns/pid better=lower\nUnit ns/pair better=lower\n")
	type cost struct{ registry, n, order string }
	var cells []cost
	for _, registry := range []string{"tree+table", "paged+hash"} {
		for _, n := range []string{"10k", "30k", "100k", "1M"} {
			for _, order := range []string{"fresh", "churned"} {
				cells = append(cells, cost{registry, n, order})
			}
		}
	}
	line := func(name string, value float64, unit string) {
		fmt.Fprintf(&b, "Benchmark%s-2\t100\t%.0f ns/op\t%.2f %s\n", name, value*1000, value, unit)
	}
	for range rounds {
		rng.Shuffle(len(cells), func(i, j int) { cells[i], cells[j] = cells[j], cells[i] })
		for _, c := range cells {
			walk, list := 8.0, 8.05
			if c.registry == "paged+hash" {
				walk = 12
			}
			if c.order == "churned" {
				list = map[string]float64{"10k": 7.2, "30k": 8.05, "100k": 21, "1M": 96}[c.n]
			}
			noise := 1 + 0.1*rng.Float64()
			for _, s := range []string{"walk", "list"} {
				v := map[string]float64{"walk": walk, "list": list}[s] * noise * (1 + 0.02*rng.Float64())
				line(fmt.Sprintf("Sweep/registry=%s/n=%s/order=%s/density=25/threads=1/sweep=%s", c.registry, c.n, c.order, s), v, "ns/pid")
			}
		}
		noise := 1 + 0.02*rng.Float64()
		line("Upkeep/registry=tree+table/n=100k/lists=none", 101*noise, "ns/pair")
		line("Upkeep/registry=tree+table/n=100k/lists=list", 109*noise*(1+0.01*rng.Float64()), "ns/pair")
	}
	b.WriteString("PASS\nok  \texample.com/made\t1.000s\n")
	return b.String()
}
