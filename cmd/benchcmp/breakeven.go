package main

import (
	"context"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

const breakevenHelp = `Usage: benchcmp breakeven [flags] [file ...]

Breakeven tells whether a list is worth keeping. It saves X ns a task when the namespace is swept, and costs Y ns at
each fork and exit, so it pays if more than a share Y/X of all tasks die by a sweep. X comes from the rows that compare
sweeps, Y from those that compare lists at fork and exit, at the same registry and n. The interval is bootstrapped over
the rounds of both.

    benchcmp breakeven testdata/benchcmp/made.txt
    benchcmp breakeven -filter 'order:churned OR .name:Upkeep' -format md testdata/benchcmp/made.txt
`

// breakevenFlags are what breakeven is asked for.
type breakevenFlags struct {
	filter, sweeps, upkeep, format string
	confidence                     float64
}

func (f *breakevenFlags) register(fs *flag.FlagSet) {
	fs.StringVar(&f.filter, "filter", "*", "use only results that match this `expression`")
	fs.StringVar(&f.sweeps, "sweeps", "sweep=walk,list", "the `sides` of the sweeps: without the list, with it")
	fs.StringVar(&f.upkeep, "upkeep", "lists=none,list", "the `sides` of fork and exit: without the list, with it")
	fs.StringVar(&f.format, "format", "text", "`form` of the table: text, md, csv or json")
	fs.Float64Var(&f.confidence, "confidence", 0.95, "`level` of the intervals")
}

func breakevenMain(_ context.Context, std stdio, args []string) error {
	var f breakevenFlags
	fs := newFlags("breakeven")
	f.register(fs)
	if err := parseFlags(fs, std.out, breakevenHelp, args); err != nil {
		return err
	}
	set := settings{0.05, f.confidence}
	if err := errorsFirst(set.check(), checkForm(f.format)); err != nil {
		return err
	}
	rec, err := readFiles(std.in, fs.Args())
	if err != nil {
		return err
	}
	s, err := f.sheet(rec)
	if err != nil {
		return &exitError{exitInput, err}
	}
	return s.print(std.out, f.format)
}

// sheet pairs sweeps with upkeep.
func (f *breakevenFlags) sheet(rec *recording) (*sheet, error) {
	tf := tableFlags{sort: "row", set: settings{0.05, f.confidence}}
	tf.filter, tf.side, tf.unit = "("+f.filter+") .name:Sweep", f.sweeps, "ns/pid"
	sweeps, err := makeTable(rec, tf)
	if err != nil {
		return nil, err
	}
	tf.filter, tf.side, tf.unit = "("+f.filter+") .name:Upkeep", f.upkeep, "ns/pair"
	upkeep, err := makeTable(rec, tf)
	if err != nil {
		return nil, err
	}
	if err := errorsFirst(sweeps.complete(), upkeep.complete()); err != nil {
		return nil, err
	}
	return breakEvens(sweeps, upkeep)
}

// breakEvens makes a row of each sweep for which there is an upkeep.
func breakEvens(sweeps, upkeep *table) (*sheet, error) {
	s := &sheet{title: fmt.Sprintf("Is the list worth keeping? (%s: %s against %s)", sweeps.side.name(), sweeps.side.values[1], sweeps.side.values[0])}
	for _, k := range sweeps.keys {
		s.heads = append(s.heads, heading{name: k})
	}
	s.heads = append(s.heads, heading{name: "saves ns a task", number: true}, heading{name: "costs ns a fork and exit", number: true},
		heading{name: "break-even", number: true}, heading{name: fmt.Sprintf("%g%% interval", 100*sweeps.set.confidence), number: true, span: true}, heading{name: "the list"})
	without := 0
	for i, r := range sweeps.rows {
		j := matching(upkeep, r)
		if j < 0 {
			without++
			continue
		}
		b := newBreakEven(r, sweeps, i, upkeep.rows[j], upkeep, j)
		s.rows = append(s.rows, append(words(r.labels), figure(threeSigned(b.saves), b.saves), figure(threeSigned(b.costs), b.costs),
			figure(shareText(b.share.mid), b.share.mid), between(b.share, shareText), word(b.words())))
	}
	if len(s.rows) == 0 {
		return nil, fmt.Errorf("no sweep and no upkeep at the same %s", strings.Join(upkeep.keys, ", "))
	}
	if without > 0 {
		s.notes = append(s.notes, fmt.Sprintf("left out: %d %s for which no upkeep was measured", without, plural(without, "sweep", "sweeps")))
	}
	return s, nil
}

// matching is the row of upkeep that has r's registry and n, or −1.
func matching(upkeep *table, r *row) int {
	for j, u := range upkeep.rows {
		same := true
		for _, key := range []string{"/registry", "/n"} {
			a, b := r.valuesOf(key), u.valuesOf(key)
			same = same && slices.Equal(a, b)
		}
		if same {
			return j
		}
	}
	return -1
}

// A breakEven is the share of tasks that must die by a sweep: 0 where the list costs nothing, infinite where it saves
// nothing.
type breakEven struct {
	saves, costs float64
	share        interval
}

func newBreakEven(sweep *row, sweeps *table, i int, keep *row, upkeep *table, j int) *breakEven {
	saves, drawSaves := difference(sweep, sweeps.stats[i].paired, sweeps.unit.scale)
	costs, drawCosts := difference(keep, upkeep.stats[j].paired, upkeep.unit.scale)
	b := &breakEven{saves: -saves, costs: costs}
	rounds := min(len(sweep.samples[0]), len(sweep.samples[1]), len(keep.samples[0]), len(keep.samples[1]))
	b.share = bootstrap(rounds, sweeps.set.confidence, func(rng *rand.Rand) float64 { return share(-drawSaves(rng), drawCosts(rng)) })
	b.share.mid = share(b.saves, b.costs)
	return b
}

// difference estimates by how much the second side is above the first: the first side's median, times the ratio less 1.
func difference(r *row, paired bool, scale float64) (float64, func(*rand.Rand) float64) {
	base := median(slices.Clone(r.samples[0])) / scale
	mid, draw := logRatio(r.samples[0], r.samples[1], paired)
	return base * math.Expm1(mid), func(rng *rand.Rand) float64 { return base * math.Expm1(draw(rng)) }
}

func share(saves, costs float64) float64 {
	switch {
	case costs <= 0:
		return 0
	case saves <= 0:
		return math.Inf(1)
	}
	return costs / saves
}

func shareText(v float64) string {
	if v > 1 {
		return "never"
	}
	return percentText(v)
}

func threeSigned(v float64) string {
	if v < 0 {
		return "-" + threeDigits(-v)
	}
	return threeDigits(v)
}

func (b *breakEven) words() string {
	switch {
	case b.share.lo > 1:
		return "never pays"
	case b.share.hi <= 0:
		return "costs nothing"
	case b.share.hi > 1:
		return "is not shown to pay"
	}
	return "pays if more than " + percentText(b.share.mid) + " of tasks die by a sweep"
}
