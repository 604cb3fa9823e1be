package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
)

// The columns of a table as people read it, shared by text, Markdown and the report. An entry's value, if it is a
// number, is what the report sorts by.

// verdictHeading heads the last column.
const verdictHeading = "verdict"

// headings names the columns.
func (t *table) headings() []heading {
	var heads []heading
	for k, key := range t.keys {
		heads = append(heads, heading{name: key, number: t.sized(k)})
	}
	figures := func(names ...string) {
		for _, name := range names {
			heads = append(heads, heading{name: name, number: true})
		}
	}
	a, b := t.side.values[0], t.side.values[1]
	figures(a+" "+t.unit.asked, b+" "+t.unit.asked)
	if t.brief {
		figures(fmt.Sprintf("%s (%s)", t.side.ratio(), t.level()))
		if t.floors != nil {
			figures("A/A floor")
		}
		return append(heads, heading{name: verdictHeading})
	}
	figures(t.side.ratio(), t.level()+" interval", "rounds", a+" min", b+" min", "delta", "p (all)")
	if t.floors != nil {
		figures("A/A floor")
	}
	return append(heads, heading{name: verdictHeading})
}

func (t *table) level() string { return fmt.Sprintf("%g%%", 100*t.set.confidence) }

// sized tells whether every label of key column k is a number.
func (t *table) sized(k int) bool {
	return !slices.ContainsFunc(t.rows, func(r *row) bool { _, ok := sizeOf(r.labels[k]); return !ok })
}

// cells is row i.
func (t *table) cells(i int) []entry {
	c := t.stats[i]
	var cells []entry
	for _, label := range t.rows[i].labels {
		e := word(cmp.Or(label, "–"))
		if v, ok := sizeOf(label); ok {
			e.value = v
		}
		cells = append(cells, e)
	}
	if t.brief {
		return append(cells, t.briefCells(i)...)
	}
	n := t.ratioNumbers(c)
	ratio, between, delta, p := none, none, none, none
	if c.compared() {
		ratio, delta = pointer(ratioText(c.ratio.mid), n.Ratio), pointer(fmt.Sprintf("%+.2f", c.delta), n.Delta)
	}
	if c.tested() {
		between, p = pointer(c.ratioBounds(), n.Low), pointer(pText(c.adjusted), n.Adjusted)
	}
	rounds := entry{t.roundsText(i), float64(min(c.rounds[0], c.rounds[1]))}
	cells = append(append(cells, t.medians(c)...), ratio, between, rounds)
	cells = append(append(cells, t.minima(c)...), delta, p)
	if t.floors != nil {
		cells = append(cells, figure(c.floorText(), c.floor))
	}
	return append(cells, word(t.verdictText(i)))
}

// briefCells is what stands behind the labels of row i in a brief table.
func (t *table) briefCells(i int) []entry {
	c := t.stats[i]
	medians := t.sideEntries(c, func(k int) float64 { return c.summary[k].Center }, func(k int) *float64 { return t.measure(c, k).Median })
	ratio, verdict := none, t.verdictText(i)
	if c.compared() {
		ratio = figure(ratioText(c.ratio.mid), c.ratio.mid)
	}
	if c.tested() {
		ratio.text += " (" + c.ratioBounds() + ")"
		verdict += ", p " + pText(c.adjusted)
	}
	cells := append(medians, ratio)
	if t.floors != nil {
		cells = append(cells, figure(c.floorText(), c.floor))
	}
	return append(cells, word(verdict))
}

func (c *comparison) ratioBounds() string {
	return ratioText(c.ratio.lo) + " – " + ratioText(c.ratio.hi)
}

// pointer is an entry of a number that may be none.
func pointer(text string, v *float64) entry {
	if v == nil {
		return entry{text, nil}
	}
	return entry{text, *v}
}

// sideEntries writes a measure of both sides with one prefix, none where a side has none.
func (t *table) sideEntries(c *comparison, tidy func(k int) float64, value func(k int) *float64) []entry {
	out := []entry{none, none}
	var there []float64
	for k := range out {
		if value(k) != nil {
			there = append(there, tidy(k))
		}
	}
	written := t.unit.values(there...)
	for k := range out {
		if v := value(k); v != nil {
			out[k], written = entry{written[0], *v}, written[1:]
		}
	}
	return out
}

// medians writes both sides' medians and how far their intervals reach.
func (t *table) medians(c *comparison) []entry {
	out := t.sideEntries(c, func(k int) float64 { return c.summary[k].Center }, func(k int) *float64 { return t.measure(c, k).Median })
	for k := range out {
		if out[k].value != nil {
			out[k].text += " ±" + c.summary[k].PctRangeString()
		}
	}
	return out
}

// minima writes both sides' smallest samples.
func (t *table) minima(c *comparison) []entry {
	return t.sideEntries(c, func(k int) float64 { return c.least[k] }, func(k int) *float64 { return t.measure(c, k).Min })
}

// below is the lines below the rows, warnings aside.
func (t *table) below() []string {
	if !t.brief {
		return t.notes
	}
	line := t.directionNote()
	if t.floors != nil && t.floors.rows > 0 {
		line += "; no side wins by less than its row's A/A floor"
		if t.floors.own < t.floors.rows {
			line += " (in parentheses: the largest, where a row has none)"
		}
	}
	return []string{line}
}

// A csvColumn is one column behind the labels, in CSV.
type csvColumn struct {
	name string
	of   func(i int) string
}

func (t *table) csvColumns() []csvColumn {
	var out []csvColumn
	add := func(name string, of func(c *comparison) *float64) {
		out = append(out, csvColumn{name, func(i int) string { return number(of(t.stats[i])) }})
	}
	for k, v := range t.side.values {
		add(v, func(c *comparison) *float64 { return t.measure(c, k).Median })
		if t.brief {
			continue
		}
		add(v+" low", func(c *comparison) *float64 { return t.measure(c, k).Low })
		add(v+" high", func(c *comparison) *float64 { return t.measure(c, k).High })
		add(v+" min", func(c *comparison) *float64 { return t.measure(c, k).Min })
		out = append(out, csvColumn{v + " rounds", func(i int) string { return strconv.Itoa(t.stats[i].rounds[k]) }})
	}
	if t.net != nil {
		out = append(out, csvColumn{"net of " + t.net.name, func(i int) string { return number(t.harness(i)) }})
	}
	out = append(out, csvColumn{"unit", func(int) string { return t.unit.asked }})
	add(t.side.ratio(), func(c *comparison) *float64 { return t.ratioNumbers(c).Ratio })
	add("ratio low", func(c *comparison) *float64 { return t.ratioNumbers(c).Low })
	add("ratio high", func(c *comparison) *float64 { return t.ratioNumbers(c).High })
	if !t.brief {
		add("delta", func(c *comparison) *float64 { return t.ratioNumbers(c).Delta })
		add("p", func(c *comparison) *float64 { return t.ratioNumbers(c).P })
	}
	add("p adjusted", func(c *comparison) *float64 { return t.ratioNumbers(c).Adjusted })
	if t.floors != nil {
		add("A/A floor", (*comparison).floorNumber)
		out = append(out, csvColumn{"A/A", func(i int) string { return t.stats[i].floorSource() }})
	}
	return append(out, csvColumn{"verdict", t.verdictText})
}
