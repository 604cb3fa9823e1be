package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

const sweepHelp = `Usage: benchcmp sweep [flags]

Sweep answers the question of 2007: to end a PID namespace, is it cheaper to walk its numbers or to follow a list of
its tasks? It builds the benchmarks of the module that benchcmp is part of, measures both sweeps on the same
population, as forked and after churn, in paired rounds, and what the list costs at fork and exit; then it prints a
verdict for each registry, order and size, and one sentence. The raw run goes to a file that benchcmp table and
benchstat read; beside it are written a report (.html) and a chart (.svg). Nothing but Go is needed; run it anywhere
inside the checkout.

    benchcmp sweep -plan -seed 1
    benchcmp sweep -plan -quick -seed 1
    benchcmp sweep -plan -n 10k,30k -rounds 6 -seed 1
    benchcmp sweep -axes list
    benchcmp sweep -plan -axes q1 -n 10k,100k -seed 1

By default tree+table is measured from 10k to 1M and paged+hash to 100k, in about two minutes on two processors;
-quick measures tree+table at 10k and 100k in under 30 seconds. -registry and -n choose others; with -n alone
paged+hash still stops at 100k, since its chains make a walk of 1M take minutes. The walk is measured twice in
turn (sweep=walk+again), and no difference is called shown that is below what this A/A shows in its row.

-axes measures one of the open questions with all that may change its answer (density, threads, cold caches, larger
tasks, …), after 10 exits and forks a task: q1 walk or list, q2 FIFO table or radix tree, q3 bitmap and index or radix
tree, full everything. It prints a table for each part with the reason for it, the crossovers, and for q1 the
break-even: the share of tasks that must die by a sweep for a list to pay.
`

// What sweep measures unless told otherwise.
const (
	sweepSizes  = "10k,30k,100k,300k,1M"
	quickSizes  = "10k,100k"
	pagedSizes  = "10k,30k,100k" // as far as paged+hash goes by default
	sweepAxes   = "Sweep/registry=%s/n=%s/order=%s/density=25/threads=1/sweep=%s"
	sweepSides  = "walk,list"
	sweepTwice  = "walk,walk" + again + ",list" // the walk once more: see floors
	upkeepCell  = "Upkeep/registry=tree+table/n=100k/lists=none,list"
	upkeepTwice = "Upkeep/registry=tree+table/n=100k/lists=none,none" + again + ",list"
	again       = "+again" // ends a value that the benchmarks measure once more
	sweepRounds = 10
	quickRounds = 6
)

// sweepFlags are what sweep is asked for.
type sweepFlags struct {
	quick, planOnly, writeUp, aa  bool
	sizes, registries, orders     string
	axes, picked                  string // a question's name; of its sizes, those that were asked for
	pkg, seed, out, format, bench string
	rounds                        int
	timeout                       time.Duration
}

func sweepMain(ctx context.Context, std stdio, args []string) error {
	var f sweepFlags
	fs := newFlags("sweep")
	f.register(fs)
	if err := parseFlags(fs, std.out, sweepHelp, args); err != nil {
		return err
	}
	if fs.NArg() > 0 {
		return badInput("unexpected argument %q; sizes are given by -n, packages by -pkg", fs.Arg(0))
	}
	if f.axes == "list" {
		_, err := io.WriteString(std.out, questionsHelp())
		return err
	}
	p, err := f.plan(given(fs), args)
	if err != nil {
		return err
	}
	if f.planOnly {
		p.print(std.out, true)
		return nil
	}
	return f.run(ctx, std, p)
}

