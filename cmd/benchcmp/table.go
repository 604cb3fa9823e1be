package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

const tableHelp = `Usage: benchcmp table [flags] [file ...]

Table reads benchmark text, from standard input if no file or "-" is given, and prints one row for each
comparison: the median of both sides, the ratio of the second to the first with an interval, p, and the verdict.

    benchcmp table testdata/benchcmp/made.txt
    benchcmp table -filter 'order:churned' -sort ratio -format md testdata/benchcmp/made.txt
    benchcmp table -side lists=none,list -unit ns/pair testdata/benchcmp/made.txt
    benchcmp table -side impl=tree,bitset -unit ns/pair -net impl=harness -aa impl=tree,again -brief testdata/benchcmp/net.txt

A side wins where p, of all rows shown together, is below -alpha and the ratio's interval leaves 1 out. Where rounds
are paired p counts the patterns of signs of the rounds' ratios that chance could have made; else it is Mann-Whitney's U
test, corrected by Holm. The interval is bootstrapped over the rounds. On a terminal a bar shows the ratio's logarithm.
With fewer than 6 rounds a row gets no verdict.

-net KEY=VALUE takes the measure of an empty harness off both sides, round by round, before anything is computed; a row
gets no verdict where a side is not above it in every round. -aa KEY=A,B names what measured the same thing twice: its
A/A floor, how far the interval of B/A reaches from 1, is what noise alone shows, and nothing wins by less; rows without
A and B take the largest floor of the table. -brief leaves out what a document says once.

Filters and rows are written as benchproc reads them ("go doc golang.org/x/perf/benchproc/syntax"); n may be written for
/n. What would make a wrong table in silence is an error: a key that does not occur, a row that would pool different
benchmarks, commits or machines, a failed run, JSON, values that no ratio can be made of.
`

// tableFlags are what table is asked for.
type tableFlags struct {
	filter, row, side, unit, better, sort, format string
	set                                           settings
	between                                       *side    // in place of side, where a key's values cannot be written as KEY=A,B
	free                                          []string // see grouping.free
	net, again                                    string   // -net and -aa
	tables, bars                                  string
	brief                                         bool
}

func tableMain(_ context.Context, std stdio, args []string) error {
	var f tableFlags
	fs := newFlags("table")
	f.choose(fs)
	fs.StringVar(&f.tables, "table", "", "make a table of its own for each value of these `keys`, p too")
	fs.StringVar(&f.bars, "bars", "auto", "draw the ratios in text: `always`, never, or auto: on a terminal")
	fs.StringVar(&f.sort, "sort", "row", "`order` of the rows: row, ratio or p; -ratio and -p from the top")
	fs.BoolVar(&f.brief, "brief", false, "for documents: medians, the ratio with its interval, the verdict with p; no method")
	fs.StringVar(&f.format, "format", "text", "`form` of the table: text, md, csv or json")
	if err := parseFlags(fs, std.out, tableHelp, args); err != nil {
		return err
	}
	if err := f.check(); err != nil {
		return err
	}
	rec, err := readFiles(std.in, fs.Args())
	if err != nil {
		return err
	}
	tables, err := makeTables(rec, f)
	if err != nil {
		return &exitError{exitInput, err}
	}
	var incomplete error
	for i, t := range tables {
		if i > 0 {
			fmt.Fprintln(std.out)
		}
		t.brief = f.brief
		t.bars = f.bars == "always" || f.bars == "auto" && isTerminal(std.out)
		if err := t.print(std, f.format); incomplete == nil {
			incomplete = err
		}
	}
	return incomplete
}

// choose defines the flags that say what is compared; plot and report have them too.
func (f *tableFlags) choose(fs *flag.FlagSet) {
	f.measureFlags(fs)
	fs.StringVar(&f.side, "side", "sweep=walk,list", "compare the two values of this `key`, a name's or a file's: KEY=A,B, or KEY if it has two")
	fs.StringVar(&f.side, "col", "sweep=walk,list", "the same as -side, in benchstat's `word`")
	f.againFlag(fs)
}

func (f *tableFlags) againFlag(fs *flag.FlagSet) {
	fs.StringVar(&f.again, "aa", "", "take the noise from these `names`, KEY=A,B, which measured the same thing in turn; nothing wins by less than it")
}

