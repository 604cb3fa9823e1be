package main

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
)

const gateHelp = `Usage: benchcmp gate [flags] -base FILE -head FILE
       benchcmp gate [flags] FILE       (a run of two commits, by benchcmp run -base)

Gate compares every benchmark of two runs and answers by its exit status: 0 fine, 1 regression or an answer that moved,
2 bad input (a benchmark that one side lacks is that), 3 inconclusive. A benchmark has regressed if the interval of
head/base lies above the limit, whole, and p (of all benchmarks together) is below -alpha; it is fine if the interval
lies within the limit, whole; else the run cannot tell, and more rounds can. The limit is -max or, with -floor, the
benchmark's A/A floor where that is higher; nothing is fine there, since noise alone shows more than -max. Better than
before is always fine.

    benchcmp gate -unit ns/pid -max 5% -base testdata/benchcmp/gate-base.txt -head testdata/benchcmp/gate-same.txt
    benchcmp gate -unit ns/pid -floor testdata/benchcmp/floor.json -base testdata/benchcmp/gate-base.txt -head testdata/benchcmp/gate-same.txt
    benchcmp gate -max 10% -unit ns/pid -cross 'churned<40k' -base testdata/benchcmp/gate-base.txt -head testdata/benchcmp/gate-same.txt

-cross holds head to an answer: the crossover (see benchcmp cross) of the rows that have these values lies below or
above a size, or "=none": it has none in range. Values are joined by commas, with their keys where two keys have them:
'order=churned,tree+table<40k'. Machine, toolchain and the like must be the same on both sides, unless -across names
them. Runs of two files are not paired; benchcmp run -base measures both commits in turn, and sees smaller differences.
`

// gateFlags are what gate is asked for.
type gateFlags struct {
	base, head, max, floor, filter, unit, better, side, format string
	across, crossSide, crossUnit                               string
	cross                                                      listFlag
	set                                                        settings
}

func (f *gateFlags) register(fs *flag.FlagSet) {
	fs.StringVar(&f.base, "base", "", "the run before the change, a `file`")
	fs.StringVar(&f.head, "head", "", "the run after it, a `file`")
	fs.StringVar(&f.side, "side", "commit", "in one file: the `key` that tells base from head, KEY=BASE,HEAD or KEY")
	fs.StringVar(&f.max, "max", "5%", "how much worse is still fine, as 5% or 0.05")
	fs.StringVar(&f.floor, "floor", "", "call nothing a regression that is below its floor in this `file` of benchcmp floor")
	fs.Var(&f.cross, "cross", "hold head to this `answer`, as churned<40k; may be repeated")
	fs.StringVar(&f.crossSide, "cross-side", "sweep=walk,list", "the `sides` of -cross")
	fs.StringVar(&f.crossUnit, "cross-unit", "ns/pid", "the `unit` of -cross")
	fs.StringVar(&f.filter, "filter", "*", "use only results that match this `expression`")
	fs.StringVar(&f.unit, "unit", "ns/op", "compare this `unit` of measure")
	fs.StringVar(&f.better, "better", "", "`lower` or higher, if no Unit line tells which is better")
	fs.StringVar(&f.across, "across", "", "`keys` of machine or toolchain that may differ, joined by commas")
	fs.StringVar(&f.format, "format", "text", "`form` of the table: text, md, csv or json")
	fs.Float64Var(&f.set.alpha, "alpha", 0.05, "call a difference shown below this corrected `p`")
	fs.Float64Var(&f.set.confidence, "confidence", 0.95, "`level` of the intervals")
}

func gateMain(_ context.Context, std stdio, args []string) error {
	var f gateFlags
	fs := newFlags("gate")
	f.register(fs)
	if err := parseFlags(fs, std.out, gateHelp, args); err != nil {
		return err
	}
	g, err := f.gate(std, fs.Args())
	if err != nil {
		return err
	}
	if err := g.sheet().print(std.out, f.format); err != nil {
		return err
	}
	return g.verdict()
}

// gate reads and judges. Its errors are all bad input.
func (f *gateFlags) gate(std stdio, paths []string) (*gate, error) {
	limit, err := parseLimit(f.max)
	if err := errorsFirst(err, f.set.check(), checkForm(f.format)); err != nil {
		return nil, err
	}
	if (len(paths) == 1) == (f.base != "" || f.head != "") || (f.base == "") != (f.head == "") || len(paths) > 1 {
		return nil, badInput("-base and -head are wanted, or one file that holds both")
	}
	if f.base != "" {
		paths = []string{f.base, f.head}
	}
	rec, err := readFiles(std.in, paths)
	if err != nil {
		return nil, err
	}
	t, err := f.table(rec)
	if err != nil {
		return nil, &exitError{exitInput, err}
	}
	g := &gate{table: t, limit: limit, alpha: f.set.alpha}
	if err := errorsFirst(f.judge(g), f.hold(g, rec)); err != nil {
		return nil, &exitError{exitInput, err}
	}
	return g, nil
}

// table compares the two runs by benchmark.
func (f *gateFlags) table(rec *recording) (*table, error) {
	free := append([]string{"commit", "seed", "rounds", "cells", "command"}, f.free()...)
	tf := tableFlags{filter: f.filter, row: nameRow(rec.results), side: f.side, unit: f.unit, better: f.better, sort: "row", set: f.set, free: free}
	if f.base != "" {
		tf.between = &side{".file", [2]string{f.base, f.head}}
	}
	t, err := makeTable(rec, tf)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(t.side.key, "/") || t.side.key == ".name" {
		return nil, fmt.Errorf("-side %s: is a key of names; base and head have the same names, told apart by a line at the head of their results (benchcmp table compares names)", t.side.name())
	}
	return t, oneCommitEach(t, free)
}

func (f *gateFlags) free() []string {
	if f.across == "" {
		return nil
	}
	return strings.Split(f.across, ",")
}

// oneCommitEach refuses a side that is several commits (or machines, where these may differ between the sides) in one.
func oneCommitEach(t *table, free []string) error {
	for _, r := range t.rows {
		for k, value := range t.side.values {
			for _, key := range free {
				var values set[string]
				for _, h := range r.heads.list {
					if of, _ := h.get(t.side.key); of == value {
						v, _ := h.get(key)
						values.add(v)
					}
				}
				if len(values.list) > 1 && key != t.side.key && slices.Contains(identity, key) {
					return fmt.Errorf("%s holds several values of %s: %s", [2]string{"base", "head"}[k], key, strings.Join(values.list, ", "))
				}
			}
		}
	}
	return nil
}

// judge gives every row its outcome.
func (f *gateFlags) judge(g *gate) error {
	var floor *floorJSON
	if f.floor != "" {
		var err error
		if floor, err = readFloor(f.floor); err != nil {
			return err
		}
		if floor.Unit != f.unit {
			return fmt.Errorf("%s is a floor of %s, not of %s", f.floor, floor.Unit, f.unit)
		}
	}
	for i := range g.table.rows {
		j, err := g.judgeRow(i, floor, func(key string) bool { return slices.Contains(f.free(), key) })
		if err != nil {
			return err
		}
		g.rows = append(g.rows, j)
	}
	return nil
}