func (f *sweepFlags) register(fs *flag.FlagSet) {
	fs.BoolVar(&f.quick, "quick", false, "measure tree+table at 10k and 100k only, 6 rounds")
	fs.StringVar(&f.sizes, "n", sweepSizes, "`sizes` to measure")
	fs.StringVar(&f.axes, "axes", "", "measure this `selection`: q1, q2, q3 or full; -axes list tells what is in them")
	fs.StringVar(&f.registries, "registry", "tree+table,paged+hash", "`registries` to measure")
	fs.StringVar(&f.orders, "order", "fresh,churned", "`orders` to measure: as forked, after random exits and forks")
	fs.IntVar(&f.rounds, "rounds", sweepRounds, "`number` of rounds; 6 at least for a verdict")
	fs.StringVar(&f.bench, "benchtime", "20ms", "`time` or count (100x) for each benchmark")
	fs.DurationVar(&f.timeout, "timeout", 2*time.Minute, "give up on a process after this `time`")
	fs.StringVar(&f.seed, "seed", "", "`number` that the orders are drawn by (default random, printed)")
	fs.StringVar(&f.out, "o", "", "write the raw run to this new `file` (default sweep-DATE-TIME.txt)")
	fs.StringVar(&f.format, "format", "text", "`form` of the tables: text or md")
	fs.StringVar(&f.pkg, "pkg", "", "`package` of the benchmarks (default bench in benchcmp's own module)")
	fs.BoolVar(&f.writeUp, "report", true, "write a report (.html) and a chart (.svg) beside the raw run; -report=false does not")
	fs.BoolVar(&f.aa, "aa", true, "measure the walk twice in turn, for each row's A/A floor; -aa=false does not")
	fs.BoolVar(&f.planOnly, "plan", false, "print the plan alone, measure nothing")
}

// plan settles what is measured; set tells which flags were given.
func (f *sweepFlags) plan(set map[string]bool, args []string) (*plan, error) {
	if f.format != "text" && f.format != "md" {
		return nil, badInput("-format %q: text or md is wanted", f.format)
	}
	if f.quick {
		f.hurry(set)
	}
	p := &plan{rounds: f.rounds, benchtime: f.bench, timeout: f.timeout, odd: []string{"-reverse"}}
	var err error
	if p.seed, err = parseSeed(f.seed); err != nil {
		return nil, err
	}
	pkg, err := f.packagePath()
	if err != nil {
		return nil, err
	}
	p.pkgs = []string{pkg}
	p.command = commandLine("sweep", f.seed == "", p.seed, args)
	if f.axes != "" {
		err = f.takeAxes(p, set)
	} else {
		err = f.cells(p, set["n"] && set["registry"])
	}
	if err != nil {
		return nil, err
	}
	return p, p.settle()
}

// takeAxes makes the plan of -axes.
func (f *sweepFlags) takeAxes(p *plan, set map[string]bool) error {
	for _, other := range []string{"quick", "registry", "order"} {
		if set[other] {
			return badInput("-axes and -%s exclude each other; -n takes some of the sizes", other)
		}
	}
	q, err := questionOf(f.axes)
	if err != nil {
		return err
	}
	if set["n"] {
		f.picked = f.sizes
	}
	return q.plan(p, f.picked)
}

// hurry sets what -quick stands for where no flag says otherwise.
func (f *sweepFlags) hurry(set map[string]bool) {
	if !set["n"] {
		f.sizes = quickSizes
	}
	if !set["registry"] {
		f.registries = "tree+table"
	}
	if !set["rounds"] {
		f.rounds = quickRounds
	}
}

// packagePath is where the benchmarks are.
func (f *sweepFlags) packagePath() (string, error) {
	if f.pkg != "" {
		return f.pkg, nil
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Path == "" {
		return "", badInput("benchcmp was built without module information; name the benchmarks' package by -pkg")
	}
	return info.Main.Path + "/bench", nil
}

// cells fills in the plan's cells. Unless asForced, paged+hash keeps to pagedSizes.
func (f *sweepFlags) cells(p *plan, asForced bool) error {
	exprs := []string{}
	sides, upkeep := sweepSides, upkeepCell
	if f.aa {
		sides, upkeep = sweepTwice, upkeepTwice
	}
	for _, registry := range strings.Split(f.registries, ",") {
		sizes := f.sizes
		if registry == "paged+hash" && !asForced {
			sizes = intersect(sizes, pagedSizes)
		}
		if sizes != "" {
			exprs = append(exprs, fmt.Sprintf(sweepAxes, registry, sizes, f.orders, sides))
		}
	}
	p.asked = append(exprs, upkeep)
	for _, expr := range p.asked {
		cells, err := parseCells(expr, []string{"sweep", "lists"})
		if err != nil {
			return &exitError{exitInput, err}
		}
		p.cells = append(p.cells, cells...)
	}
	return nil
}

// intersect keeps the elements of list a that stand in list b.
func intersect(a, b string) string {
	return strings.Join(slices.DeleteFunc(strings.Split(a, ","), func(s string) bool {
		return !slices.Contains(strings.Split(b, ","), s)
	}), ",")
}

// run measures p into a new file, reads that file as any other run is read, and prints what it says.
func (f *sweepFlags) run(ctx context.Context, std stdio, p *plan) error {
	path := f.out
	if path == "" {
		path = freeName(time.Now().Format("sweep-20060102-150405"))
	}
	beside, err := f.beside(path)
	if err != nil {
		return err
	}
	p.print(std.err, false)
	warnRounds(std.err, p.rounds)
	fmt.Fprintf(std.err, "raw run: %s\n", path)
	if err := intoFile(path, func(w io.Writer) error { return p.measure(ctx, w, std.err) }); err != nil {
		return err
	}
	return f.finish(std, path, beside)
}

// finish answers by the run in a file, whole now, and writes it up.
func (f *sweepFlags) finish(std stdio, path string, beside beside) error {
	rec, inputs, err := readCopying(nil, []string{path})
	if err != nil {
		return failed("the run just written cannot be read: %w", err)
	}
	a, err := f.answer(std, rec)
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "\nraw run: %s\n", path)
	return beside.write(std, rec, a, inputs)
}

