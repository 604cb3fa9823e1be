package main

import (
	"context"
	"fmt"
	"io"

	"golang.org/x/perf/benchfmt"
)

const checkHelp = `Usage: benchcmp check [flags] [file ...]

Check reads benchmark text as carefully as it can and lists what will make benchcmp, benchstat or a reader draw a wrong
table of it, each with the first line where it is and how to mend it: names with parts that have no key, values that end
in -digits, configuration lines that split tables, fewer than 6 samples, mixed machines, units without a Unit line,
failed runs, JSON, lines cut short, values that are no measurement, the same run given twice. All files together are
taken as what one table would be made of. Exit status: 0 nothing was found; 1 something was; 2 a file cannot be read.

    benchcmp check testdata/benchcmp/made.txt
    benchcmp check testdata/benchcmp/gate-base.txt testdata/benchcmp/gate-same.txt
`

func checkMain(_ context.Context, std stdio, args []string) error {
	fs := newFlags("check")
	format := fs.String("format", "text", "`form` of the list: text, md, csv or json")
	if err := parseFlags(fs, std.out, checkHelp, args); err != nil {
		return err
	}
	if err := checkForm(*format); err != nil {
		return err
	}
	l := newLinter()
	if err := eachInput(std.in, fs.Args(), l.read); err != nil {
		return err
	}
	l.finish()
	if err := l.sheet().print(std.out, *format); err != nil {
		return err
	}
	if n := len(l.faults); n > 0 {
		return found("%d %s of fault found", n, plural(n, "kind", "kinds"))
	}
	return nil
}

// A fault is one thing that is wrong, wherever it occurs.
type fault struct {
	what, mend string
	first      string // place
	times      int
}

// add notes a fault at a place. Faults of the same words are one.
func (l *linter) add(place, what, mend string) {
	for _, f := range l.faults {
		if f.what == what {
			f.times++
			return
		}
	}
	l.faults = append(l.faults, &fault{what, mend, place, 1})
}

func (l *linter) sheet() *sheet {
	s := &sheet{heads: []heading{{name: "first at"}, {name: "times", number: true}, {name: "fault"}, {name: "how to mend it"}}}
	for _, f := range l.faults {
		s.rows = append(s.rows, []entry{word(f.first), {fmt.Sprint(f.times), f.times}, word(f.what), word(f.mend)})
	}
	s.notes = []string{fmt.Sprintf("%d benchmark %s, %d %s: %d %s of fault", l.lines, plural(l.lines, "line", "lines"),
		len(l.samples), plural(len(l.samples), "benchmark", "benchmarks"), len(l.faults), plural(len(l.faults), "kind", "kinds"))}
	return s
}

// read looks at one input. An error is one of reading, not of what was read.
func (l *linter) read(r io.Reader, label string) error {
	in := newInput(r, label)
	before := l.lines
	l.parser.Reset(in.sniff, label)
	l.last, l.label = nil, label
	err := in.scan(&l.parser, func(rec benchfmt.Record) error {
		switch rec := rec.(type) {
		case *benchfmt.SyntaxError:
			l.syntax(rec)
		case *benchfmt.Result:
			l.result(rec)
		}
		return nil
	})
	if err != nil {
		return err
	}
	l.sniffed(in.sniff, l.lines == before)
	if sum := in.digest(); l.sums[sum] {
		l.add(l.label, "the same bytes as another file: its samples would count twice", "give it once")
	} else {
		l.sums[sum] = true
	}
	return nil
}

// sniffed notes what the parser does not see.
func (l *linter) sniffed(s *sniffer, empty bool) {
	at := func(line int) string { return fmt.Sprintf("%s:%d", l.label, line) }
	if s.binary > 0 {
		l.add(at(s.binary), "a NUL byte: binary data, or text that is not UTF-8", "write it again as UTF-8")
	}
	if s.json > 0 {
		l.add(at(s.json), "JSON, as go test -json writes it", "run go test without -json")
	}
	if s.fail > 0 {
		l.add(at(s.fail), "the run failed", "mend what failed, and measure again")
	}
	if s.cut > 0 {
		l.add(at(s.cut), "the last line is cut short", "remove it, or give the whole file")
	}
	if empty && s.binary+s.json+s.fail+s.cut == 0 {
		l.add(l.label, s.nothing(), "give -bench a pattern that matches")
	}
}
