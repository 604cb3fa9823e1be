package main

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// An output is what one process printed, sorted out.
type output struct {
	config [][2]string // goos, goarch, pkg, cpu
	units  []string    // Unit lines as printed
	lines  []string    // benchmark lines as printed
	names  []string    // their names, without -GOMAXPROCS
	procs  int         // GOMAXPROCS
}

// parseOutput sorts text out by benchfmt's eyes, as printed by a process of that GOMAXPROCS.
func parseOutput(text []byte, procs int) (*output, error) {
	raw := strings.Split(string(text), "\n")
	rd := benchfmt.NewReader(bytes.NewReader(text), "output")
	out := &output{procs: procs}
	for rd.Scan() {
		switch rec := rd.Result().(type) {
		case *benchfmt.SyntaxError:
			return nil, errors.New(rec.Error())
		case *benchfmt.UnitMetadata:
			_, line := rec.Pos()
			out.units = appendNew(out.units, strings.TrimSpace(raw[line-1]))
		case *benchfmt.Result:
			out.add(rec, raw)
		}
	}
	return out, rd.Err()
}

func (o *output) add(res *benchfmt.Result, raw []string) {
	if o.config == nil {
		for _, c := range res.Config {
			o.config = append(o.config, [2]string{c.Key, string(c.Value)})
		}
	}
	_, line := res.Pos()
	o.lines = append(o.lines, strings.TrimRight(raw[line-1], "\r"))
	o.names = append(o.names, withoutProcs(string(res.Name), o.procs))
}

// withoutProcs takes off the -N that testing appends where GOMAXPROCS is not 1.
func withoutProcs(n string, procs int) string {
	if procs != 1 {
		return strings.TrimSuffix(n, fmt.Sprintf("-%d", procs))
	}
	return n
}

// matches compares what was printed with what the cell asked for: each name once and nothing else.
func (o *output) matches(c cell) error {
	for _, n := range c.names {
		if count(o.names, n) == 0 {
			return badInput("%s printed no result: no benchmark of that name (a mistyped key or value?), or it was skipped%s", n, o.instead())
		}
	}
	for _, n := range o.names {
		if !slices.Contains(c.names, n) {
			return badInput("printed %s too, which the cell does not name (are keys missing at its end?)", n)
		}
		if count(o.names, n) > 1 {
			return badInput("printed %s more than once", n)
		}
	}
	return nil
}

func (o *output) instead() string {
	if len(o.names) == 0 {
		return "; nothing else was printed"
	}
	return "; printed were " + strings.Join(o.names[:min(3, len(o.names))], ", ")
}

func count(list []string, s string) int {
	n := 0
	for _, x := range list {
		if x == s {
			n++
		}
	}
	return n
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
