package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
)

const amongHelp = `Usage: benchcmp among [flags] -of KEY=VALUE [file ...]

Among reads benchmark text and sets one value of a key beside all others: a line for each value, a column for each
value of the other keys, the median in each place and in brackets its ratio to the median's of -of.

    benchcmp among -of impl=tree -unit ns/pair -net impl=harness testdata/benchcmp/net.txt
    benchcmp among -of impl=tree,bitset -unit ns/pair -aa impl=tree,again -filter max:1M -format csv testdata/benchcmp/net.txt
    benchcmp among -of registry=tree+table -filter 'order:churned sweep:walk' testdata/benchcmp/made.txt

Above 1 the one of -of is better, where lower is. Ratios, intervals and p are those of benchcmp table, p of all places
together, as is -aa; ~ marks a ratio for which no difference is shown, ? one on too few rounds, – what was not
measured, and "≤ harness" what is not above -net in every round; one sample of each, as of counts that do not vary, is
shown without a verdict. Named values stand in the order in which they are named; csv and json hold a line for each
place, its interval and p.
`

// amongFlags are what among is asked for.
type amongFlags struct {
	tableFlags
	of string
}

func amongMain(_ context.Context, std stdio, args []string) error {
	f := amongFlags{}
	fs := newFlags("among")
	f.measureFlags(fs)
	f.againFlag(fs)
	fs.StringVar(&f.of, "of", "", "set the first value of this `key` beside the others: KEY=A, or KEY=A,B,C for some of them")
	fs.StringVar(&f.format, "format", "text", "`form` of the table: text, md, csv or json")
	if err := parseFlags(fs, std.out, amongHelp, args); err != nil {
		return err
	}
	if err := errorsFirst(f.set.check(), checkForm(f.format)); err != nil {
		return err
	}
	if f.of == "" {
		return badInput("-of is wanted, as in -of impl=tree")
	}
	rec, err := readFiles(std.in, fs.Args())
	if err != nil {
		return err
	}
	a, err := f.among(rec)
	if err != nil {
		return &exitError{exitInput, err}
	}
	if f.format == "csv" || f.format == "json" {
		return a.long().print(std.out, f.format)
	}
	return a.wide(map[string]string{"md": "<br>\n"}[f.format]).print(std.out, f.format)
}

// An among is one value beside others: a table for each of the others, whose rows are the places.
type among struct {
	key    string
	of     string
	others []string
	tables []*table // as others; their rows without a sample of the other left out
	rows   []*row   // of the first table that has each: what was measured of the one
	labels [][]string
	first  *table // whose unit, settings and heading are those of all
}

// among compares. Its errors are all bad input.
func (f *amongFlags) among(rec *recording) (*among, error) {
	a := &among{}
	if err := f.name(rec, a); err != nil {
		return nil, err
	}
	for _, other := range a.others {
		tf := f.tableFlags
		tf.sort, tf.between = "row", &side{key: a.key, values: [2]string{a.of, other}}
		t, err := makeTable(rec, tf)
		if err != nil {
			return nil, fmt.Errorf("%s=%s: %w", plainKey(a.key), other, err)
		}
		if err := a.add(t); err != nil {
			return nil, err
		}
	}
	a.together()
	return a, nil
}

// name finds what is beside what.
func (f *amongFlags) name(rec *recording, a *among) error {
	rs, err := applyFilter(rec.results, f.filter)
	if err != nil {
		return err
	}
	key, list, _ := strings.Cut(f.of, "=")
	if a.key, err = resolveKey(rs, key); err != nil {
		return fmt.Errorf("-of: %w", err)
	}
	there := slices.DeleteFunc(valuesOf(rs, a.key), func(v string) bool { return v == "" })
	named := strings.Split(list, ",")
	for i, v := range named {
		switch {
		case list == "":
			return fmt.Errorf("-of %s: a value is wanted, as in -of %s=A; there are %s", f.of, key, strings.Join(there, ", "))
		case !slices.Contains(there, v):
			return fmt.Errorf("-of %s: no result has %s=%s; there are %s", f.of, key, v, strings.Join(there, ", "))
		case slices.Contains(named[:i], v):
			return fmt.Errorf("-of %s: %s stands twice", f.of, v)
		}
	}
	a.of, a.others = named[0], named[1:]
	if len(a.others) == 0 {
		_, net, _ := strings.Cut(f.net, "=")
		_, again, _ := strings.Cut(f.again, a.of+",") // of -aa, where that is what measured a.of twice
		asked := cellsOrder(rs, a.key)
		slices.SortStableFunc(there, func(v, w string) int { return place(asked, v) - place(asked, w) })
		a.others = slices.DeleteFunc(there, func(v string) bool { return v == a.of || v == net || v == again })
	}
	if len(a.others) == 0 {
		return fmt.Errorf("-of %s: no result has another %s", f.of, key)
	}
	return nil
}

// add takes the rows of one other, those aside in which it was not measured.
func (a *among) add(t *table) error {
	if a.first == nil {
		a.first = t
	}
	var rows []*row
	for i, r := range t.rows {
		switch {
		case t.stats[i].verdict == noHarness || len(r.samples[0]) == 0:
			return t.complete()
		case a.find(r.labels) < 0:
			a.labels, a.rows = append(a.labels, r.labels), append(a.rows, r)
		}
		if t.stats[i].verdict != missing {
			rows = append(rows, r)
		}
	}
	t.rows = rows
	a.tables = append(a.tables, t)
	return nil
}

// find gives the place of a row's labels, or −1.
func (a *among) find(labels []string) int {
	return slices.IndexFunc(a.labels, func(l []string) bool { return slices.Equal(l, labels) })
}