// sweepAgain makes the plan of a sweep anew. Files beside the run that could not be written over are refused.
func sweepAgain(fs *flag.FlagSet, args []string) (*runFlags, error) {
	var f sweepFlags
	f.register(fs)
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	p, err := f.plan(given(fs), args)
	if err != nil {
		return nil, err
	}
	return &runFlags{planFlags: planFlags{plan: *p}, after: func(std stdio, path string) error {
		beside, err := f.beside(path)
		if err != nil {
			return err
		}
		return f.finish(std, path, beside)
	}}, nil
}

// freeName is base.txt, or base-2.txt and so on if that exists; createNew makes sure.
func freeName(base string) string {
	path := base + ".txt"
	for i := 2; i < 100; i++ {
		if _, err := os.Stat(path); err != nil {
			return path
		}
		path = fmt.Sprintf("%s-%d.txt", base, i)
	}
	return path
}

// measuredAgain is the -aa of a run that measured a value twice, "" for one that did not.
func measuredAgain(rec *recording, name, key, value string) string {
	for _, r := range rec.results {
		if v, _ := r.get("/" + key); r.name.base == name && v == value+again {
			return key + "=" + value + "," + v
		}
	}
	return ""
}

// sweepTables makes the tables of what a sweep measures.
func sweepTables(rec *recording, set settings) (sweeps, upkeep *table, err error) {
	sf := tableFlags{filter: ".name:Sweep", row: "registry,order,n", side: "sweep=walk,list", unit: "ns/pid", sort: "row", set: set}
	sf.again = measuredAgain(rec, "Sweep", "sweep", "walk")
	sweeps, err = makeTable(rec, sf)
	if err != nil {
		return nil, nil, &exitError{exitInput, err}
	}
	uf := tableFlags{filter: ".name:Upkeep", row: "registry,n", side: "lists=none,list", unit: "ns/pair", sort: "row", set: set}
	uf.again = measuredAgain(rec, "Upkeep", "lists", "none")
	upkeep, err = makeTable(rec, uf)
	if err != nil {
		return nil, nil, &exitError{exitInput, err}
	}
	upkeep.facts, upkeep.notes = nil, []string{"method as above; p is corrected over this table by itself"}
	if upkeep.floors != nil {
		upkeep.notes = append(upkeep.notes, upkeep.floors.note())
	}
	return sweeps, upkeep, nil
}

// answer prints the tables and the sentence.
func (f *sweepFlags) answer(std stdio, rec *recording) (*answered, error) {
	if f.axes != "" {
		q, err := questionOf(f.axes)
		if err != nil {
			return nil, err
		}
		return q.answer(std, rec, f.format)
	}
	sweeps, upkeep, err := sweepTables(rec, settings{alpha: 0.05, confidence: 0.95})
	if err != nil {
		return nil, err
	}
	tables := []*table{sweeps, upkeep}
	for _, t := range tables {
		if err := t.print(std, f.format); err != nil {
			return nil, err
		}
		fmt.Fprintln(std.out)
	}
	text := sentence(sweeps, upkeep)
	if _, err := fmt.Fprintf(std.out, "Answer: %s\n", text); err != nil {
		return nil, failed("writing the answer: %w", err)
	}
	return &answered{tables, text}, nil
}
