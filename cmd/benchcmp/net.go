package main

import (
	"fmt"
	"slices"
	"strings"
)

// A harness is a benchmark that does everything but what is compared: the loop, the drawing of random numbers. What it
// costs is in both sides, and draws their ratio towards 1. Net of it, each side's sample is less the harness's of the
// same round, which a pairing of all three tells; then everything is computed as for any other table. Where a side is
// not above its harness there is no ratio, and a row that has one such round gives no verdict: to leave the round out
// would choose among the rounds by their outcome.

// harness is the role, beside sides 0 and 1, of what is taken off both.
const harness = 2

// A netting is what is taken off the sides of one row, and what spoils it.
type netting struct {
	samples []float64
	verdict verdict
	why     string
	apart   bool // what spoils it is that the harness is not in the same rounds
}

// parseNet reads "impl=harness" and gives the value.
func parseNet(rs []result, s side, expr string) (string, error) {
	if expr == "" {
		return "", nil
	}
	key, value, _ := strings.Cut(expr, "=")
	resolved, err := resolveKey(rs, key)
	switch {
	case err != nil:
		return "", fmt.Errorf("-net: %w", err)
	case value == "":
		return "", fmt.Errorf("-net %s: a value is wanted, as in -net %s=harness", expr, key)
	case resolved != s.key:
		return "", fmt.Errorf("-net %s: the sides are told by %s, so the harness must be one of its values", expr, s.name())
	case slices.Contains(s.values[:], value):
		return "", fmt.Errorf("-net %s: is a side; it cannot be taken off itself", expr)
	case !slices.Contains(valuesOf(rs, resolved), value):
		return "", fmt.Errorf("-net %s: no result has it; there are %s", expr, strings.Join(valuesOf(rs, resolved), ", "))
	}
	return value, nil
}

// role is the side of r, or harness, or −1.
func (g *grouping) role(r result) int {
	if i, ok := g.side.index(r); ok {
		return i
	}
	if v, _ := r.get(g.side.key); g.net != "" && v == g.net {
		return harness
	}
	return -1
}

// holds tells whether r is in one of the rows.
func (g *grouping) holds(r result) bool { return g.role(r) >= 0 }

// sideless tells a row of which there is a harness and nothing to take it off.
func (r *row) sideless() bool { return len(r.samples[0])+len(r.samples[1]) == 0 }

// settle takes the harness off both sides, round by round, or notes why it cannot.
func (r *row) settle(s side, net string) {
	name := s.name() + "=" + net
	inRounds := inTurn(r.order, 3)
	r.order = slices.DeleteFunc(r.order, func(i int) bool { return i == harness })
	switch {
	case len(r.net.samples) == 0:
		r.net.verdict, r.net.why = noHarness, "no "+name
	case !inRounds:
		r.net.verdict, r.net.why, r.net.apart = notNet, "no verdict: the samples of "+name+" are not in the same rounds", true
	default:
		r.subtract(s, name)
	}
}

func (r *row) subtract(s side, name string) {
	for k := range r.samples {
		below := 0
		for i, off := range r.net.samples {
			if r.samples[k][i] -= off; !(r.samples[k][i] > 0) {
				below++
			}
		}
		if below > 0 && r.net.why == "" {
			r.net.verdict = notNet
			r.net.why = fmt.Sprintf("no verdict: %s is not above %s in %d of %d rounds", s.values[k], name, below, len(r.net.samples))
		}
	}
}

// A takenOff is what a table says of its harness.
type takenOff struct {
	name      string  // "impl=harness"
	low, high float64 // the medians of the rows, from least to greatest
	there     bool    // any row has one
}

func newTakenOff(ch choice, rows []*row) *takenOff {
	n := &takenOff{name: ch.side.name() + "=" + ch.net}
	for _, r := range rows {
		if len(r.net.samples) == 0 {
			continue
		}
		m := r.net.median()
		if !n.there {
			n.low, n.high, n.there = m, m, true
		}
		n.low, n.high = min(n.low, m), max(n.high, m)
	}
	return n
}

func (n netting) median() float64 { return median(slices.Clone(n.samples)) }

// words says what was taken off: "net of impl=harness (median 2.87 ns/pair)".
func (n *takenOff) words(u unit) string {
	if !n.there {
		return "net of " + n.name
	}
	low, high := u.value(n.low), u.value(n.high)
	if low == high {
		return fmt.Sprintf("net of %s (median %s %s)", n.name, low, u.asked)
	}
	return fmt.Sprintf("net of %s (medians %s to %s %s)", n.name, low, high, u.asked)
}

// note says what was done.
func (n *takenOff) note() string {
	return fmt.Sprintf("%s: each sample is less that of the harness in the same round; medians, minima, ratios and p are of what is left", "net of "+n.name)
}

// measured says what the numbers of t are: "ns/pair, net of impl=harness (median 2.87 ns/pair), lower is better".
func (t *table) measured() string { return t.numbers() + ", " + t.unit.direction() }

// numbers is measured without the direction.
func (t *table) numbers() string {
	if t.net == nil {
		return t.unit.asked
	}
	return t.unit.asked + ", " + t.net.words(t.unit)
}

// harness is the median of what was taken off row i, in the table's unit.
func (t *table) harness(i int) *float64 {
	r := t.rows[i]
	if len(r.net.samples) == 0 {
		return nil
	}
	return finite(r.net.median() / t.unit.scale)
}
