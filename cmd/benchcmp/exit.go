package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Exit statuses. 0 is kept for "did what was asked".
const (
	exitFailed = 1 // what was to be measured failed, or was interrupted
	exitFound  = 1 // the answer is "no": a regression, a fault in benchmark text, a stale block
	exitInput  = 2 // bad input or usage
	exitUnsure = 3 // gate cannot tell
)

// An exitError is an error with the exit status it leads to.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// badInput is an error in what was asked or given: exit status 2.
func badInput(format string, args ...any) error {
	return &exitError{exitInput, fmt.Errorf(format, args...)}
}

// failed is a failure of what was to be measured: exit status 1.
func failed(format string, args ...any) error {
	return &exitError{exitFailed, fmt.Errorf(format, args...)}
}

// found is the answer "no" of a command that was asked for a yes or no: exit status 1.
func found(format string, args ...any) error {
	return &exitError{exitFound, fmt.Errorf(format, args...)}
}

// unsure is an answer that the numbers do not give: exit status 3.
func unsure(format string, args ...any) error {
	return &exitError{exitUnsure, fmt.Errorf(format, args...)}
}

func exitCode(err error) int {
	var e *exitError
	if errors.As(err, &e) {
		return e.code
	}
	return exitFailed
}

// newFlags returns a flag set that prints nothing by itself: parseFlags prints help, main1 prints errors.
func newFlags(name string) *flag.FlagSet {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	return fs
}

// parseFlags parses args. Asked for help it prints help and the flags' list to w and returns flag.ErrHelp.
func parseFlags(fs *flag.FlagSet, w io.Writer, help string, args []string) error {
	err := fs.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(w, help, "\nFlags:\n")
		fs.SetOutput(w)
		fs.PrintDefaults()
		return err
	}
	if err != nil {
		return badInput("%v (benchcmp %s -h lists the flags)", err, fs.Name())
	}
	return flagsFirst(fs, args)
}

// flagsFirst refuses a flag behind the arguments, where package flag takes it for one of them. After -- anything may stand.
func flagsFirst(fs *flag.FlagSet, args []string) error {
	if slices.Contains(args, "--") {
		return nil
	}
	for _, arg := range fs.Args() {
		if name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "="); strings.HasPrefix(arg, "-") && name != "" {
			return badInput("%s stands behind an argument; flags go before them (a file of that name is ./%s)", arg, arg)
		}
	}
	return nil
}

// given tells which flags were set on the command line.
func given(fs *flag.FlagSet) map[string]bool {
	set := map[string]bool{}
	fs.Visit(func(f *flag.Flag) { set[f.Name] = true })
	return set
}
