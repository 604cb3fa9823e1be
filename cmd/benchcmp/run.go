package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

const runHelp = `Usage: benchcmp run [flags] [package ...]

Run builds the packages' tests once (the current folder's by default), then measures each cell in a process of its
own, once a round, in an order drawn anew for each round. A cell is one benchmark name, or the names that differ in a
-side only: these are measured by one process, one after the other, so that what disturbs one of them disturbs the
other, and each round gives one pair. The output is benchmark text for benchcmp table and benchstat; the i-th sample of
a name is round i.

    benchcmp run -plan -rounds 6 -seed 1 -side sweep -cells Sweep/registry=tree+table/n=10k,100k/order=fresh,churned/density=25/threads=1/sweep=walk,list ./bench
    benchcmp run -plan -rounds 10 -seed 7 -base HEAD~1 -cells Churn/backend=tree,paged/max=32k/fill=50 ./bench

-cells names an axis with its values in each part; -bench finds names by one quick pass instead (-plan runs that pass
too), which suits other people's packages, and several of them. -odd gives the benchmarks arguments in every other
round, for instance to measure the sides the other way round. -base REV measures what is checked out and commit REV,
built in a git worktree of its own, in turn: their lines follow "commit:" lines, by which benchcmp table -side commit
and benchstat -col commit tell them apart. -cpu keeps the processes on those CPUs (Linux).

A cell that fails, prints no result, or prints names that it was not asked for ends the run; what was measured is kept.
So it is when interrupted, and -resume FILE goes on with the file's own command (run, sweep, floor, cross -refine), on
the same machine and commit, and answers as that would have. The rounds are fixed beforehand, and no flag measures until
the numbers look right: stopping at a difference finds one in noise sooner or later. To compare two runs by benchstat,
give it -ignore commit,seed,rounds,cells,command, for these differ between them.
`

// listFlag is a flag that may be given several times.
type listFlag []string

func (l *listFlag) String() string     { return strings.Join(*l, " ") }
func (l *listFlag) Set(s string) error { *l = append(*l, s); return nil }

// runFlags are what run is asked for.
type runFlags struct {
	planFlags
	cells, sides            listFlag
	bench, out, resumedFile string
	after                   func(std stdio, path string) error // what is left to do when a resumed run is whole, or nil
}

// register declares the flags that every command that measures cells has.
func (f *runFlags) register(fs *flag.FlagSet) {
	fs.Var(&f.cells, "cells", "measure the cells of this `axes` expression, as Sweep/n=10k,100k/sweep=walk,list; may be repeated")
	fs.StringVar(&f.bench, "bench", "", "measure the benchmarks that match this `regexp`, as in go test -bench")
	fs.Var(&f.sides, "side", "measure names that differ in this `key` by one process; may be repeated")
	f.planFlags.register(fs, "")
}

// registerRun declares those of run beside them.
func (f *runFlags) registerRun(fs *flag.FlagSet) {
	f.register(fs)
	fs.StringVar(&f.plan.base, "base", "", "measure this git `commit` too, in turn with what is checked out")
	fs.StringVar(&f.out, "o", "-", "write the run to this new `file`, - for standard output")
	fs.StringVar(&f.resumedFile, "resume", "", "go on with the run in this `file`, by the command at its head")
}

func runMain(ctx context.Context, std stdio, args []string) error {
	var f runFlags
	fs := newFlags("run")
	f.registerRun(fs)
	if err := parseFlags(fs, std.out, runHelp, args); err != nil {
		return err
	}
	if f.resumedFile != "" {
		if fs.NFlag() > 1 || fs.NArg() > 0 {
			return badInput("-resume %s stands alone: the file says what is measured", f.resumedFile)
		}
		return resume(ctx, std, f.resumedFile)
	}
	if err := f.prepare("run", fs.Args(), args); err != nil {
		return err
	}
	return f.carryOut(ctx, std, func(measure func(io.Writer) error) error {
		if f.out == "-" {
			return measure(std.out)
		}
		return intoFile(f.out, measure)
	})
}

// prepare turns flags and arguments into a plan, which lacks its cells where -bench is to find them.
func (f *runFlags) prepare(name string, rest, args []string) error {
	p := &f.plan
	if p.pkgs = rest; len(rest) == 0 {
		p.pkgs = []string{"."}
	}
	if (len(f.cells) > 0) == (f.bench != "") {
		return badInput("either -cells or -bench is wanted")
	}
	if len(f.cells) > 0 && len(p.pkgs) > 1 {
		return badInput("-cells names the benchmarks of one package, given are %s (flags go before it)", strings.Join(p.pkgs, " "))
	}
	if err := f.planFlags.parse(); err != nil {
		return err
	}
	p.command = commandLine(name, f.seed == "", p.seed, args)
	if f.bench != "" {
		return nil
	}
	if err := f.expand(); err != nil {
		return err
	}
	return p.settle()
}

