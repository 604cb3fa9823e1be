package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// describe fills in what stands around the rows: facts, constants, notes, warnings.
//
// measured are the results in the rows, outside those on neither side; without counts those that lack the unit.
func (t *table) describe(g *grouping, measured, outside []result, without int) {
	t.without = without
	t.constant = constants(g, measured)
	t.facts = facts(measured)
	t.warnings = slices.Concat(g.warnings(t.rows), t.roundWarnings(), repeatWarnings(measured), t.warnings)
	t.notes = append(t.methodNotes(), t.leftOut(outside, without)...)
}

// constants lists the keys of names that are the same in every result and are no column.
func constants(g *grouping, rs []result) []string {
	var out []string
	for _, key := range append([]string{".name"}, nameKeys(rs)...) {
		values := valuesOf(rs, key)
		if len(values) != 1 || key == g.side.key || slices.Contains(g.keys, key) {
			continue
		}
		if key == ".name" {
			out = append(out, values[0])
		} else {
			out = append(out, plainKey(key)+"="+values[0])
		}
	}
	return out
}

// facts lists what all heads agree on, of what is shown.
func facts(rs []result) [][2]string {
	var out [][2]string
	all := &row{}
	for _, h := range headsOf(rs) {
		all.heads.add(h)
	}
	for _, key := range shown {
		if values := all.valuesOf(key); len(values) == 1 && values[0] != absentValue {
			out = append(out, [2]string{key, values[0]})
		}
	}
	return out
}

// methodNotes says how the numbers came about.
func (t *table) methodNotes() []string {
	rows, unpaired := 0, 0
	for _, c := range t.stats {
		if c.tested() {
			rows++
		}
		if !c.paired && c.compared() {
			unpaired++
		}
	}
	how := "rounds are paired: the ratio is the median of the rounds' ratios"
	p := fmt.Sprintf("p: sign flips of the rounds' ratios (at most %d patterns, seed %d), of all %d %s together", flips, flipSeed, rows, plural(rows, "row", "rows"))
	if unpaired > 0 {
		how = "not all rounds are paired (one side's samples stand in a block): there the ratio is that of the medians"
		p = fmt.Sprintf("p: Mann-Whitney U, of paired rows sign flips; Holm-corrected over %d %s", rows, plural(rows, "row", "rows"))
	}
	notes := []string{
		t.directionNote(),
		how,
		fmt.Sprintf("intervals: %g%%, of the ratio by bootstrap over the rounds (%d resamples, seed %d), of a median by order statistics", 100*t.set.confidence, resamples, bootSeed),
		p,
		fmt.Sprintf("a side wins where p < %g and the ratio's interval leaves 1 out", t.set.alpha),
		fmt.Sprintf("delta: Cliff's, how much more often a sample of %s is above one of %s than below", t.side.values[1], t.side.values[0]),
	}
	if t.net != nil {
		notes = append(notes, t.net.note())
	}
	if t.floors != nil {
		notes = append(notes, t.floors.note())
	}
	return notes
}

// directionNote tells which side is better where.
func (t *table) directionNote() string {
	return fmt.Sprintf("%s above 1: %s is better; %s", t.side.ratio(), t.side.values[betterAbove(t.unit)], t.unit.direction())
}

// betterAbove is the side that is better where the ratio second/first is above 1.
func betterAbove(u unit) int {
	if u.better < 0 {
		return 0
	}
	return 1
}

// leftOut counts results that are in no row, by what kept them out.
func (t *table) leftOut(outside []result, without int) []string {
	var out []string
	if len(outside) > 0 {
		out = append(out, fmt.Sprintf("left out: %d %s without %s=%s (%s)", len(outside), plural(len(outside), "result", "results"),
			t.side.name(), strings.Join(t.side.values[:], ","), strings.Join(outsideNames(outside, t.side), ", ")))
	}
	if without > 0 {
		out = append(out, fmt.Sprintf("left out: %d %s without %s", without, plural(without, "result", "results"), t.unit.asked))
	}
	return out
}

// outsideNames tells at most 5 kinds of results that a side leaves out.
func outsideNames(rs []result, s side) []string {
	var kinds set[string]
	for _, r := range rs {
		kind := r.name.base
		if v, ok := r.get(s.key); ok {
			kind += " " + s.name() + "=" + v
		}
		kinds.add(kind)
	}
	if len(kinds.list) > 5 {
		return append(kinds.list[:5], "…")
	}
	return kinds.list
}

// roundWarnings tells rows with too few rounds, or with unequal numbers of them.
func (t *table) roundWarnings() []string {
	few, unequal, unusable, example := 0, 0, 0, ""
	for i, c := range t.stats {
		switch {
		case c.verdict == notNet:
			unusable++
		case c.verdict == tooFew:
			few++
		case c.compared() && c.rounds[0] != c.rounds[1]:
			if unequal++; example == "" {
				example = fmt.Sprintf("%s has %d and %d", t.label(i), c.rounds[0], c.rounds[1])
			}
		}
	}
	var out []string
	if few > 0 {
		out = append(out, fmt.Sprintf("too few rounds for a verdict in %d of %d rows: fewer than %d", few, len(t.stats), minRounds))
	}
	if unusable > 0 {
		out = append(out, fmt.Sprintf("no ratio can be made in %d of %d rows, for their sides are not above the harness in every round, or it is not in the same rounds", unusable, len(t.stats)))
	}
	if unequal > 0 {
		out = append(out, fmt.Sprintf("the sides have unequal numbers of rounds in %d of %d rows (%s); they are compared without pairs", unequal, len(t.stats), example))
	}
	return out
}

// repeatWarnings tells of a benchmark with more samples than the rounds that the head of its run tells: a run that stands
// in its file twice, or several joined below one head.
func repeatWarnings(rs []result) []string {
	samples := map[runName]int{}
	for _, r := range rs {
		of := runName{r.head, r.name}
		if samples[of]++; samples[of] == 1 {
			continue
		}
		rounds, ok := r.head.get("rounds")
		if n, err := strconv.Atoi(rounds); ok && err == nil && samples[of] > n {
			return []string{fmt.Sprintf("%s: %s has more samples than the %d rounds of its run: is the run there twice?", r.pos(), r.name.full, n)}
		}
	}
	return nil
}

// A runName is a benchmark of one run.
type runName struct {
	head *head
	name *name
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
