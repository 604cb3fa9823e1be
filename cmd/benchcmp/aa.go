package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Floors are what noise alone shows in a run, by what the run itself measured twice: two names of the same thing, in
// turn, in one process. How far the interval of their ratio reaches from 1 is the floor, and no side wins by an effect
// below it, whatever its interval and p say: these take no notice of what is the same in all rounds, as the place in
// which a sweep comes or lies in memory.
type floors struct {
	side    side // the two names
	own     int  // rows that have an A/A of their own
	rows    int  // rows that have a floor
	largest float64
	apply   func() // gives the table's rows their floors, once they have been compared
}

// parseAA reads "sweep=walk,walk+again".
func parseAA(rs []result, s side, net, expr string) (*side, error) {
	if expr == "" {
		return nil, nil
	}
	again, err := parseSide(rs, expr)
	switch {
	case err != nil:
		return nil, fmt.Errorf("-aa: %w", err)
	case again == s || again == side{s.key, [2]string{s.values[1], s.values[0]}}:
		return nil, fmt.Errorf("-aa %s: is what -side compares; an A/A measured the same thing twice", expr)
	case net != "" && again.key != s.key:
		return nil, fmt.Errorf("-aa %s: with -net, its key must be %s", expr, s.name())
	case net != "" && slices.Contains(again.values[:], net):
		return nil, fmt.Errorf("-aa %s: holds the harness", expr)
	}
	return &again, nil
}

// newFloors compares the A/A's names, in rows as those of t as far as they have the same keys, and gives every row of t
// its floor. measured are results with the unit, g and fields how t's rows are made.
func newFloors(measured []result, again side, g *grouping, fields []field, t *table) (*floors, error) {
	rs := choose(measured, again.holds)
	if again.key != g.side.key {
		rs = choose(rs, g.side.holds)
	}
	twin, err := newGrouping(rs, again, g.unit, twinFields(fields, again, g.side))
	if err != nil {
		return nil, err
	}
	twin.free, twin.net = g.free, g.net
	if g.net != "" {
		rs = choose(measured, twin.holds)
	}
	rows, err := twin.group(rs)
	if err != nil {
		return nil, fmt.Errorf("-aa: %w", err)
	}
	fl := &floors{side: again}
	found := fl.gather(rows, sharedKeys(g, twin), twin, t)
	if len(found) == 0 {
		return fl, fl.lacking(rows, t)
	}
	fl.apply = func() { fl.applyTo(t, found, sharedKeys(g, twin), g) }
	fl.apply()
	return fl, nil
}

// twinFields are a table's fields as the rows of its A/A have them.
func twinFields(fields []field, again, s side) []field {
	var out []field
	for _, f := range fields {
		if f.key != again.key {
			out = append(out, field{key: f.key})
		}
	}
	if again.key != s.key {
		out = append(out, field{key: s.key})
	}
	if len(out) == 0 {
		out = []field{{key: ".name"}}
	}
	return out
}

func sharedKeys(g, twin *grouping) []string {
	return slices.DeleteFunc(slices.Clone(g.keys), func(key string) bool { return !slices.Contains(twin.keys, key) })
}

// labelled is a row's values of keys, as one string that no other values make.
func (g *grouping) labelled(r *row, keys []string) string {
	var b strings.Builder
	for _, key := range keys {
		b.WriteString(r.labels[slices.Index(g.keys, key)] + "\n")
	}
	return b.String()
}

// A measuredFloor is the floor of one A/A row over its rounds.
type measuredFloor struct {
	floor  float64
	rounds int
}

