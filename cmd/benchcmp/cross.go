package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"
)

const crossHelp = `Usage: benchcmp cross [flags] [file ...]

Cross reads benchmark text and tells the size at which the better side changes, for each registry and order (or whatever
else the rows differ in). Between the largest size at which one side wins and the smallest at which the other does, the
bracket, the logarithm of the ratio is taken to run straight over the logarithm of the size; the crossover is where it
is 0. Its interval is bootstrapped over the rounds and knows nothing of how straight the line is: that is what the
bracket is for. Where no size shows both sides as winners it says "none in range", or "none shown" where nothing is.

    benchcmp cross testdata/benchcmp/made.txt
    benchcmp cross -filter registry:tree+table -format md testdata/benchcmp/made.txt
    benchcmp cross -refine more.txt -plan -seed 1 -pkg ./bench testdata/benchcmp/made.txt

-refine FILE measures sizes inside each bracket into FILE and answers from both; give both files next time. The test
binary is told the sizes by -args, in which {} stands for them, and must make benchmarks of them. Interrupted, it keeps
what was measured, and benchcmp run -resume FILE, in the same folder, goes on and answers.
`

// crossFlags are what cross is asked for.
type crossFlags struct {
	tableFlags
	over   string
	refine refineFlags
}

func (f *crossFlags) register(fs *flag.FlagSet) {
	f.tableFlags.choose(fs)
	fs.StringVar(&f.format, "format", "text", "`form` of the table: text, md, csv or json")
	fs.StringVar(&f.over, "over", "n", "the `key` that holds the sizes")
	f.refine.register(fs)
}

func crossMain(ctx context.Context, std stdio, args []string) error {
	var f crossFlags
	fs := newFlags("cross")
	f.register(fs)
	if err := parseFlags(fs, std.out, crossHelp, args); err != nil {
		return err
	}
	if err := errorsFirst(f.set.check(), checkForm(f.format)); err != nil {
		return err
	}
	if f.refine.path == "" {
		return f.answer(std, fs.Args())
	}
	rec, found, err := f.read(std.in, fs.Args())
	if err != nil {
		return err
	}
	if err := f.refine.run(ctx, std, rec, found, fs.Args(), args); err != nil || f.refine.planOnly {
		return err
	}
	return f.answer(std, append(fs.Args(), f.refine.path))
}

// answer prints what several runs say together.
func (f *crossFlags) answer(std stdio, paths []string) error {
	_, found, err := f.read(std.in, paths)
	if err != nil {
		return err
	}
	return found.sheet().print(std.out, f.format)
}

// read finds where the better side changes in the runs of files.
func (f *crossFlags) read(stdin io.Reader, paths []string) (*recording, *crossovers, error) {
	rec, err := readFiles(stdin, paths)
	if err != nil {
		return nil, nil, err
	}
	found, err := f.crossovers(rec)
	if err != nil {
		return nil, nil, &exitError{exitInput, err}
	}
	return rec, found, nil
}

// crossovers finds where the better side changes in a recording.
func (f *crossFlags) crossovers(rec *recording) (*crossovers, error) {
	tf := f.tableFlags
	tf.sort = "row"
	if tf.row != "" {
		tf.row += "," + f.over
	}
	t, err := makeTable(rec, tf)
	if err != nil {
		return nil, err
	}
	if err := t.complete(); err != nil {
		return nil, err
	}
	return crossoversOf(t, f.over)
}

// sheet shows crossovers.
func (cs *crossovers) sheet() *sheet {
	sd := cs.table.side
	s := &sheet{title: strings.Join(append(cs.table.constant, sd.values[0]+" against "+sd.values[1]+", "+cs.table.numbers()), " ") +
		": the " + cs.over + " at which the better side changes"}
	for _, k := range cs.keys {
		s.heads = append(s.heads, heading{name: k})
	}
	s.heads = append(s.heads, heading{name: "crossover", number: true}, heading{name: fmt.Sprintf("%g%% interval", 100*cs.table.set.confidence), number: true, span: true},
		heading{name: "bracket", number: true}, heading{name: "better"})
	for _, g := range cs.groups {
		if len(g.crossovers) == 0 {
			s.rows = append(s.rows, append(words(g.labels), g.none(), none, none, word(g.words(sd))))
		}
		for _, c := range g.crossovers {
			s.rows = append(s.rows, append(words(g.labels), figure(sizeText(c.at.mid), c.at.mid),
				between(c.at, sizeText), word(c.low+" – "+c.high), word(g.words(sd))))
		}
	}
	for _, w := range cs.table.warnings {
		s.notes = append(s.notes, "warning: "+w)
	}
	return s
}

func words(labels []string) []entry {
	var out []entry
	for _, l := range labels {
		out = append(out, word(l))
	}
	return out
}

// none is what stands for the size where there is none.
func (g *sizeGroup) none() entry {
	if g.winner() < 0 {
		return word("none shown")
	}
	return word("none in range")
}

// words tells at which sizes of a group a winner is shown, and at which none is.
func (g *sizeGroup) words(sd side) string {
	var parts, undecided []string
	from, to := -1, -1 // of the stretch of one winner; sizes without a winner may lie within
	end := func() {
		if from >= 0 {
			parts = append(parts, sd.values[g.winners[from]]+" "+g.stretchWords(from, to))
		}
	}
	for i, w := range g.winners {
		switch {
		case w < 0:
			undecided = append(undecided, g.sizes[i].text)
			continue
		case from < 0 || g.winners[from] != w:
			end()
			from = i
		}
		to = i
	}
	if end(); from < 0 {
		return "no difference is shown at " + strings.Join(undecided, ", ")
	}
	text := strings.Join(parts, ", ")
	if len(undecided) > 0 {
		text += "; undecided at " + strings.Join(undecided, ", ")
	}
	return text
}

func (g *sizeGroup) stretchWords(from, to int) string {
	if from == to {
		return "at " + g.sizes[from].text
	}
	return "from " + g.sizes[from].text + " to " + g.sizes[to].text
}