// planFlags are those that say how a plan is carried out, whatever its cells are.
type planFlags struct {
	odd, cpu, seed string
	planOnly       bool
	plan           plan
}

func (f *planFlags) register(fs *flag.FlagSet, benchtime string) {
	fs.IntVar(&f.plan.rounds, "rounds", 10, "`number` of rounds; 6 at least for a verdict")
	fs.DurationVar(&f.plan.timeout, "timeout", 2*time.Minute, "give up on a process after this `time`")
	fs.StringVar(&f.plan.benchtime, "benchtime", benchtime, "`time` or count (100x) for each benchmark, as in go test")
	fs.StringVar(&f.odd, "odd", "", "`arguments` for the test binary in every other round")
	fs.StringVar(&f.cpu, "cpu", "", "run on these `CPUs` alone, as 1 or 0,2-3 (Linux)")
	fs.StringVar(&f.seed, "seed", "", "`number` that the orders are drawn by (default random, printed)")
	fs.BoolVar(&f.planOnly, "plan", false, "print the plan alone, measure nothing")
}

// parse takes what is more than a number to the plan.
func (f *planFlags) parse() (err error) {
	f.plan.odd = strings.Fields(f.odd)
	if f.plan.pin, err = parsePin(f.cpu); err != nil {
		return err
	}
	f.plan.seed, err = parseSeed(f.seed)
	return err
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

// parsePin reads a list of CPUs: 1, or 0,2-3.
func parsePin(s string) ([]int, error) {
	if s == "" {
		return nil, nil
	}
	if !pinning {
		return nil, badInput("-cpu %s: this system has no way to pin that is known here (Linux has)", s)
	}
	var pin set[int]
	for part := range strings.SplitSeq(s, ",") {
		low, high, ok := strings.Cut(part, "-")
		if !ok {
			high = low
		}
		a, err := strconv.ParseUint(low, 10, 16)
		b, err2 := strconv.ParseUint(high, 10, 16)
		if err != nil || err2 != nil || a > b || b >= maxCPU {
			return nil, badInput("-cpu %q: numbers of CPUs below %d are wanted, as 1 or 0,2-3", s, maxCPU)
		}
		for cpu := a; cpu <= b; cpu++ {
			pin.add(int(cpu))
		}
	}
	return pin.list, nil
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

// A sink says where a run goes: it calls measure with a writer.
type sink func(measure func(io.Writer) error) error

// carryOut prints the plan and measures it into a sink.
func (f *runFlags) carryOut(ctx context.Context, std stdio, into sink) error {
	p := &f.plan
	if f.bench == "" {
		if f.announce(std); f.planOnly {
			return nil
		}
	}
	return p.withVariants(ctx, func(vs []variant) error {
		if f.bench != "" {
			if err := f.discover(ctx, vs); err != nil {
				return err
			}
			if f.announce(std); f.planOnly {
				return nil
			}
		}
		return into(func(w io.Writer) error { return p.measureWith(ctx, vs, p.recorder(ctx, vs, w), std.err) })
	})
}

// announce prints the plan: on standard output if that is all that is wanted.
func (f *runFlags) announce(std stdio) {
	if f.planOnly {
		f.plan.print(std.out, true)
		return
	}
	f.plan.print(std.err, false)
	warnRounds(std.err, f.plan.rounds)
}

// discover makes the cells of -bench by one pass over the benchmarks of each package.
func (f *runFlags) discover(ctx context.Context, vs []variant) error {
	p := &f.plan
	names := 0
	for _, pkg := range p.pkgs {
		b := vs[len(vs)-1].binaries[pkg]
		text, err := b.run(ctx, f.bench, "1x", p.timeout, nil)
		if err != nil {
			return fmt.Errorf("finding benchmarks of %s: %w", b.pkg, err)
		}
		out, err := parseOutput(text, b.procs())
		if err != nil {
			return failed("finding benchmarks of %s: %w", b.pkg, err)
		}
		if len(out.names) == 0 {
			return badInput("-bench %s: no benchmark of %s matches", f.bench, b.pkg)
		}
		names += len(out.names)
		for _, c := range groupNames(out.names, f.sides) {
			c.pkg = pkg
			p.cells = append(p.cells, c)
		}
	}
	if len(f.sides) > 0 && len(p.cells) == names {
		return badInput("-side %s: no two of the %d names found differ in it alone", f.sides.String(), names)
	}
	return p.settle()
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
		return fmt.Errorf("%w, kept in %s (benchcmp run -resume %s goes on)", err, path, shellWord(path))
	}
	return err
}
