package main

import (
	"fmt"
	"strconv"
	"strings"
)

// An outcome is what gate says of one benchmark or one answer.
type outcome int

const (
	fine outcome = iota
	regressed
	lacking // a side has no result
	inconclusive
)

func (o outcome) String() string {
	return [...]string{"fine", "regression", "missing", "inconclusive"}[o]
}

// A gate is the outcomes of one call.
type gate struct {
	table   *table
	limit   float64 // 0.05 for 5%
	alpha   float64
	rows    []judged
	answers []held
}

// A judged is a row of the table with what gate makes of it.
type judged struct {
	outcome outcome
	cost    interval // head/base, above 1 where head is worse
	limit   float64  // above which it is a regression
	floor   float64  // or −1
	why     string
}

// parseLimit reads 5% or 0.05.
func parseLimit(s string) (float64, error) {
	digits, percent := strings.CutSuffix(s, "%")
	v, err := strconv.ParseFloat(digits, 64)
	if percent {
		v /= 100
	}
	if err != nil || !(v >= 0 && v <= 100) {
		return 0, badInput("-max %q: a share is wanted, as 5%% or 0.05", s)
	}
	return v, nil
}

// judgeRow tells what becomes of row i.
func (g *gate) judgeRow(i int, floor *floorJSON, free func(string) bool) (judged, error) {
	c, r := g.table.stats[i], g.table.rows[i]
	j := judged{limit: g.limit, floor: -1}
	if c.verdict == missing {
		j.outcome, j.why = lacking, "no result in "+[2]string{"base", "head"}[index(c.rounds[1] == 0)]
		return j, nil
	}
	j.cost = c.ratio
	if g.table.unit.better > 0 {
		j.cost = interval{1 / c.ratio.mid, 1 / c.ratio.hi, 1 / c.ratio.lo}
	}
	if floor != nil {
		if err := floor.sameMachine(r, free); err != nil {
			return j, err
		}
		pkg, _ := r.heads.list[0].get("pkg")
		var ok bool
		if j.floor, ok = floor.of(pkg, r.names.list[0].full, min(c.rounds[0], c.rounds[1])); !ok {
			return j, fmt.Errorf("the floor has no cell %s of %s", r.names.list[0].full, pkg)
		}
		j.limit = max(j.limit, j.floor)
	}
	j.decide(c, g)
	return j, nil
}

func index(second bool) int {
	if second {
		return 1
	}
	return 0
}

// decide compares the interval with the limit.
func (j *judged) decide(c *comparison, g *gate) {
	switch {
	case c.verdict == tooFew:
		j.outcome, j.why = inconclusive, fmt.Sprintf("fewer than %d rounds", minRounds)
	case j.cost.lo > 1+j.limit && c.adjusted < g.alpha:
		j.outcome, j.why = regressed, "worse by more than "+percentText(j.limit)
	case j.cost.hi <= 1:
		j.outcome, j.why = fine, "better"
	case j.floor > g.limit:
		j.outcome, j.why = inconclusive, "noise alone shows "+percentText(j.floor)
	case j.cost.hi <= 1+g.limit:
		j.outcome, j.why = fine, "worse by "+percentText(j.cost.hi-1)+" at most"
	default:
		j.outcome, j.why = inconclusive, "may be worse by "+percentText(j.cost.hi-1)
	}
}

// sheet shows what was found, the worst first.
func (g *gate) sheet() *sheet {
	s := &sheet{
		title: fmt.Sprintf("gate: head against base, %s, at most %s worse", g.table.unit.asked, percentText(g.limit)),
		heads: []heading{{name: "benchmark"}, {name: "base", number: true}, {name: "head", number: true}, {name: "worse by", number: true}, {name: "interval", number: true, span: true}, {name: "floor", number: true}, {name: "p (all)", number: true}, {name: "outcome"}, {name: "why"}},
	}
	for _, o := range []outcome{regressed, lacking, inconclusive, fine} {
		for i, j := range g.rows {
			if j.outcome == o {
				s.rows = append(s.rows, g.entries(i, j))
			}
		}
	}
	for _, a := range g.answers {
		s.notes = append(s.notes, fmt.Sprintf("%s: %s: %s", a.asked, a.outcome.inAnswers(), a.why))
	}
	for _, w := range g.table.warnings {
		s.notes = append(s.notes, "warning: "+w)
	}
	s.notes = append(s.notes, g.summary())
	s.facts = map[string]any{"outcome": g.worst().String()}
	return s
}

func (g *gate) entries(i int, j judged) []entry {
	c, r := g.table.stats[i], g.table.rows[i]
	row := append([]entry{word(strings.Join(r.labels, " "))}, g.table.medians(c)...)
	if j.outcome == lacking {
		row = append(row, none, none)
	} else {
		row = append(row, figure(signedPercent(j.cost.mid-1), j.cost.mid-1),
			between(interval{lo: j.cost.lo - 1, hi: j.cost.hi - 1}, signedPercent))
	}
	if j.floor < 0 {
		row = append(row, none)
	} else {
		row = append(row, figure(percentText(j.floor), j.floor))
	}
	if c.tested() {
		row = append(row, figure(pText(c.adjusted), c.adjusted))
	} else {
		row = append(row, none)
	}
	return append(row, word(j.outcome.String()), word(j.why))
}

func signedPercent(v float64) string { return fmt.Sprintf("%+.1f%%", 100*v) }

func (g *gate) count(o outcome) int {
	n := 0
	for _, j := range g.rows {
		if j.outcome == o {
			n++
		}
	}
	for _, a := range g.answers {
		if a.outcome == o {
			n++
		}
	}
	return n
}

// worst is what the exit status tells. A regression stays one whatever else is missing or unclear.
func (g *gate) worst() outcome {
	for _, o := range []outcome{regressed, lacking, inconclusive} {
		if g.count(o) > 0 {
			return o
		}
	}
	return fine
}

func (g *gate) summary() string {
	return fmt.Sprintf("%s: %d regressed, %d missing, %d inconclusive, %d fine", g.worst(), g.count(regressed), g.count(lacking), g.count(inconclusive), g.count(fine))
}

func (g *gate) verdict() error {
	switch g.worst() {
	case regressed:
		return found("%s", g.summary())
	case lacking:
		return badInput("%s", g.summary())
	case inconclusive:
		return unsure("%s; more rounds, or a quieter machine, can tell", g.summary())
	}
	return nil
}