// together compares all places anew, since p takes notice of how many there are.
func (a *among) together() {
	var all []*row
	for _, t := range a.tables {
		all = append(all, t.rows...)
	}
	stats := compareAll(all, a.first.unit, a.first.set)
	for _, t := range a.tables {
		t.stats, stats = stats[:len(t.rows)], stats[len(t.rows):]
		if t.floors != nil && t.floors.apply != nil {
			t.floors.apply()
		}
	}
}

// wide is the sheet for people; its lines of heading end as told, or as lines do.
func (a *among) wide(ending string) *sheet {
	s := &sheet{title: strings.Join(a.title(), cmp.Or(ending, "\n"))}
	s.heads = []heading{{name: plainKey(a.key)}}
	for _, labels := range a.labels {
		s.heads = append(s.heads, heading{name: a.column(labels), number: true})
	}
	one := []entry{word(a.of)}
	for _, r := range a.rows {
		m := median(slices.Clone(r.samples[0]))
		one = append(one, figure(a.first.unit.short(m), m/a.first.unit.scale))
	}
	s.rows = append(s.rows, one)
	for k, t := range a.tables {
		line := make([]entry, len(s.heads))
		line[0] = word(a.others[k])
		for i := range line[1:] {
			line[i+1] = none
		}
		for i, r := range t.rows {
			line[a.find(r.labels)+1] = t.beside(i)
		}
		s.rows = append(s.rows, line)
	}
	s.notes = append(s.notes, a.note())
	for _, w := range a.warnings() {
		s.notes = append(s.notes, "warning: "+w)
	}
	return s
}

// beside is a median with its ratio to the one's. There is none where the harness takes all of it, or was not in its rounds.
func (t *table) beside(i int) entry {
	c := t.stats[i]
	if t.rows[i].net.apart {
		return entry{"other rounds", nil}
	}
	if !c.compared() {
		return entry{"≤ harness", nil}
	}
	mark := ""
	switch c.verdict {
	case noDifference:
		mark = "~"
	case tooFew:
		if c.rounds != [2]int{1, 1} {
			mark = "?"
		}
	}
	return figure(t.unit.short(c.summary[1].Center)+" ("+mark+timesNumber(c.ratio.mid)+")", c.ratio.mid)
}

// title says what is beside what, on what.
func (a *among) title() []string {
	lines := a.first.heading()
	about := strings.Join(append(slices.Clone(a.first.constant), a.words(a.labels[0], true)...), " ")
	if about != "" {
		about += ": "
	}
	lines[0] = fmt.Sprintf("%s%s among others, %s", about, a.of, a.first.measured())
	return lines
}

// words are a place's keys with their values: those that are the same in all places, or the others.
func (a *among) words(labels []string, same bool) []string {
	var out []string
	for k, label := range labels {
		differs := slices.ContainsFunc(a.labels, func(l []string) bool { return l[k] != label })
		if differs != same {
			out = append(out, a.first.keys[k]+"="+label)
		}
	}
	return out
}

// column heads a place: by what differs, or by all there is.
func (a *among) column(labels []string) string {
	words := a.words(labels, false)
	if len(words) == 0 {
		words = []string{a.first.unit.asked}
	}
	return strings.Join(words, " ")
}

func (a *among) note() string {
	better := a.of
	if a.first.unit.better > 0 {
		better = "the other"
	}
	note := fmt.Sprintf("in brackets the ratio to %s, above 1: %s is better; ", a.of, better)
	if a.single() {
		return note + "one sample each, so no verdicts"
	}
	note += fmt.Sprintf("~: no difference shown (p of all together, %g", a.first.set.alpha)
	if fl := a.first.floors; fl != nil {
		note += fmt.Sprintf("; no less than the place's A/A floor, how far the interval of %s reaches from 1: %s at most", fl.side.ratio(), percentText(fl.largest))
	}
	return note + ")"
}

// single tells whether there is one sample of each: counts, or a look.
func (a *among) single() bool {
	return !slices.ContainsFunc(a.tables, func(t *table) bool {
		return slices.ContainsFunc(t.stats, func(c *comparison) bool { return c.rounds != [2]int{1, 1} })
	})
}

// warnings are those of all tables, each once.
func (a *among) warnings() []string {
	var out set[string]
	if a.single() {
		return nil
	}
	for k, t := range a.tables {
		for _, w := range t.warnings {
			lacks := func(t *table) bool { return !slices.Contains(t.warnings, w) }
			if slices.ContainsFunc(a.tables, lacks) {
				w = a.others[k] + ": " + w
			}
			out.add(w)
		}
	}
	return out.list
}

// long is the sheet for programs: a line for each place.
func (a *among) long() *sheet {
	s := &sheet{title: strings.Join(a.title(), "; "), notes: append([]string{a.note()}, a.warnings()...)}
	for _, k := range a.first.keys {
		s.heads = append(s.heads, heading{name: k})
	}
	for _, name := range []string{plainKey(a.key), a.of, "unit", "value", "ratio"} {
		s.heads = append(s.heads, heading{name: name})
	}
	s.heads = append(s.heads, heading{name: "ratio interval", span: true}, heading{name: "p"}, heading{name: verdictHeading})
	for k, t := range a.tables {
		for i, r := range t.rows {
			c := t.stats[i]
			line := append(words(r.labels), word(a.others[k]))
			n := t.ratioNumbers(c)
			line = append(line, pointer("", t.measure(c, 0).Median), word(t.unit.asked), pointer("", t.measure(c, 1).Median), pointer("", n.Ratio))
			if c.tested() {
				line = append(line, between(c.ratio, ratioText), pointer("", n.Adjusted))
			} else {
				line = append(line, none, none)
			}
			s.rows = append(s.rows, append(line, word(t.verdictText(i))))
		}
	}
	return s
}
