package main

import (
	"context"
	"flag"
	"slices"
	"strconv"
	"strings"
)

const reportHelp = `Usage: benchcmp report [flags] [file ...]

Report reads benchmark text as table does and writes one HTML file that holds everything: the answer in a sentence or
two, the charts of plot, the tables, the method, the machine, the command and the commit, and the raw run itself.

    benchcmp report testdata/benchcmp/made.txt
    benchcmp report -filter registry:tree+table testdata/benchcmp/made.txt
    benchcmp report -side lists=none,list -unit ns/pair testdata/benchcmp/made.txt

The file needs no network and forbids itself any: send it, open it anywhere, print it. Tables sort by their headings
and show the rows that hold words typed; without JavaScript they are simply there. Runs of benchcmp sweep get both of
their tables and the sentence that sweep prints, unless -filter, -row, -side or -unit ask for something else. The first
256 KiB of the run can be read in the page, the whole of it downloaded from the page (up to 16 MiB compressed), ready
for table and benchstat. -o writes over an older report, and over nothing else. The same input is refused as by table.
`

// reportFlags are what report is asked for.
type reportFlags struct {
	tableFlags
	out   string
	asked bool // for one table, not for those of a sweep
}

func reportMain(_ context.Context, std stdio, args []string) error {
	var f reportFlags
	fs := newFlags("report")
	f.choose(fs)
	fs.StringVar(&f.out, "o", "-", "write the report to this `file`, - for standard output")
	if err := parseFlags(fs, std.out, reportHelp, args); err != nil {
		return err
	}
	if err := checkTarget(f.out, htmlFile); err != nil {
		return err
	}
	if err := f.check(); err != nil {
		return err
	}
	fs.Visit(func(set *flag.Flag) {
		f.asked = f.asked || slices.Contains([]string{"filter", "row", "side", "col", "unit", "better", "net", "aa"}, set.Name)
	})
	rec, inputs, err := readCopying(std.in, fs.Args())
	if err != nil {
		return err
	}
	return f.report(std, rec, inputs)
}

func (f *reportFlags) report(std stdio, rec *recording, inputs []*copied) error {
	tables, answer, err := f.tables(rec)
	if err != nil {
		return err
	}
	text, err := newPage(rec, tables, answer, inputs).html()
	if err != nil {
		return err
	}
	if err := writeTarget(std, f.out, htmlFile, text); err != nil {
		return err
	}
	return tables[0].complete()
}

// tables makes what is shown, and the answer. A run of a sweep is answered as sweep answers it.
func (f *reportFlags) tables(rec *recording) ([]*table, string, error) {
	if !f.asked && holdsSweep(rec) {
		sweeps, upkeep, err := sweepTables(rec, f.set)
		if err != nil {
			return nil, "", err
		}
		return []*table{sweeps, upkeep}, sentence(sweeps, upkeep), nil
	}
	t, err := makeTable(rec, f.tableFlags)
	if err != nil {
		return nil, "", &exitError{exitInput, err}
	}
	return []*table{t}, summary(t), nil
}

// holdsSweep tells whether rec is what sweep writes.
func holdsSweep(rec *recording) bool {
	for _, name := range []string{"Sweep", "Upkeep"} {
		if !slices.ContainsFunc(rec.results, func(r result) bool { return r.name.base == name }) {
			return false
		}
	}
	return !slices.ContainsFunc(rec.results, func(r result) bool {
		return r.name.base != "Upkeep" && (r.name.base != "Sweep" || !hasKeys(r, "/registry", "/order", "/n", "/sweep"))
	})
}

func hasKeys(r result, keys ...string) bool {
	return !slices.ContainsFunc(keys, func(key string) bool { _, ok := r.get(key); return !ok })
}

// summary counts verdicts, for tables of which nothing else is known.
func summary(t *table) string {
	var count [verdicts]int
	for _, c := range t.stats {
		count[c.verdict]++
	}
	rows := len(t.stats)
	var parts []string
	add := func(n int, what string) {
		if n > 0 {
			parts = append(parts, what+" in "+outOf(n, rows))
		}
	}
	add(count[firstWins], t.side.values[0]+" wins")
	add(count[secondWins], t.side.values[1]+" wins")
	add(count[noDifference], "no difference is shown")
	add(count[tooFew], "there are too few rounds to tell")
	add(count[missing], "a side is missing")
	add(count[noHarness]+count[notNet], "there is no ratio")
	return "Of " + t.side.values[0] + " and " + t.side.values[1] + ", by " + t.unit.asked + ": " + strings.Join(parts, ", ") + "."
}

func outOf(n, rows int) string {
	switch {
	case rows == 1:
		return "the only row"
	case n == rows:
		return "all " + strconv.Itoa(rows) + " rows"
	}
	return strconv.Itoa(n) + " of " + strconv.Itoa(rows) + " rows"
}
