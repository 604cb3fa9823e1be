package main

import (
	"cmp"
	"fmt"
	"math"
	"strconv"

	"golang.org/x/perf/benchunit"
)

// values writes the medians of one row in the table's unit. A unit asked for as a tidied one (sec/op, B/op) gets
// prefixes, one for both sides; another (ns/pid) is written plain, since its prefix is in its name.
func (u unit) values(vs ...float64) []string {
	out := make([]string, len(vs))
	scaler := benchunit.CommonScale(vs, benchunit.ClassOf(u.tidy))
	for i, v := range vs {
		if u.asked == u.tidy {
			out[i] = scaler.Format(v)
		} else {
			out[i] = threeDigits(v / u.scale)
		}
	}
	return out
}

// threeDigits writes v with three digits at least, and never with an exponent unless it is below 0.001 or huge.
func threeDigits(v float64) string {
	switch {
	case v >= 1e15 || v < 0.001:
		return strconv.FormatFloat(v, 'g', 3, 64)
	case v >= 99.95:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 9.995:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case v >= 0.9995:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return strconv.FormatFloat(v, 'f', 3, 64)
}

// ratioText writes a ratio with three decimals below 10, since differences of some per cent are what is looked for.
func ratioText(v float64) string {
	if v < 9.9995 && v >= 0.001 {
		return strconv.FormatFloat(v, 'f', 3, 64)
	}
	return threeDigits(v)
}

func pText(p float64) string {
	if p < 0.0001 {
		return "<0.0001"
	}
	return strconv.FormatFloat(p, 'f', 4, 64)
}

// verdictText puts row i's verdict into words.
func (t *table) verdictText(i int) string {
	switch t.stats[i].verdict {
	case firstWins:
		return t.side.values[0] + " wins"
	case secondWins:
		return t.side.values[1] + " wins"
	case tooFew:
		return "too few rounds"
	case missing:
		return "no " + t.absent(i)
	}
	return "no difference shown"
}

func (t *table) roundsText(i int) string {
	n := t.stats[i].rounds
	if n[0] == n[1] {
		return strconv.Itoa(n[0])
	}
	return fmt.Sprintf("%d+%d", n[0], n[1])
}

// headings and cells are the table as people read it, shared by text and Markdown.
func (t *table) headings() []string {
	heads := append([]string{}, t.keys...)
	for _, v := range t.side.values {
		heads = append(heads, v+" "+t.unit.asked)
	}
	heads = append(heads, t.side.ratio(), fmt.Sprintf("%g%% interval", 100*t.set.confidence), "rounds")
	for _, v := range t.side.values {
		heads = append(heads, v+" min")
	}
	return append(heads, "delta", "p (all)", "verdict")
}

func (t *table) cells(i int) []string {
	c := t.stats[i]
	var cells []string
	for _, label := range t.rows[i].labels {
		cells = append(cells, cmp.Or(label, "–"))
	}
	cells = append(cells, t.medians(c)...)
	ratio, between, delta, p := "–", "–", "–", "–"
	if c.verdict != missing {
		ratio, delta = ratioText(c.ratio.mid), fmt.Sprintf("%+.2f", c.delta)
	}
	if c.tested() {
		between, p = ratioText(c.ratio.lo)+" – "+ratioText(c.ratio.hi), pText(c.adjusted)
	}
	cells = append(append(cells, ratio, between, t.roundsText(i)), t.minima(c)...)
	return append(cells, delta, p, t.verdictText(i))
}

// medians writes both sides' medians and how far their intervals reach.
func (t *table) medians(c *comparison) []string {
	var there []float64
	for k, s := range c.summary {
		if c.rounds[k] > 0 {
			there = append(there, s.Center)
		}
	}
	written := t.unit.values(there...)
	out := make([]string, 2)
	for k, s := range c.summary {
		if c.rounds[k] == 0 {
			out[k] = "–"
			continue
		}
		out[k], written = written[0]+" ±"+s.PctRangeString(), written[1:]
	}
	return out
}

// minima writes both sides' smallest samples.
func (t *table) minima(c *comparison) []string {
	written := t.unit.values(c.least[0], c.least[1])
	for k := range written {
		if c.rounds[k] == 0 {
			written[k] = "–"
		}
	}
	return written
}

// finite is v, or nil where JSON and CSV have no number for it.
func finite(v float64) *float64 {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return nil
	}
	return &v
}
