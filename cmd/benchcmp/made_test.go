package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
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
			walk, list := 8.0, 8.0
			if c.registry == "paged+hash" {
				walk = 12
			}
			if c.order == "churned" {
				list = map[string]float64{"10k": 7.2, "30k": 8.0, "100k": 21, "1M": 96}[c.n]
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

// A madeCost is a benchmark and its cost in ns/pid.
type madeCost struct {
	name string
	ns   float64
}

// gateCosts are what a walk and a list cost in the runs that gate is tried on: the better side changes between 10k and 30k.
func gateCosts() []madeCost {
	var out []madeCost
	for _, c := range []struct {
		n          string
		walk, list float64
	}{{"10k", 8, 7.2}, {"30k", 8.1, 9}, {"100k", 8.2, 21}, {"1M", 9, 96}} {
		name := "Sweep/registry=tree+table/n=" + c.n + "/order=churned/density=25/threads=1/sweep="
		out = append(out, madeCost{name + "walk", c.walk}, madeCost{name + "list", c.list})
	}
	return out
}

// madeGate writes one side's run: noise of 2% that nothing shares.
func madeGate(seed uint64, label string, rounds int, costs []madeCost) string {
	rng := rand.New(rand.NewPCG(seed, 0))
	var b strings.Builder
	b.WriteString(madeHead + label + "\nUnit ns/pid better=lower\n")
	for range rounds {
		for _, c := range costs {
			writeMade(&b, c, rng)
		}
	}
	return b.String()
}

const madeHead = "goos: linux\ngoarch: amd64\npkg: example.com/made\ncpu: none, these numbers are made up by a test\n" +
	"toolchain: go1.26\nmachine: made up\n"

func writeMade(b *strings.Builder, c madeCost, rng *rand.Rand) {
	v := c.ns * (1 + 0.02*rng.Float64())
	fmt.Fprintf(b, "Benchmark%s-2\t100\t%.0f ns/op\t%.3f ns/pid\n", c.name, v*1000, v)
}

// madeTwice writes a run of two variants in turn, told apart by a line of that key; the second costs times as much.
func madeTwice(seed uint64, key string, values [2]string, rounds int, times float64) string {
	rng := rand.New(rand.NewPCG(seed, 0))
	var b strings.Builder
	b.WriteString(madeHead + "Unit ns/pid better=lower\n")
	for i := range rounds {
		costs := gateCosts()
		for c := 0; c < len(costs); c += 2 {
			for k := range values {
				v := (k + i) % 2
				fmt.Fprintf(&b, "%s: %s\n", key, values[v])
				for _, cost := range costs[c : c+2] {
					if v == 1 {
						cost.ns *= times
					}
					writeMade(&b, cost, rng)
				}
			}
		}
	}
	return b.String()
}

// madeNet writes a run of a harness, of a tree measured twice and of a bitset, whose noise is the rounds' but for 2%.
// At max=32k the bitset costs 1% more than the tree, which is less than noise, at 1M half as much again.
func madeNet(seed uint64, rounds int) string {
	rng := rand.New(rand.NewPCG(seed, 0))
	var b strings.Builder
	b.WriteString(madeHead + "commit: none\nUnit ns/pair better=lower\n")
	for i := range rounds {
		for _, max := range []string{"32k", "1M"} {
			noise := 1 + 0.1*rng.Float64()
			line := func(impl string, ns float64) {
				fmt.Fprintf(&b, "BenchmarkChurn/max=%s/impl=%s-2\t100\t%.3f ns/pair\n", max, impl, ns*noise*(1+0.02*rng.Float64()))
			}
			costs := []func(){func() { line("harness", 3) }, func() { line("tree", 15) }, func() { line("again", 15) },
				func() { line("bitset", map[string]float64{"32k": 15.12, "1M": 21}[max]) }}
			if i%2 == 1 {
				slices.Reverse(costs)
			}
			for _, cost := range costs {
				cost()
			}
		}
	}
	return b.String()
}
