package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

const runHelp = `Usage: benchcmp run [flags] [package]

Run builds the package's tests once (the package in the current folder by default), then measures each cell in a
process of its own, once a round, in an order drawn anew for each round. A cell is one benchmark name, or the names
that differ in a -side only: these are measured by one process, one after the other, so that what disturbs one of them
disturbs the other, and each round gives one pair. The output is benchmark text for benchcmp table and benchstat; the
i-th sample of a name is round i. Nothing is measured until the numbers look right: the rounds are fixed beforehand.

    benchcmp run -plan -rounds 6 -seed 1 -side sweep -cells Sweep/registry=tree+table/n=10k,100k/order=fresh,churned/density=25/threads=1/sweep=walk,list ./bench
    benchcmp run -plan -rounds 10 -seed 7 -cells Churn/backend=tree,paged/max=32k/fill=50 ./bench

-cells names an axis with its values in each part; -bench finds names by one quick pass instead (-plan runs that pass
too), which suits other people's packages. -odd gives the benchmarks arguments in every other round, for instance to
measure the sides the other way round. A cell that fails, prints no result, or prints names that it was not asked for
ends the run; what was measured is kept. So it is when interrupted. To compare two runs by benchstat, give it
-ignore commit,seed,rounds,cells,command, for these differ between them.
`

// listFlag is a flag that may be given several times.
type listFlag []string

func (l *listFlag) String() string     { return strings.Join(*l, " ") }
func (l *listFlag) Set(s string) error { *l = append(*l, s); return nil }

// runFlags are what run is asked for.
type runFlags struct {
	cells, sides listFlag
	bench, odd   string
	seed, out    string
	planOnly     bool
	plan         plan
}

func runMain(ctx context.Context, std stdio, args []string) error {
	var f runFlags
	fs := newFlags("run")
	fs.Var(&f.cells, "cells", "measure the cells of this `axes` expression, as Sweep/n=10k,100k/sweep=walk,list; may be repeated")
	fs.StringVar(&f.bench, "bench", "", "measure the benchmarks that match this `regexp`, as in go test -bench")
	fs.Var(&f.sides, "side", "measure names that differ in this `key` by one process; may be repeated")
	fs.IntVar(&f.plan.rounds, "rounds", 10, "`number` of rounds; 6 at least for a verdict")
	fs.DurationVar(&f.plan.timeout, "timeout", 2*time.Minute, "give up on a process after this `time`")
	fs.StringVar(&f.plan.benchtime, "benchtime", "", "`time` or count (100x) for each benchmark, as in go test")
	fs.StringVar(&f.odd, "odd", "", "`arguments` for the test binary in every other round")
	fs.StringVar(&f.seed, "seed", "", "`number` that the orders are drawn by (default random, printed)")
	fs.StringVar(&f.out, "o", "-", "write the run to this new `file`, - for standard output")
	fs.BoolVar(&f.planOnly, "plan", false, "print the plan alone, measure nothing")
	if err := parseFlags(fs, std.out, runHelp, args); err != nil {
		return err
	}
	if err := f.settle(fs.Args(), args); err != nil {
		return err
	}
	if f.bench != "" {
		return f.discoverAndRun(ctx, std)
	}
	if err := f.expand(); err != nil {
		return err
	}
	return f.run(ctx, std, nil)
}

// settle turns flags and arguments into a plan without its cells.
func (f *runFlags) settle(rest, args []string) (err error) {
	p := &f.plan
	p.pkg, p.odd = ".", strings.Fields(f.odd)
	if len(rest) > 1 {
		return badInput("one package is wanted, given were %s (flags go before it)", strings.Join(rest, " "))
	}
	if len(rest) == 1 {
		p.pkg = rest[0]
	}
	if (len(f.cells) > 0) == (f.bench != "") {
		return badInput("either -cells or -bench is wanted")
	}
	if p.seed, err = parseSeed(f.seed); err != nil {
		return err
	}
	p.command = commandLine("run", f.seed == "", p.seed, args)
	return nil
}

// parseSeed reads a seed, or draws one.
func parseSeed(s string) (uint64, error) {
	if s == "" {
		return uint64(rand.Uint32()), nil
	}
	seed, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return 0, badInput("-seed %q: a number from 0 to 2^64-1 is wanted", s)
	}
	return seed, nil
}

// commandLine is what to type for the same plan again, in a shell's writing.
func commandLine(name string, addSeed bool, seed uint64, args []string) string {
	words := []string{"benchcmp", name}
	if addSeed {
		words = append(words, "-seed", strconv.FormatUint(seed, 10))
	}
	for _, a := range args {
		words = append(words, shellWord(a))
	}
	return strings.Join(words, " ")
}

func shellWord(s string) string {
	plain := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-_=+,./:@%^", c)
	}
	if s != "" && leading(s, plain) == len(s) {
		return s
	}
	if strings.ContainsAny(s, "'\n\r\t") {
		return strconv.Quote(s)
	}
	return "'" + s + "'"
}

// expand makes the cells of -cells.
func (f *runFlags) expand() error {
	for _, expr := range f.cells {
		cells, err := parseCells(expr, f.sides)
		if err != nil {
			return &exitError{exitInput, err}
		}
		f.plan.cells = append(f.plan.cells, cells...)
		f.plan.asked = append(f.plan.asked, expr)
	}
	return nil
}

// discoverAndRun makes the cells of -bench by one pass over the benchmarks, then goes on with the same binary.
func (f *runFlags) discoverAndRun(ctx context.Context, std stdio) error {
	return withBinary(ctx, f.plan.pkg, func(b *binary) error {
		text, err := b.run(ctx, f.bench, "1x", f.plan.timeout, nil)
		if err != nil {
			return fmt.Errorf("finding benchmarks: %w", err)
		}
		out, err := parseOutput(text)
		if err != nil {
			return failed("finding benchmarks: %w", err)
		}
		if len(out.names) == 0 {
			return badInput("-bench %s: no benchmark of %s matches", f.bench, b.pkg)
		}
		f.plan.cells = groupNames(out.names, f.sides)
		if len(f.sides) > 0 && len(f.plan.cells) == len(out.names) {
			return badInput("-side %s: no two of the %d names found differ in it alone", f.sides.String(), len(out.names))
		}
		return f.run(ctx, std, b)
	})
}

// run prints the plan and carries it out, with b where it is built already.
func (f *runFlags) run(ctx context.Context, std stdio, b *binary) error {
	p := &f.plan
	if err := p.check(); err != nil {
		return err
	}
	p.draw()
	if f.planOnly {
		p.print(std.out, true)
		return nil
	}
	p.print(std.err, false)
	warnRounds(std.err, p.rounds)
	measure := func(w io.Writer) error {
		if b != nil {
			return p.measureWith(ctx, b, w, std.err)
		}
		return p.measure(ctx, w, std.err)
	}
	if f.out == "-" {
		return measure(std.out)
	}
	return intoFile(f.out, measure)
}

func warnRounds(w io.Writer, rounds int) {
	if rounds < minRounds {
		fmt.Fprintf(w, "warning: fewer than %d rounds: benchcmp table will give no verdict\n", minRounds)
	}
}

// intoFile measures into a new file and says in the error, if there is one, where the part that was measured is.
func intoFile(path string, measure func(io.Writer) error) error {
	file, err := createNew(path)
	if err != nil {
		return err
	}
	err = measure(file)
	if cerr := closeFile(file); err == nil {
		return cerr
	}
	if st, serr := statSize(path); serr == nil && st > 0 {
		return fmt.Errorf("%w, kept in %s", err, path)
	}
	return err
}
