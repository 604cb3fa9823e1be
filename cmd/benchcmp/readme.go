package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

const readmeHelp = `Usage: benchcmp readme [flags] file ...

Readme refills blocks of Markdown with what benchcmp says of recorded runs, so that a number in a text never outlives
the run it was taken from. A block is what stands between two comments, each a line of its own:

    <!-- benchcmp: table -format md -filter order:churned testdata/run.txt -->
    <!-- /benchcmp -->

The first holds the command, which reads (table, among, cross, gate, check, breakeven) and measures nothing; files are
named as seen from the current folder. Without flags the text goes to standard output; -w writes it back; -check writes
nothing and fails, by exit status 1, where a block does not hold what its command says now.

    benchcmp readme testdata/benchcmp/readme.md
    benchcmp readme -check testdata/benchcmp/readme.md
`

// readers are the commands a block may hold.
var readers = []string{"table", "among", "cross", "gate", "check", "breakeven"}

// The marks of a block.
const (
	blockStart = "<!-- benchcmp:"
	blockEnd   = "<!-- /benchcmp -->"
)

func readmeMain(ctx context.Context, std stdio, args []string) error {
	fs := newFlags("readme")
	write := fs.Bool("w", false, "write the files")
	check := fs.Bool("check", false, "write nothing, fail where a block is stale")
	if err := parseFlags(fs, std.out, readmeHelp, args); err != nil {
		return err
	}
	if *write && *check {
		return badInput("-w and -check exclude each other")
	}
	if fs.NArg() == 0 {
		return badInput("no file given")
	}
	stale := 0
	for _, path := range fs.Args() {
		n, err := refillFile(ctx, std, path, *write, *check)
		if err != nil {
			return err
		}
		stale += n
	}
	if *check && stale > 0 {
		return found("%d stale %s; benchcmp readme -w refills", stale, plural(stale, "block", "blocks"))
	}
	return nil
}

// refillFile does one file and tells how many of its blocks were stale.
func refillFile(ctx context.Context, std stdio, path string, write, check bool) (stale int, err error) {
	st, err := os.Stat(path)
	if err != nil {
		return 0, &exitError{exitInput, err}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, &exitError{exitInput, err}
	}
	d := &document{path: path}
	filled, err := d.refill(ctx, string(text))
	if err != nil {
		return 0, &exitError{exitInput, err}
	}
	for _, s := range d.stale {
		fmt.Fprintf(std.err, "%s: stale: %s\n", path, s)
	}
	switch {
	case write && filled != string(text):
		if err := os.WriteFile(path, []byte(filled), st.Mode()); err != nil {
			return 0, failed("-w: %w", err)
		}
	case !write && !check:
		if _, err := io.WriteString(std.out, filled); err != nil {
			return 0, failed("writing: %w", err)
		}
	case check:
		fmt.Fprintf(std.out, "%s: %d %s, %d stale\n", path, d.blocks, plural(d.blocks, "block", "blocks"), len(d.stale))
	}
	return len(d.stale), nil
}

// A document is one file being refilled.
type document struct {
	path   string
	line   int
	blocks int
	stale  []string // the commands of stale blocks
}

// refill goes through text line by line. Marks inside fenced code are text.
func (d *document) refill(ctx context.Context, text string) (string, error) {
	var out, old strings.Builder
	fence, command, at := "", "", 0
	for line := range strings.Lines(text) {
		d.line++
		bare := strings.TrimRight(line, "\r\n")
		switch {
		case at > 0 && bare == blockEnd:
			filled, err := d.fill(ctx, command, old.String())
			if err != nil {
				return "", fmt.Errorf("%s:%d: %w", d.path, at, err)
			}
			out.WriteString(filled + line)
			at = 0
			old.Reset()
		case strings.HasPrefix(bare, blockStart) && fence == "" && at > 0, bare == blockEnd && fence == "":
			return "", fmt.Errorf("%s:%d: a block that does not begin, or the one before does not end", d.path, d.line)
		case strings.HasPrefix(bare, blockStart) && fence == "":
			rest, ok := strings.CutSuffix(strings.TrimPrefix(bare, blockStart), "-->")
			if !ok {
				return "", fmt.Errorf("%s:%d: the comment does not end on its line", d.path, d.line)
			}
			command, at = strings.TrimSpace(rest), d.line
			out.WriteString(line)
		case at > 0:
			old.WriteString(line)
		default:
			fence = fenceAfter(fence, bare)
			out.WriteString(line)
		}
	}
	if at > 0 {
		return "", fmt.Errorf("%s:%d: no %s ends this block", d.path, at, blockEnd)
	}
	return out.String(), nil
}

// fenceAfter is the fence that is open after a line: "" outside code.
func fenceAfter(open, line string) string {
	line = strings.TrimLeft(line, " ")
	for _, mark := range []string{"```", "~~~"} {
		if strings.HasPrefix(line, mark) && (open == "" || open == mark) {
			if open != "" {
				return ""
			}
			return mark
		}
	}
	return open
}

// fill runs a block's command. Blank lines keep its Markdown apart from the comments.
func (d *document) fill(ctx context.Context, command, old string) (string, error) {
	args, err := shellFields(command)
	if err != nil {
		return "", err
	}
	if len(args) == 0 || !slices.Contains(readers, args[0]) {
		return "", fmt.Errorf("%q: one of %s is wanted", command, strings.Join(readers, ", "))
	}
	if slices.ContainsFunc(args, func(a string) bool { return strings.HasPrefix(strings.TrimLeft(a, "-"), "refine") }) {
		return "", fmt.Errorf("%q: a block measures nothing", command)
	}
	var out strings.Builder
	for _, c := range commands() {
		if c.name == args[0] {
			if err = c.run(ctx, stdio{strings.NewReader(""), &out, io.Discard}, args[1:]); err != nil && err != flag.ErrHelp {
				return "", fmt.Errorf("%s: %w", command, err)
			}
		}
	}
	d.blocks++
	filled := "\n" + strings.TrimRight(out.String(), "\n") + "\n\n"
	if filled != old {
		d.stale = append(d.stale, command)
	}
	return filled, nil
}
