package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// resume goes on with the run in a file: it makes the plan anew from the command at the file's head, sees how many of
// its processes the file holds, and measures the others. Whatever differs from what the head says (the machine, the
// commit, the toolchain) is refused: the rounds to come would not be like those that are there.
func resume(ctx context.Context, std stdio, path string) error {
	rec, err := readFiles(nil, []string{path})
	if err != nil {
		return err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return badInput("-resume: %w", err)
	}
	if !bytes.HasSuffix(text, []byte("\n")) {
		return badInput("-resume %s: its last line is cut short; remove that process's lines", path)
	}
	f, err := flagsOf(rec)
	if err != nil {
		return badInput("-resume %s: %w", path, err)
	}
	if err := f.goOn(ctx, std, rec, path, string(text)); err != nil || f.after == nil {
		return err
	}
	return f.after(std, path)
}

// goOn measures what is left of a plan.
func (f *runFlags) goOn(ctx context.Context, std stdio, rec *recording, path, text string) error {
	return f.plan.withVariants(ctx, func(vs []variant) error {
		if f.bench != "" {
			if err := f.discover(ctx, vs); err != nil {
				return err
			}
		}
		r, err := f.plan.recorderOf(ctx, vs, rec, text)
		if err != nil {
			return badInput("-resume %s: %w", path, err)
		}
		f.plan.print(std.err, false)
		fmt.Fprintf(std.err, "%s holds %d of %d processes\n", path, r.held, f.plan.processes())
		return f.plan.append(ctx, vs, r, std.err, path)
	})
}

// flagsOf makes the plan of a recording by its command.
func flagsOf(rec *recording) (*runFlags, error) {
	line, _ := rec.results[0].head.get("command")
	words, err := shellFields(line)
	if err != nil {
		return nil, fmt.Errorf("its command: %w", err)
	}
	if len(words) < 2 || words[0] != "benchcmp" {
		return nil, fmt.Errorf("no line \"command: benchcmp …\" at its head: not written by benchcmp run")
	}
	again := resumed[words[1]]
	if again == nil {
		return nil, fmt.Errorf("its command benchcmp %s cannot be gone on with", words[1])
	}
	return again(newFlags(words[1]), words[2:])
}

// resumed makes the plan of each command that measures anew, by its arguments, with what it does when all is measured.
var resumed = map[string]func(fs *flag.FlagSet, args []string) (*runFlags, error){
	"run": func(fs *flag.FlagSet, args []string) (*runFlags, error) {
		var f runFlags
		f.registerRun(fs)
		return f.again(fs, args)
	},
	"floor": func(fs *flag.FlagSet, args []string) (*runFlags, error) {
		var f floorFlags
		f.register(fs)
		f.plan.copies = true
		f.after = func(std stdio, path string) error { return f.answer(std, []string{path}) }
		return f.again(fs, args)
	},
	"sweep": sweepAgain,
	"cross": crossAgain,
}

// again parses args and makes the plan.
func (f *runFlags) again(fs *flag.FlagSet, args []string) (*runFlags, error) {
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	return f, f.prepare(fs.Name(), fs.Args(), args)
}

// recorderOf makes the recorder that goes on where rec ends.
func (p *plan) recorderOf(ctx context.Context, vs []variant, rec *recording, text string) (r *recorder, err error) {
	r = p.recorder(ctx, vs, nil)
	first, last := rec.results[0].head, rec.results[len(rec.results)-1].head
	for _, kv := range r.head {
		if was, _ := first.get(kv[0]); was != kv[1] && kv[0] != "command" {
			return nil, fmt.Errorf("it was measured with %s: %s, and here is %q; measure anew", kv[0], was, kv[1])
		}
	}
	r.now = map[string]string{}
	for _, c := range last.config {
		if c.File {
			r.now[c.Key] = string(c.Value)
		}
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "Unit ") {
			r.units = append(r.units, strings.TrimSpace(line))
		}
	}
	r.held, err = p.held(vs, rec)
	return r, err
}

// held counts the processes of p whose lines are in rec, which must be the first ones, whole.
func (p *plan) held(vs []variant, rec *recording) (int, error) {
	rest := rec.results
	n := 0
	for s := range p.steps() {
		if len(rest) == 0 {
			return n, nil
		}
		c, v := p.cells[s.cell], vs[s.variant]
		b := v.binaries[c.in(p)]
		for i := range c.names {
			if i == len(rest) {
				return 0, fmt.Errorf("it ends within round %d, cell %s; remove the lines from line %d on", s.round+1, c.label, rest[0].line)
			}
			if r := rest[i]; !v.made(r) || !slices.Contains(c.names, withoutProcs(r.name.full, b.procs())) {
				return 0, fmt.Errorf("line %d is not what its command measures in round %d, cell %s", r.line, s.round+1, c.label)
			}
		}
		n, rest = n+1, rest[len(c.names):]
	}
	if len(rest) > 0 {
		return 0, fmt.Errorf("line %d is more than its command measures", rest[0].line)
	}
	return n, nil
}

// made tells whether r carries v's label.
func (v variant) made(r result) bool {
	if v.label[0] == "" {
		return true
	}
	value, _ := r.get(v.label[0])
	return value == v.label[1]
}

// append measures what is left of p into the file.
func (p *plan) append(ctx context.Context, vs []variant, r *recorder, errs io.Writer, path string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return badInput("-resume: %w", err)
	}
	r.w = file
	err = p.measureWith(ctx, vs, r, errs)
	if cerr := file.Close(); err == nil && cerr != nil {
		return failed("writing the run: %w", cerr)
	}
	if err != nil {
		return fmt.Errorf("%w, kept in %s", err, path)
	}
	return nil
}
