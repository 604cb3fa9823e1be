package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// A size is a value of the key that holds the sizes: 10k is 10,000.
type size struct {
	text string
	n    float64
}

// parseSize reads 10000, 10k, 1.7M, 64Ki.
func parseSize(s string) (size, error) {
	n, ok := sizeOf(s)
	if !ok || n <= 0 {
		return size{}, fmt.Errorf("%q is not a size, as 10k or 1M", s)
	}
	return size{s, n}, nil
}

// sizeText writes a size with three digits.
func sizeText(n float64) string {
	if math.IsInf(n, 0) || math.IsNaN(n) {
		return "–"
	}
	for _, p := range []struct {
		name string
		of   float64
	}{{"G", 1e9}, {"M", 1e6}, {"k", 1e3}, {"", 1}} {
		if n >= 0.9995*p.of || p.of == 1 {
			return strconv.FormatFloat(n/p.of, 'g', 3, 64) + p.name
		}
	}
	return ""
}

// crossovers are all that a table says of where the better side changes.
type crossovers struct {
	table  *table
	over   string
	keys   []string // those of the labels
	groups []*sizeGroup
}

// A sizeGroup is the rows that differ in their size only, smallest first.
type sizeGroup struct {
	labels     []string // of the other keys
	sizes      []size
	rows       []*row
	stats      []*comparison
	winners    []int // the side that wins at each size, or −1
	crossovers []crossover
}

// A crossover is a change of the better side between two sizes.
type crossover struct {
	at        interval
	low, high string // the bracket
	from, to  int    // and its places in the group
}

// crossoversOf groups the rows of t by all keys but over and looks for crossovers in each.
func crossoversOf(t *table, over string) (*crossovers, error) {
	col := slices.Index(t.keys, plainKey(over))
	if col < 0 {
		return nil, fmt.Errorf("-over %s: the rows have %s", over, strings.Join(t.keys, ", "))
	}
	cs := &crossovers{table: t, over: over, keys: slices.Delete(slices.Clone(t.keys), col, col+1)}
	groups := map[string]*sizeGroup{}
	for i, r := range t.rows {
		n, err := parseSize(r.labels[col])
		if err != nil {
			return nil, fmt.Errorf("-over %s: %w", over, err)
		}
		labels := slices.Delete(slices.Clone(r.labels), col, col+1)
		id := strings.Join(labels, "\n")
		g := groups[id]
		if g == nil {
			g = &sizeGroup{labels: labels}
			groups[id] = g
			cs.groups = append(cs.groups, g)
		}
		g.insert(n, r, t.stats[i])
	}
	for _, g := range cs.groups {
		g.find(t.set)
	}
	return cs, nil
}

// insert keeps the group sorted.
func (g *sizeGroup) insert(n size, r *row, c *comparison) {
	i := len(g.sizes)
	for i > 0 && g.sizes[i-1].n > n.n {
		i--
	}
	g.sizes, g.rows, g.stats = slices.Insert(g.sizes, i, n), slices.Insert(g.rows, i, r), slices.Insert(g.stats, i, c)
	g.winners = slices.Insert(g.winners, i, c.winner())
}

// winner is the side that wins, or −1.
func (c *comparison) winner() int {
	switch c.verdict {
	case firstWins:
		return 0
	case secondWins:
		return 1
	}
	return -1
}

// winner is the side that wins at all sizes where one does, of a group without crossovers; −1 if none does.
func (g *sizeGroup) winner() int { return slices.Max(g.winners) }

// find looks for neighbouring winners that differ; sizes without a winner lie inside the bracket.
func (g *sizeGroup) find(set settings) {
	last := -1
	for i, w := range g.winners {
		if w < 0 {
			continue
		}
		if last >= 0 && g.winners[last] != w {
			g.crossovers = append(g.crossovers, crossover{low: g.sizes[last].text, high: g.sizes[i].text,
				at: g.estimate(last, i, set), from: last, to: i})
		}
		last = i
	}
}

// estimate tells where the ratio goes through 1 between places from and to.
func (g *sizeGroup) estimate(from, to int, set settings) interval {
	var x, y []float64
	var draws []func(*rand.Rand) float64
	rounds := math.MaxInt
	for i := from; i <= to; i++ {
		if !g.stats[i].compared() {
			continue // a size without a ratio, between sizes with winners
		}
		a, b := g.rows[i].samples[0], g.rows[i].samples[1]
		mid, draw := logRatio(a, b, g.stats[i].paired)
		x, y, draws = append(x, math.Log(g.sizes[i].n)), append(y, mid), append(draws, draw)
		rounds = min(rounds, len(a), len(b))
	}
	start := y[0] > 0
	again := make([]float64, len(y))
	v := bootstrap(rounds, set.confidence, func(rng *rand.Rand) float64 {
		for i, draw := range draws {
			again[i] = draw(rng)
		}
		return zero(x, again, start)
	})
	return interval{math.Exp(zero(x, y, start)), math.Exp(v.lo), math.Exp(v.hi)}
}

// zero is where the line through the points first leaves the sign it starts with, within its ends.
func zero(x, y []float64, positive bool) float64 {
	for i := range y {
		if y[i] > 0 == positive && y[i] != 0 {
			continue
		}
		if i == 0 {
			return x[0]
		}
		return x[i-1] + (x[i]-x[i-1])*y[i-1]/(y[i-1]-y[i])
	}
	return x[len(x)-1]
}