// measureFlags defines those of them that do not name the sides.
func (f *tableFlags) measureFlags(fs *flag.FlagSet) {
	f.sort, f.format, f.bars = "row", "text", "auto"
	fs.StringVar(&f.filter, "filter", "*", "use only results that match this `expression`")
	fs.StringVar(&f.row, "row", "", "`keys` of the rows (default registry,order,n as far as they occur, and every other key that differs)")
	fs.StringVar(&f.net, "net", "", "take the measure of this empty `harness`, KEY=VALUE, off both sides, round by round; KEY is that of -side")
	fs.StringVar(&f.unit, "unit", "ns/pid", "compare this `unit` of measure")
	fs.StringVar(&f.better, "better", "", "`lower` or higher, if no Unit line tells which is better")
	fs.Float64Var(&f.set.alpha, "alpha", 0.05, "call a difference shown below this corrected `p`")
	fs.Float64Var(&f.set.confidence, "confidence", 0.95, "`level` of the intervals")
}

func (f *tableFlags) check() error {
	if err := f.set.check(); err != nil {
		return err
	}
	switch {
	case renderers[f.format] == nil:
		return badInput("-format %q: text, md, csv or json is wanted", f.format)
	case !slices.Contains([]string{"auto", "always", "never"}, f.bars):
		return badInput("-bars %q: auto, always or never is wanted", f.bars)
	case !slices.Contains([]string{"row", "ratio", "p", "-ratio", "-p"}, f.sort):
		return badInput("-sort %q: row, ratio, p, -ratio or -p is wanted", f.sort)
	}
	return nil
}

func (set settings) check() error {
	switch {
	case !(set.alpha > 0 && set.alpha < 1):
		return badInput("-alpha %v: a number between 0 and 1 is wanted", set.alpha)
	case !(set.confidence >= 0.5 && set.confidence <= 0.999):
		return badInput("-confidence %v: a number from 0.5 to 0.999 is wanted", set.confidence)
	}
	return nil
}

// A table is what is rendered: labelled rows with their statistics, and all that a reader must know beside them.
type table struct {
	keys     []string // headings of the label columns
	rows     []*row
	stats    []*comparison
	side     side
	unit     unit
	set      settings
	net      *takenOff   // of -net, or nil
	floors   *floors     // of -aa, or nil
	constant []string    // "density=25": the same in every row
	facts    [][2]string // what the heads say of machine and code
	notes    []string    // method, and what was left out
	warnings []string
	without  int  // results that lack the unit
	bars     bool // in text: draw the ratios
	brief    bool // for documents: fewer columns, one line below
}

// makeTable goes from a recording to a table. Its errors are all bad input.
func makeTable(rec *recording, f tableFlags) (*table, error) {
	rs, err := applyFilter(rec.results, f.filter)
	if err != nil {
		return nil, err
	}
	s, err := f.sides(rs)
	if err != nil {
		return nil, err
	}
	ch, err := f.choice(rs, s)
	if err != nil {
		return nil, err
	}
	u, err := parseUnit(rec, choose(rs, s.holds), f.unit, f.better)
	if err != nil {
		return nil, err
	}
	wanted := choose(rs, ch.holds)
	measured, err := withUnit(wanted, u)
	if err != nil {
		return nil, err
	}
	fields, err := rowFields(choose(measured, s.holds), s, f.row)
	if err != nil {
		return nil, err
	}
	t := &table{side: s, unit: u, set: f.set}
	g, err := t.fill(measured, ch, fields, f.free)
	if err != nil {
		return nil, err
	}
	t.describe(g, measured, choose(rs, ch.leavesOut), len(wanted)-len(measured))
	t.sort(f.sort)
	return t, nil
}

// fill makes the rows and their statistics of results that have the unit.
func (t *table) fill(measured []result, ch choice, fields []field, free []string) (*grouping, error) {
	g, err := newGrouping(choose(measured, ch.side.holds), ch.side, t.unit, fields)
	if err != nil {
		return nil, err
	}
	g.free, g.net = free, ch.net
	if t.rows, err = g.group(choose(measured, g.holds)); err != nil {
		return nil, err
	}
	t.stats = compareAll(t.rows, t.unit, t.set)
	for _, key := range g.keys {
		t.keys = append(t.keys, plainKey(key))
	}
	if ch.net != "" {
		t.net = newTakenOff(ch, t.rows)
	}
	if ch.again != nil {
		t.floors, err = newFloors(measured, *ch.again, g, fields, t)
	}
	return g, err
}

