// Benchcmp runs benchmarks so that two sides can be compared fairly, and says which side is better.
//
// It is joined to what it measures by the Go benchmark format alone, so it serves any package:
//
//	benchcmp sweep   the main job: is a PID namespace swept more cheaply by number or by task list?
//	benchcmp run     run benchmarks, one fresh process for each cell and round, into benchmark text
//	benchcmp table   read benchmark text, print one verdict a row
//	benchcmp among   read benchmark text, set one value of a key beside all others
//	benchcmp plot    read benchmark text, draw it as an SVG picture
//	benchcmp report  read benchmark text, write it up as one HTML file
//	benchcmp cross   tell the size at which the better side changes
//	benchcmp gate    compare two runs of the same benchmarks, answer by exit status
//	benchcmp breakeven  tell when a list is worth keeping
//	benchcmp readme  refill the marked blocks of a Markdown file
//	benchcmp check   look through benchmark text for what makes wrong tables
//	benchcmp floor   measure everything against itself: what noise alone shows
//
// Words, used throughout:
//
//	name    a benchmark's full name without "Benchmark" and without the -GOMAXPROCS at its end
//	key     an axis of names, as n in Sweep/n=10k; also a "key: value" line at the head of a file
//	side    a key that is compared, and its two values: sweep=walk,list
//	cell    what one process measures: one name, or the names that differ in the side only
//	round   every cell once, in an order drawn anew; the i-th sample of a name is round i
//	row     what one verdict is given on: both sides at the same value of every other key
//
// Exit status: 0 did what was asked; 1 what was to be measured failed (it did not build, it failed,
// it was interrupted), or the answer is no (a regression); 2 bad input or usage, named on standard
// error; 3 gate cannot tell.
//
// For one page on each command: benchcmp table -h.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := main1(ctx, os.Args[1:], stdio{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// stdio is where a command reads and writes, so that tests can stand in for a terminal.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// A command is one subcommand. Its run returns nil, flag.ErrHelp, or an error whose exit status exitCode tells.
type command struct {
	name    string
	summary string
	run     func(ctx context.Context, std stdio, args []string) error
}

func commands() []command {
	return []command{
		{"sweep", "run the comparison this project is about and answer it", sweepMain},
		{"run", "run benchmarks in paired rounds, one process a cell and round", runMain},
		{"table", "read benchmark text, print one verdict a row", tableMain},
		{"among", "read benchmark text, set one value of a key beside all others", amongMain},
		{"plot", "read benchmark text, draw it as an SVG picture", plotMain},
		{"report", "read benchmark text, write it up as one HTML file", reportMain},
		{"cross", "tell the size at which the better side changes", crossMain},
		{"gate", "exit 1 where head is worse than base, 3 where nobody can tell", gateMain},
		{"breakeven", "tell the share of tasks that must die by a sweep for a list to pay", breakevenMain},
		{"check", "look through benchmark text for what makes wrong tables", checkMain},
		{"readme", "refill the marked blocks of a Markdown file", readmeMain},
		{"floor", "measure everything against itself: what noise alone shows", floorMain},
	}
}

// A checked writer remembers that something could not be written, so that no command is done that has not told.
type checked struct {
	w   io.Writer
	err error
}

func (c *checked) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	if c.err == nil {
		c.err = err
	}
	return n, err
}

// main1 runs the command that args name and returns the exit status.
func main1(ctx context.Context, args []string, std stdio) int {
	out := &checked{w: std.out}
	std.out = out
	code := dispatch(ctx, args, std)
	if code == 0 && out.err != nil {
		fmt.Fprintf(std.err, "benchcmp: writing: %v\n", out.err)
		return exitFailed
	}
	return code
}

func dispatch(ctx context.Context, args []string, std stdio) int {
	if len(args) > 0 && isHelp(args[0]) {
		fmt.Fprint(std.out, usage())
		return 0
	}
	if len(args) == 0 {
		fmt.Fprint(std.err, "benchcmp: no command\n\n", usage())
		return exitInput
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return report1(std.err, c.name, c.run(ctx, std, args[1:]))
		}
	}
	fmt.Fprintf(std.err, "benchcmp: unknown command %q\n\n%s", args[0], usage())
	return exitInput
}

// report1 prints err, if it is one, under the command's name and returns the exit status.
func report1(w io.Writer, name string, err error) int {
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return 0
	}
	fmt.Fprintf(w, "benchcmp %s: %v\n", name, err)
	return exitCode(err)
}

func isHelp(arg string) bool {
	return arg == "-h" || arg == "-help" || arg == "--help" || arg == "help"
}

func usage() string {
	var b strings.Builder
	b.WriteString("Usage: benchcmp COMMAND [flags] [arguments]\n\nCommands:\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "  %-11s%s\n", c.name, c.summary)
	}
	b.WriteString("\nOne page on each: benchcmp COMMAND -h\n")
	b.WriteString("Exit status: 0 done; 1 what was measured failed, or the answer is no; 2 bad input or usage; 3 gate cannot tell\n")
	return b.String()
}
