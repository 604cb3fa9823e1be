package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A chart is a table as small pictures. A panel shows the rows that agree in every label but one, which is the x axis
// where its values are numbers and a list of names otherwise. All panels have the same scales, so that they may be
// compared by eye.
type chart struct {
	t       *table
	col     int  // the label that varies within a panel; -1 if none does
	numeric bool // its values are numbers
	panels  []*panel
	x, y    scale
}

// A panel holds its rows in the order in which they are drawn.
type panel struct {
	rows   []int // of the table
	points []point
	group  *sizeGroup // nil until crossings are asked for
}

// A point is one row: where it stands on the x axis and what was measured there, in the table's unit.
type point struct {
	label   string
	x       float64
	sides   [2]estimate
	decided bool // one side wins
}

// An estimate is a median and, unless there were too few rounds, its interval.
type estimate struct {
	interval
	there, bounded bool
}

func newEstimate(m measureJSON) estimate {
	if m.Median == nil {
		return estimate{}
	}
	e := estimate{there: true, bounded: m.Low != nil && m.High != nil}
	if e.mid = drawable(*m.Median); e.bounded {
		e.lo, e.hi = drawable(*m.Low), drawable(*m.High)
	}
	return e
}

func newChart(t *table) *chart {
	c := &chart{t: t}
	c.col, c.numeric = variable(t)
	groups := map[string]*panel{}
	for i := range t.rows {
		title := strings.Join(c.titleParts(i), "\x00")
		p := groups[title]
		if p == nil {
			p = &panel{}
			groups[title] = p
			c.panels = append(c.panels, p)
		}
		p.rows = append(p.rows, i)
	}
	for _, p := range c.panels {
		c.fill(p)
	}
	c.setScales()
	return c
}

// variable chooses the label that varies within panels: n, or else the last one whose values are all numbers, or else
// the last one with different values.
func variable(t *table) (col int, numeric bool) {
	last, lastNumeric := -1, -1
	for k, key := range t.keys {
		var values set[string]
		sizes := true
		for _, r := range t.rows {
			values.add(r.labels[k])
			_, ok := sizeOf(r.labels[k])
			sizes = sizes && ok
		}
		if len(values.list) < 2 {
			continue
		}
		if sizes && key == "n" {
			return k, true
		}
		if last = k; sizes {
			lastNumeric = k
		}
	}
	if lastNumeric >= 0 {
		return lastNumeric, true
	}
	return last, false
}

// sizeOf reads a number with a suffix, as sorting does: 10k, 1M, 64Ki.
func sizeOf(s string) (float64, bool) {
	if !numeric.MatchString(s) {
		return 0, false
	}
	s = strings.TrimRight(s, "bB")
	base := 1000.0
	if digits, ok := strings.CutSuffix(s, "i"); ok {
		s, base = digits, 1024
	}
	power := 0
	if i := strings.IndexAny(s, "kKMGTPEZY"); i >= 0 {
		power = strings.IndexByte("KMGTPEZY", strings.ToUpper(s)[i]) + 1
		s = s[:i]
	}
	v, err := strconv.ParseFloat(s, 64)
	v *= math.Pow(base, float64(power))
	return v, err == nil && v == drawable(v) || v == 0
}

// titleParts are the labels of row i that its panel has in common.
func (c *chart) titleParts(i int) []string {
	var parts []string
	for k, label := range c.t.rows[i].labels {
		if k != c.col {
			parts = append(parts, named(c.t.keys[k], label))
		}
	}
	return parts
}

// title is what stands above p.
func (c *chart) title(p *panel) string { return strings.Join(c.titleParts(p.rows[0]), ", ") }

// named writes a label so that it explains itself: names by themselves, numbers and nothing with their key.
func named(key, label string) string {
	if _, ok := sizeOf(label); ok || label == "" {
		return key + "=" + label
	}
	return label
}

// pointName is what stands for row i on an axis of names.
func (c *chart) pointName(i int) string {
	if c.col >= 0 {
		return named(c.t.keys[c.col], c.t.rows[i].labels[c.col])
	}
	var parts []string
	for k, label := range c.t.rows[i].labels {
		parts = append(parts, named(c.t.keys[k], label))
	}
	return strings.Join(parts, ", ")
}

// fill makes the points of p, by size where there are sizes, and the crossings between them.
func (c *chart) fill(p *panel) {
	if c.numeric {
		slices.SortStableFunc(p.rows, func(a, b int) int {
			x, _ := sizeOf(c.t.rows[a].labels[c.col])
			y, _ := sizeOf(c.t.rows[b].labels[c.col])
			return cmp.Compare(x, y)
		})
	}
	for _, i := range p.rows {
		p.points = append(p.points, c.point(i))
	}
}

func (c *chart) point(i int) point {
	s := c.t.stats[i]
	pt := point{label: c.pointName(i), decided: s.verdict == firstWins || s.verdict == secondWins}
	if c.numeric {
		pt.label = c.t.rows[i].labels[c.col]
		pt.x, _ = sizeOf(pt.label)
	}
	for k := range pt.sides {
		pt.sides[k] = newEstimate(c.t.measure(s, k))
	}
	return pt
}

// crossings are what cross finds in the rows of p, so that a picture never says anything else. Where a size is 0 there
// are none, for it has no logarithm.
func (c *chart) crossings(p *panel) ([]crossover, *sizeGroup) {
	if !c.numeric || p.group != nil {
		return p.group.found(), p.group
	}
	p.group = &sizeGroup{}
	for _, i := range p.rows {
		n, err := parseSize(c.t.rows[i].labels[c.col])
		if err != nil {
			return nil, p.group
		}
		p.group.insert(n, c.t.rows[i], c.t.stats[i])
	}
	p.group.find(c.t.set)
	return p.group.found(), p.group
}

func (g *sizeGroup) found() []crossover {
	if g == nil {
		return nil
	}
	return g.crossovers
}

// words says what p shows, for those who do not see it.
func (c *chart) words(p *panel) string {
	col := c.col
	if col < 0 {
		return c.t.verdictText(p.rows[0])
	}
	all := c.t.stretches(p.rows, col)
	var parts []string
	for i, s := range all {
		if i == maxWords {
			parts = append(parts, "and so on")
			break
		}
		at := where(i, all)
		if !c.numeric {
			at = "for " + strings.Join(s.sizes, ", ")
		}
		parts = append(parts, s.outcome(c.t.side)+" "+at)
	}
	crossings, _ := c.crossings(p)
	for _, x := range crossings[:min(len(crossings), maxWords)] {
		parts = append(parts, fmt.Sprintf("the better side changes near %s (%s to %s)", sizeText(x.at.mid), sizeText(x.at.lo), sizeText(x.at.hi)))
	}
	return strings.Join(parts, "; ")
}

// maxWords bounds a description.
const maxWords = 12

func (s stretch) outcome(sd side) string {
	switch s.verdict {
	case firstWins, secondWins:
		return sd.values[b2i(s.verdict == secondWins)] + " wins"
	case missing:
		return "one side is missing"
	case noHarness, notNet:
		return "no verdict"
	case tooFew:
		return "too few rounds"
	}
	return "no difference shown"
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