// sides tells what is compared.
func (f *tableFlags) sides(rs []result) (side, error) {
	if f.between != nil {
		return *f.between, nil
	}
	return parseSide(rs, f.side)
}

// A choice is which results are compared, and which are made use of beside them.
type choice struct {
	side  side
	net   string // the value of the side's key that is taken off both sides, or ""
	again *side  // the two values of a key that measured the same thing, or nil
}

func (f *tableFlags) choice(rs []result, s side) (ch choice, err error) {
	ch.side = s
	if ch.net, err = parseNet(rs, s, f.net); err != nil {
		return ch, err
	}
	ch.again, err = parseAA(rs, s, ch.net, f.again)
	return ch, err
}

// holds tells whether r has a part in the table.
func (ch choice) holds(r result) bool {
	g := grouping{side: ch.side, net: ch.net}
	return g.holds(r) || ch.again != nil && ch.again.holds(r)
}

func (ch choice) leavesOut(r result) bool { return !ch.holds(r) }

// choose keeps the results for which a function says so.
func choose(rs []result, wanted func(result) bool) []result {
	var kept []result
	for _, r := range rs {
		if wanted(r) {
			kept = append(kept, r)
		}
	}
	return kept
}

// withUnit keeps the results that hold u. One without it is an error where other samples of its name have it: its line
// was cut short.
func withUnit(rs []result, u unit) ([]result, error) {
	has := map[*name]bool{}
	var kept []result
	for _, r := range rs {
		if _, ok := r.value(u); ok {
			has[r.name] = true
			kept = append(kept, r)
		}
	}
	for _, r := range rs {
		if _, ok := r.value(u); !ok && has[r.name] {
			return nil, fmt.Errorf("%s: no %s, which other samples of this name have (cut short?)", r.pos(), u.asked)
		}
	}
	return kept, nil
}

// sort orders rows and stats by ratio or p; "row" leaves the order of the labels.
func (t *table) sort(by string) {
	by, down := strings.CutPrefix(by, "-")
	if by == "row" {
		return
	}
	value := func(c *comparison) float64 {
		if by == "p" {
			return c.p
		}
		return c.ratio.mid
	}
	order := make([]int, len(t.rows))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, y := value(t.stats[a]), value(t.stats[b])
		if down {
			x, y = y, x
		}
		if x < y {
			return -1
		} else if x > y {
			return 1
		}
		return 0
	})
	rows, stats := make([]*row, len(order)), make([]*comparison, len(order))
	for to, from := range order {
		rows[to], stats[to] = t.rows[from], t.stats[from]
	}
	t.rows, t.stats = rows, stats
}

// print renders t. Rows without one of their sides are shown, and are an error all the same.
func (t *table) print(std stdio, format string) error {
	var b strings.Builder
	if err := renderers[format](&b, t); err != nil {
		return err
	}
	if _, err := io.WriteString(std.out, b.String()); err != nil {
		return failed("writing the table: %w", err)
	}
	if format == "csv" || format == "json" {
		for _, w := range t.warnings {
			fmt.Fprintf(std.err, "warning: %s\n", w)
		}
	}
	return t.complete()
}

func (t *table) complete() error {
	for i, c := range t.stats {
		switch c.verdict {
		case missing:
			return badInput("row %s has no result with %s%s", t.label(i), t.absent(i), t.unitless())
		case noHarness:
			return badInput("row %s: %s", t.label(i), c.why)
		}
	}
	return nil
}

// unitless tells of results that lack the unit, which may be what is missed.
func (t *table) unitless() string {
	if t.without == 0 {
		return ""
	}
	return fmt.Sprintf(" in %s (%d %s without it)", t.unit.asked, t.without, plural(t.without, "result is", "results are"))
}

// label names row i in messages.
func (t *table) label(i int) string {
	var parts []string
	for k, key := range t.keys {
		parts = append(parts, key+"="+t.rows[i].labels[k])
	}
	return strings.Join(parts, " ")
}

// absent names the side that row i has no results of.
func (t *table) absent(i int) string {
	for k, n := range t.stats[i].rounds {
		if n == 0 {
			return t.side.name() + "=" + t.side.values[k]
		}
	}
	return ""
}
