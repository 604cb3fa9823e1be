package main

import (
	"fmt"
	"slices"
	"strings"
)

// A held is an answer that gate was told to hold head to, and whether it does.
type held struct {
	asked   string
	outcome outcome
	why     string
}

// inAnswers puts an outcome into words that suit an answer.
func (o outcome) inAnswers() string {
	return map[outcome]string{fine: "holds", regressed: "moved", inconclusive: "inconclusive", lacking: "missing"}[o]
}

// An expectation is a -cross taken apart: order=churned,tree+table<40k.
type expectation struct {
	values []keyValue // key "" where the value alone was given
	op     byte       // '<', '>', or 0 for none in range
	size   size
}

func parseExpectation(s string) (expectation, error) {
	var e expectation
	where, of, none := strings.Cut(s, "=none")
	if none && of != "" || s == "" {
		return e, fmt.Errorf("-cross %q: as churned<40k, churned>10k or churned=none", s)
	}
	if !none {
		i := strings.LastIndexAny(s, "<>")
		if i < 0 {
			return e, fmt.Errorf("-cross %q: as churned<40k, churned>10k or churned=none", s)
		}
		var err error
		if e.size, err = parseSize(s[i+1:]); err != nil {
			return e, fmt.Errorf("-cross %q: %w", s, err)
		}
		where, e.op = s[:i], s[i]
	}
	for part := range strings.SplitSeq(where, ",") {
		if part == "" {
			continue
		}
		key, value, ok := strings.Cut(part, "=")
		if !ok {
			key, value = "", part
		}
		e.values = append(e.values, keyValue{key, value})
	}
	return e, nil
}

// hold looks at every -cross. It reads head alone.
func (f *gateFlags) hold(g *gate, rec *recording) error {
	if len(f.cross) == 0 {
		return nil
	}
	s := g.table.side
	head := *rec
	head.results = slices.DeleteFunc(slices.Clone(rec.results), func(r result) bool { v, _ := r.get(s.key); return v != s.values[1] })
	cf := crossFlags{over: "n", tableFlags: tableFlags{filter: f.filter, side: f.crossSide, unit: f.crossUnit, set: f.set}}
	cs, err := cf.crossovers(&head)
	if err != nil {
		return fmt.Errorf("-cross: %w", err)
	}
	for _, asked := range f.cross {
		e, err := parseExpectation(asked)
		if err != nil {
			return err
		}
		groups, err := e.choose(cs)
		if err != nil {
			return fmt.Errorf("-cross %s: %w", asked, err)
		}
		for _, gr := range groups {
			o, why := e.judge(gr, cs.table.side)
			g.answers = append(g.answers, held{asked, o, strings.Join(gr.labels, " ") + ": " + why})
		}
	}
	return nil
}

// choose takes the groups that have all of e's values; a value that nothing has, or that two keys have, is an error.
func (e expectation) choose(cs *crossovers) ([]*sizeGroup, error) {
	groups := slices.Clone(cs.groups)
	for _, kv := range e.values {
		col := -1
		for i, key := range cs.keys {
			has := slices.ContainsFunc(cs.groups, func(g *sizeGroup) bool { return g.labels[i] == kv.value })
			if !has || kv.key != "" && kv.key != key {
				continue
			}
			if col >= 0 {
				return nil, fmt.Errorf("%s is a value of %s and of %s; write KEY=%s", kv.value, cs.keys[col], key, kv.value)
			}
			col = i
		}
		if col < 0 {
			return nil, fmt.Errorf("no row of head has %s; its keys are %s", kv.value, strings.Join(cs.keys, ", "))
		}
		groups = slices.DeleteFunc(groups, func(g *sizeGroup) bool { return g.labels[col] != kv.value })
	}
	if len(groups) == 0 {
		return nil, fmt.Errorf("no row of head has all of these values")
	}
	return groups, nil
}

// judge holds one group to e. An answer has moved only where the whole interval says so.
func (e expectation) judge(g *sizeGroup, sd side) (outcome, string) {
	if slices.ContainsFunc(g.stats, func(c *comparison) bool { return c.verdict == tooFew }) {
		return inconclusive, "too few rounds"
	}
	if len(g.crossovers) > 1 {
		return inconclusive, fmt.Sprintf("the better side changes %d times", len(g.crossovers))
	}
	if len(g.crossovers) == 0 {
		why := g.none().text + ", " + g.words(sd)
		switch {
		case slices.Contains(g.winners, -1):
			return inconclusive, why
		case e.op == 0:
			return fine, why
		}
		return regressed, why
	}
	at := g.crossovers[0].at
	why := fmt.Sprintf("it is at %s (%s – %s)", sizeText(at.mid), sizeText(at.lo), sizeText(at.hi))
	below, above := at.hi < e.size.n, at.lo > e.size.n
	switch {
	case e.op == 0:
		return regressed, why
	case !below && !above:
		return inconclusive, why
	case below == (e.op == '<'):
		return fine, why
	}
	return regressed, why
}