// gather compares the rows of the A/A that have a ratio of enough rounds. What is the same and is told apart is warned of.
func (fl *floors) gather(rows []*row, keys []string, twin *grouping, t *table) map[string][]measuredFloor {
	found := map[string][]measuredFloor{}
	alarms, pairs := 0, 0
	for i, c := range compareAll(rows, t.unit, t.set) {
		if !c.tested() {
			continue
		}
		if pairs++; c.winner() >= 0 {
			alarms++
		}
		id := twin.labelled(rows[i], keys)
		found[id] = append(found[id], measuredFloor{reach(c.ratio), min(c.rounds[0], c.rounds[1])})
	}
	if alarms > 0 {
		t.warnings = append(t.warnings, fmt.Sprintf("A/A: a difference is shown between %s, the same thing, in %d of %d rows: something is uneven in this run",
			fl.name(), alarms, pairs))
	}
	return found
}

// lacking is the error of an A/A that gives no floor: rows that have a verdict must not go without.
func (fl *floors) lacking(rows []*row, t *table) error {
	if !slices.ContainsFunc(t.stats, (*comparison).tested) {
		return nil
	}
	for _, r := range rows {
		if n := min(len(r.samples[0]), len(r.samples[1])); n > 0 && n < minRounds {
			return fmt.Errorf("-aa: %s has too few rounds (%d) for a floor; %d at least are wanted", fl.name(), n, minRounds)
		}
	}
	return fmt.Errorf("-aa: no row has both of %s to compare", fl.name())
}

// applyTo gives every row its floor, its own or the largest of all, and takes from what wins by less its win.
func (fl *floors) applyTo(t *table, found map[string][]measuredFloor, keys []string, g *grouping) {
	fl.own, fl.rows, fl.largest = 0, 0, 0
	var largest measuredFloor
	for _, all := range found {
		for _, m := range all {
			if m.floor >= largest.floor {
				largest = m
			}
		}
	}
	for i, c := range t.stats {
		of := found[g.labelled(t.rows[i], keys)]
		if c.own = len(of) > 0; !c.own {
			of = []measuredFloor{largest}
		}
		if !c.tested() {
			continue
		}
		for _, m := range of {
			c.floor = max(c.floor, m.over(c.rounds))
		}
		fl.rows++
		fl.own += b2i(c.own)
		fl.largest = max(fl.largest, c.floor)
		if c.winner() >= 0 && math.Abs(math.Log(c.ratio.mid)) < math.Log1p(c.floor) {
			c.verdict, c.below = noDifference, true
		}
	}
}

// over is the floor over so many rounds of each side: over fewer than it was measured in, noise shows more, for its
// effect goes down as the root of their number.
func (m measuredFloor) over(rounds [2]int) float64 {
	n := max(1, min(rounds[0], rounds[1]))
	if n >= m.rounds {
		return m.floor
	}
	return math.Expm1(math.Log1p(m.floor) * math.Sqrt(float64(m.rounds)/float64(n)))
}

// name is the A/A as it was asked for.
func (fl *floors) name() string { return fl.side.name() + "=" + strings.Join(fl.side.values[:], ",") }

// note says what the floor is and where it comes from.
func (fl *floors) note() string {
	if fl.rows == 0 {
		return fmt.Sprintf("A/A floor: none; too few rounds of %s", fl.name())
	}
	s := fmt.Sprintf("A/A floor: %s at most; no side wins by less than its row's, which is how far the interval of %s, the same thing measured twice, reaches from 1",
		percentText(fl.largest), fl.side.ratio())
	if fl.own < fl.rows {
		s += fmt.Sprintf(" (%d of %d rows; the others, in parentheses, take the largest)", fl.own, fl.rows)
	}
	return s
}

// floorText writes a row's floor; in parentheses if it is borrowed.
func (c *comparison) floorText() string {
	switch {
	case c.floor < 0:
		return "–"
	case c.own:
		return percentText(c.floor)
	}
	return "(" + percentText(c.floor) + ")"
}

func (c *comparison) floorNumber() *float64 {
	if c.floor < 0 {
		return nil
	}
	return finite(c.floor)
}

// floorSource tells for programs what the parentheses tell people.
func (c *comparison) floorSource() string {
	switch {
	case c.floor < 0:
		return ""
	case c.own:
		return "own"
	}
	return "largest of the table"
}
