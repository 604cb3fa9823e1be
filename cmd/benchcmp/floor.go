package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"time"
)

const floorHelp = `Usage: benchcmp floor [flags] [package ...]
       benchcmp floor -read [flags] file ...

Floor measures every cell against itself, in paired rounds and by two processes of the same binary (copy a and copy b):
an A/A run. Whatever it shows is noise. Of each benchmark it writes the smallest effect that noise alone shows: how far
the interval of the ratio b/a reaches from 1. Benchcmp gate -floor calls no effect below it a regression, and no cell
fine in which it is above what gate is asked to find. A floor belongs to its machine. -read takes such a run from files.

    benchcmp floor -plan -rounds 10 -seed 1 -side sweep -cells Sweep/registry=tree+table/n=10k/order=fresh/density=25/threads=1/sweep=walk,list ./bench
    benchcmp floor -read -unit ns/pid -w - testdata/benchcmp/aa.txt

The raw run is benchmark text, each process's lines below a line "copy: a" or "copy: b". Two processes differ in more
than two benchmarks in one process do (where memory lies, for one), so for sides that one process measures this floor
lies on the high side.
`

// floorFlags are what floor is asked for.
type floorFlags struct {
	runFlags
	read                 bool
	filter, unit, better string
	json, format         string
	confidence           float64
}

func (f *floorFlags) register(fs *flag.FlagSet) {
	f.runFlags.register(fs)
	fs.BoolVar(&f.read, "read", false, "read an A/A run from the files given, measure nothing")
	fs.StringVar(&f.filter, "filter", "*", "use only results that match this `expression`")
	fs.StringVar(&f.unit, "unit", "ns/op", "compare this `unit` of measure")
	fs.StringVar(&f.better, "better", "", "`lower` or higher, if no Unit line tells which is better")
	fs.StringVar(&f.json, "w", "floor.json", "write the floor to this `file`, - for standard output in place of the table")
	fs.StringVar(&f.out, "o", "", "write the raw run to this new `file` (default floor-DATE-TIME.txt)")
	fs.StringVar(&f.format, "format", "text", "`form` of the table: text, md, csv or json")
	fs.Float64Var(&f.confidence, "confidence", 0.95, "`level` of the intervals")
}

func floorMain(ctx context.Context, std stdio, args []string) error {
	var f floorFlags
	fs := newFlags("floor")
	f.register(fs)
	if err := parseFlags(fs, std.out, floorHelp, args); err != nil {
		return err
	}
	set := settings{0.05, f.confidence}
	if err := errorsFirst(set.check(), checkForm(f.format)); err != nil {
		return err
	}
	if f.read {
		return f.answer(std, fs.Args())
	}
	f.plan.copies = true
	if err := f.prepare("floor", fs.Args(), args); err != nil {
		return err
	}
	raw := f.out
	if raw == "" {
		raw = freeName(time.Now().Format("floor-20060102-150405"))
	}
	err := f.carryOut(ctx, std, func(measure func(io.Writer) error) error { return intoFile(raw, measure) })
	if err != nil || f.planOnly {
		return err
	}
	fmt.Fprintf(std.err, "raw run: %s\n", raw)
	return f.answer(std, []string{raw})
}

func errorsFirst(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// answer makes the floor of an A/A run and writes it.
func (f *floorFlags) answer(std stdio, paths []string) error {
	rec, err := readFiles(std.in, paths)
	if err != nil {
		return err
	}
	t, err := makeTable(rec, tableFlags{filter: f.filter, row: nameRow(rec.results), side: "copy=a,b", unit: f.unit,
		better: f.better, sort: "row", set: settings{0.05, f.confidence}})
	if err != nil {
		return &exitError{exitInput, err}
	}
	if err := t.complete(); err != nil {
		return err
	}
	doc, err := newFloor(t, rec)
	if err != nil {
		return &exitError{exitInput, err}
	}
	if f.json == "-" {
		return writeJSON(std.out, doc)
	}
	if err := doc.sheet(t).print(std.out, f.format); err != nil {
		return err
	}
	return doc.write(f.json)
}

// nameRow is the -row that keeps every benchmark apart.
func nameRow(rs []result) string {
	if len(valuesOf(rs, "pkg")) > 1 {
		return "pkg,.fullname"
	}
	return ".fullname"
}

// newFloor takes the floor of each row of an A/A table.
func newFloor(t *table, rec *recording) (*floorJSON, error) {
	doc := &floorJSON{Format: floorFormat, Unit: t.unit.asked, Confidence: t.set.confidence, Facts: map[string]string{}}
	heads := &row{}
	for _, r := range t.rows {
		for _, h := range r.heads.list {
			heads.heads.add(h)
		}
	}
	for _, key := range machineKeys {
		if values := heads.valuesOf(key); len(values) == 1 && values[0] != absentValue {
			doc.Facts[key] = values[0]
		} else if len(values) > 1 {
			return nil, fmt.Errorf("the A/A run was measured with several values of %s: %s", key, strings.Join(values, ", "))
		}
	}
	for i, c := range t.stats {
		if !c.tested() {
			return nil, fmt.Errorf("%s: too few rounds (%d) for a floor; %d at least are wanted", t.label(i), min(c.rounds[0], c.rounds[1]), minRounds)
		}
		pkg, _ := t.rows[i].heads.list[0].get("pkg")
		doc.Cells = append(doc.Cells, floorCell{pkg, t.rows[i].names.list[0].full, min(c.rounds[0], c.rounds[1]), reach(c.ratio)})
	}
	return doc, nil
}

// reach is how far an interval of a ratio goes from 1: 0.1 for one that ends at 1.1 or at 1/1.1.
func reach(v interval) float64 {
	return math.Expm1(max(math.Abs(math.Log(v.lo)), math.Abs(math.Log(v.hi))))
}

// sheet shows the floor of every cell, and the A/A run's false alarms.
func (doc *floorJSON) sheet(t *table) *sheet {
	s := &sheet{
		title: fmt.Sprintf("A/A: the smallest effect that noise alone shows, %s, %g%% intervals", doc.Unit, 100*doc.Confidence),
		heads: []heading{{name: "benchmark"}, {name: "b/a", number: true}, {name: "interval", number: true, span: true}, {name: "rounds", number: true}, {name: "floor", number: true}},
	}
	alarms := 0
	var floors []float64
	for i, c := range doc.Cells {
		r := t.stats[i].ratio
		if v := t.stats[i].verdict; v == firstWins || v == secondWins {
			alarms++
		}
		floors = append(floors, c.Floor)
		s.rows = append(s.rows, []entry{word(c.Name), figure(ratioText(r.mid), r.mid), between(r, ratioText),
			{fmt.Sprint(c.Rounds), c.Rounds}, figure(percentText(c.Floor), c.Floor)})
	}
	s.notes = append(s.notes, fmt.Sprintf("floors: %s at the median cell, %s at the worst of %d; false alarms of benchcmp table: %d",
		percentText(median(slices.Clone(floors))), percentText(slices.Max(floors)), len(floors), alarms))
	return s
}

func percentText(v float64) string { return fmt.Sprintf("%.1f%%", 100*v) }

func (doc *floorJSON) write(path string) error {
	var b strings.Builder
	if err := writeJSON(&b, doc); err != nil {
		return failed("%w", err)
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o666); err != nil {
		return badInput("-w: %w", err)
	}
	return nil
}
