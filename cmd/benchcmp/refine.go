package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// refineFlags are what cross is asked for beside reading.
type refineFlags struct {
	planFlags
	path, pkg, args string
	points          int
}

func (f *refineFlags) register(fs *flag.FlagSet) {
	fs.StringVar(&f.path, "refine", "", "measure sizes inside the brackets into this new `file`")
	fs.StringVar(&f.pkg, "pkg", "", "the `package` to measure (default the one of the run)")
	fs.StringVar(&f.args, "args", "-sizes {}", "`arguments` by which the test binary is told of the sizes")
	fs.IntVar(&f.points, "points", 3, "`number` of sizes in each bracket")
	f.planFlags.register(fs, "20ms")
}

// run measures inside the brackets, or prints the plan alone.
func (f *refineFlags) run(ctx context.Context, std stdio, rec *recording, cs *crossovers, paths, args []string) error {
	if len(paths) == 0 || slices.Contains(paths, "-") {
		return badInput("-refine reads the run again, so it must be in a file")
	}
	if err := f.settle(rec, cs, args); err != nil {
		return err
	}
	p := &f.plan
	if f.planOnly {
		p.print(std.out, true)
		return nil
	}
	p.print(std.err, false)
	warnRounds(std.err, p.rounds)
	return intoFile(f.path, func(w io.Writer) error { return p.measure(ctx, w, std.err) })
}

// crossAgain makes the plan of a refinement anew, from its command and the run that it refines, and answers by both runs
// when it is whole. Files are named as seen from the current folder.
func crossAgain(fs *flag.FlagSet, args []string) (*runFlags, error) {
	var f crossFlags
	f.register(fs)
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	if f.refine.path == "" || fs.NArg() == 0 {
		return nil, fmt.Errorf("its command refines no file")
	}
	rec, cs, err := f.read(nil, fs.Args())
	if err != nil {
		return nil, fmt.Errorf("the run that it refines: %w", err)
	}
	if err := f.refine.settle(rec, cs, args); err != nil {
		return nil, err
	}
	return &runFlags{planFlags: f.refine.planFlags, after: func(std stdio, path string) error {
		return f.answer(std, append(fs.Args(), path))
	}}, nil
}

// settle makes the plan.
func (f *refineFlags) settle(rec *recording, cs *crossovers, args []string) error {
	p := &f.plan
	if f.points < 1 || f.points > 100 {
		return badInput("-points %d: 1 to 100 are wanted", f.points)
	}
	if err := f.planFlags.parse(); err != nil {
		return err
	}
	if f.pkg == "" {
		f.pkg, _ = rec.results[0].get("pkg")
	}
	if f.pkg == "" {
		return badInput("-refine: the run does not tell its package; give -pkg")
	}
	sizes, err := f.cells(cs)
	if err != nil {
		return &exitError{exitInput, err}
	}
	for _, word := range strings.Fields(f.args) {
		p.args = append(p.args, strings.ReplaceAll(word, "{}", strings.Join(sizes, ",")))
	}
	p.pkgs, p.command = []string{f.pkg}, commandLine("cross", f.seed == "", p.seed, args)
	return p.settle()
}

// cells makes the plan's cells, and tells the sizes they have.
func (f *refineFlags) cells(cs *crossovers) ([]string, error) {
	var sizes set[string]
	for _, g := range cs.groups {
		for _, c := range g.crossovers {
			inside := inBracket(g, c, f.points)
			if len(inside) == 0 {
				continue
			}
			for _, s := range inside {
				sizes.add(s)
			}
			expr, err := expression(cs, g.rows[c.from], inside)
			if err != nil {
				return nil, err
			}
			cells, err := parseCells(expr, []string{cs.table.side.name()})
			if err != nil {
				return nil, err
			}
			f.plan.asked, f.plan.cells = append(f.plan.asked, expr), append(f.plan.cells, cells...)
		}
	}
	if len(sizes.list) == 0 {
		return nil, fmt.Errorf("-refine: no crossover has a bracket with room in it")
	}
	return sizes.list, nil
}

// inBracket spreads sizes evenly (by their logarithm, in two digits) inside a bracket, none that was measured.
func inBracket(g *sizeGroup, c crossover, points int) []string {
	low, high := g.sizes[c.from].n, g.sizes[c.to].n
	var out []string
	for i := 1; i <= points; i++ {
		n := low * math.Pow(high/low, float64(i)/float64(points+1))
		rounded, _ := strconv.ParseFloat(strconv.FormatFloat(n, 'g', 2, 64), 64)
		there := func(s size) bool { return s.n == rounded }
		if text := wholeSize(rounded); rounded > low && rounded < high && !slices.ContainsFunc(g.sizes, there) && !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

// wholeSize writes a size without a decimal point: 1700k, which more benchmarks read than 1.7M.
func wholeSize(n float64) string {
	for _, p := range []struct {
		name string
		of   float64
	}{{"M", 1e6}, {"k", 1e3}} {
		if n >= p.of && math.Mod(n, p.of) == 0 {
			return strconv.FormatFloat(n/p.of, 'f', -1, 64) + p.name
		}
	}
	return strconv.FormatFloat(math.Round(n), 'f', -1, 64)
}

// expression writes a row's names with other sizes, as -cells takes them.
func expression(cs *crossovers, r *row, sizes []string) (string, error) {
	n := r.names.list[0]
	parts := []string{n.base}
	sized, sided := false, false
	for _, kv := range n.keys {
		key, value := strings.TrimPrefix(kv.key, "/"), kv.value
		switch {
		case kv.key == "/gomaxprocs":
			continue
		case strings.HasPrefix(kv.key, "/#"):
			parts = append(parts, value)
			continue
		case key == plainKey(cs.over):
			value, sized = strings.Join(sizes, ","), true
		case kv.key == cs.table.side.key:
			value, sided = strings.Join(cs.table.side.values[:], ","), true
		}
		parts = append(parts, key+"="+value)
	}
	if !sized || !sided {
		return "", fmt.Errorf("-refine: the names must hold %s and %s", cs.over, cs.table.side.name())
	}
	return strings.Join(parts, "/"), nil
}
