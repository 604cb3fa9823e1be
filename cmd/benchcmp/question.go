package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

func questionOf(name string) (*question, error) {
	var names []string
	for i, q := range questions {
		if q.name == name {
			return &questions[i], nil
		}
		names = append(names, q.name)
	}
	return nil, badInput("-axes %q: there are %s", name, strings.Join(names, ", "))
}

// questionsHelp lists the selections with the reason for each part.
func questionsHelp() string {
	var b strings.Builder
	for _, q := range questions {
		fmt.Fprintf(&b, "%s  %s\n", q.name, q.asks)
		for _, p := range q.parts {
			fmt.Fprintf(&b, "    %s\n", p.why)
			for _, c := range p.cells {
				fmt.Fprintf(&b, "        %s\n", c)
			}
		}
	}
	return b.String()
}

// plan puts q's cells into p. With sizes, a list, cells of other sizes are left out.
func (q *question) plan(p *plan, sizes string) error {
	for _, part := range q.parts {
		for _, expr := range part.cells {
			cells, err := parseCells(expr, []string{part.side})
			if err != nil {
				return &exitError{exitInput, err}
			}
			p.cells = append(p.cells, slices.DeleteFunc(cells, func(c cell) bool { return !c.sized(sizes) })...)
		}
		p.asked = append(p.asked, part.cells...)
	}
	p.args = publishedChurn
	return nil
}

// sized tells whether c has no size, or one of the list's.
func (c cell) sized(sizes string) bool {
	n, ok := newName(c.names[0]).get("/n")
	return sizes == "" || !ok || slices.Contains(strings.Split(sizes, ","), n)
}

// of takes the results of a part out of a recording.
func (q part) of(rec *recording) (*recording, error) {
	wanted := map[string]bool{}
	for _, expr := range q.cells {
		cells, err := parseCells(expr, []string{q.side})
		if err != nil {
			return nil, err
		}
		for _, c := range cells {
			for _, n := range c.names {
				wanted[n] = true
			}
		}
	}
	one := *rec
	one.results = slices.DeleteFunc(slices.Clone(rec.results), func(r result) bool { return !wanted[r.name.withoutProcs()] })
	return &one, nil
}

// withoutProcs is the name as cells write it.
func (n *name) withoutProcs() string {
	if procs, ok := n.get("/gomaxprocs"); ok {
		return strings.TrimSuffix(n.full, "-"+procs)
	}
	return n.full
}

// An answered is what a recording says to a question.
type answered struct {
	tables []*table // all of them, for the report
	text   string   // one sentence
}

// answer prints what the recording says to q: the tables of each part under its reason, the crossovers of the first, and
// from which share of deaths by sweep on a list pays.
func (q *question) answer(std stdio, rec *recording, format string) (*answered, error) {
	a := &answered{text: q.asks}
	fmt.Fprintf(std.out, "%s\n\n", q.asks)
	for i, p := range q.parts {
		one, err := p.of(rec)
		if err != nil {
			return nil, &exitError{exitInput, err}
		}
		if len(one.results) == 0 {
			continue
		}
		fmt.Fprintf(std.out, "%s%s\n\n", map[string]string{"md": "### "}[format], p.why)
		if err := p.print(std, one, format, a, i == 0); err != nil {
			return nil, err
		}
	}
	if q.name == "q1" || q.name == "full" {
		if err := q.printBreakEven(std.out, rec, format); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// print prints the tables of one part, with crossovers if it is the question's first and has sizes.
func (q part) print(std stdio, rec *recording, format string, a *answered, crossovers bool) error {
	set := settings{alpha: 0.05, confidence: 0.95}
	if len(q.against) == 0 {
		if err := medians(rec).print(std.out, format); err != nil {
			return err
		}
		fmt.Fprintln(std.out)
	}
	for i, c := range q.against {
		t, err := makeTable(rec, tableFlags{filter: "*", side: c.side, unit: c.unit, sort: "row", set: set})
		if err != nil {
			return &exitError{exitInput, fmt.Errorf("%s: %w", q.why, err)}
		}
		if i > 0 || len(a.tables) > 0 {
			t.facts, t.notes = nil, t.notes[:1]
		}
		a.tables = append(a.tables, t)
		if err := t.print(std, format); err != nil {
			return err
		}
		fmt.Fprintln(std.out)
		if cs, err := crossoversOf(t, "n"); err == nil && crossovers && cs.sized() {
			if err := cs.sheet().print(std.out, format); err != nil {
				return err
			}
			fmt.Fprintln(std.out)
		}
	}
	return nil
}

// sized tells whether a group has sizes between which the better side could change.
func (cs *crossovers) sized() bool {
	return slices.ContainsFunc(cs.groups, func(g *sizeGroup) bool { return len(g.sizes) > 1 })
}

// printBreakEven tells when a list pays, of the parts that measure sweeps by size and upkeep: the first two.
func (q *question) printBreakEven(w io.Writer, rec *recording, format string) error {
	one := *rec
	one.results = nil
	for _, p := range q.parts[:2] {
		of, err := p.of(rec)
		if err != nil {
			return &exitError{exitInput, err}
		}
		one.results = append(one.results, of.results...)
	}
	if len(one.results) == 0 {
		return nil
	}
	for _, sweep := range []string{"walk", "batch"} {
		f := breakevenFlags{filter: "*", sweeps: "sweep=" + sweep + ",list", upkeep: "lists=none,list", confidence: 0.95}
		s, err := f.sheet(&one)
		if err != nil {
			return &exitError{exitInput, err}
		}
		if err := s.print(w, format); err != nil {
			return err
		}
		fmt.Fprintln(w)
	}
	return nil
}

// medians shows the median of every unit of every benchmark, where there is no better side.
func medians(rec *recording) *sheet {
	s := &sheet{heads: []heading{{name: "benchmark"}}}
	units := slices.DeleteFunc(unitsOf(rec.results), func(u string) bool { return u == "ns/op" })
	for _, u := range units {
		s.heads = append(s.heads, heading{name: u, number: true})
	}
	samples := map[*name]map[string][]float64{}
	var names set[*name]
	for _, r := range rec.results {
		names.add(r.name)
		if samples[r.name] == nil {
			samples[r.name] = map[string][]float64{}
		}
		for _, u := range units {
			if v, ok := r.value(unit{asked: u, tidy: u}); ok {
				samples[r.name][u] = append(samples[r.name][u], v)
			}
		}
	}
	slices.SortFunc(names.list, func(a, b *name) int { return strings.Compare(a.full, b.full) })
	for _, n := range names.list {
		row := []entry{word(n.full)}
		for _, u := range units {
			if vs := samples[n][u]; len(vs) > 0 {
				m := median(vs)
				row = append(row, figure(fmt.Sprintf("%.4g", m), m))
			} else {
				row = append(row, none)
			}
		}
		s.rows = append(s.rows, row)
	}
	return s
}
