package main

import (
	"cmp"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// A plan is everything that is decided before anything runs.
type plan struct {
	pkgs      []string
	cells     []cell
	asked     []string // the axes expressions or the pattern that the cells came from
	rounds    int
	seed      uint64
	order     [][]int // of each round: indexes into cells
	benchtime string
	timeout   time.Duration
	args      []string // arguments for the test binary
	odd       []string // more of them in every other round
	pin       []int    // CPUs to run on
	base      string   // a commit to measure beside what is checked out
	copies    bool     // measure everything twice: an A/A run
	command   string   // what to type to get the same plan again
}

// settle refuses plans that cannot be meant, and draws.
func (p *plan) settle() error {
	if err := p.check(); err != nil {
		return err
	}
	p.draw()
	return nil
}

// in is the package of c in p.
func (c cell) in(p *plan) string { return cmp.Or(c.pkg, p.pkgs[0]) }

// draw fixes the order of the cells in each round by the seed.
func (p *plan) draw() {
	rng := rand.New(rand.NewPCG(p.seed, 0))
	p.order = make([][]int, p.rounds)
	for i := range p.order {
		p.order[i] = rng.Perm(len(p.cells))
	}
}

func (p *plan) processes() int { return p.rounds * len(p.cells) * p.variants() }

// variants is how many binaries each cell is measured by in each round.
func (p *plan) variants() int {
	if p.copies || p.base != "" {
		return 2
	}
	return 1
}

// times puts the variants into words, for the product in the plan's first line.
func (p *plan) times() string {
	switch {
	case p.copies:
		return " × 2 copies"
	case p.base != "":
		return " × 2 commits"
	}
	return ""
}

// print writes the plan; with orders, the order of the cells in each round too, as -plan shows it.
func (p *plan) print(w io.Writer, orders bool) {
	fmt.Fprintf(w, "plan: %d %s × %d %s%s = %d processes of %s, seed %d\n", len(p.cells), plural(len(p.cells), "cell", "cells"),
		p.rounds, plural(p.rounds, "round", "rounds"), p.times(), p.processes(), strings.Join(p.pkgs, " "), p.seed)
	for i, c := range p.cells {
		fmt.Fprintf(w, "%5d  %s\n", i+1, c.label)
	}
	if p.benchtime != "" {
		fmt.Fprintf(w, "each for %s\n", p.benchtime)
	}
	if len(p.pin) > 0 {
		fmt.Fprintf(w, "on CPU %s\n", joinInts(p.pin))
	}
	if p.base != "" {
		fmt.Fprintf(w, "commit %s beside what is checked out\n", p.base)
	}
	if len(p.args) > 0 {
		fmt.Fprintf(w, "with %s\n", strings.Join(p.args, " "))
	}
	if len(p.odd) > 0 {
		fmt.Fprintf(w, "rounds 2, 4, … with %s\n", strings.Join(p.odd, " "))
	}
	if !orders {
		return
	}
	for i, order := range p.order {
		fmt.Fprintf(w, "round %d:", i+1)
		for _, k := range order {
			fmt.Fprintf(w, " %d", k+1)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintln(w, "nothing was measured")
}

// extra is what round i, from 0, is given beside the usual arguments.
func (p *plan) extra(i int) []string {
	if i%2 == 1 {
		return slices.Concat(p.args, p.odd)
	}
	return p.args
}

// check refuses plans that cannot be meant.
func (p *plan) check() error {
	switch {
	case p.rounds < 1:
		return badInput("-rounds %d: one at least is wanted", p.rounds)
	case len(p.cells) == 0:
		return badInput("no cell to measure: -cells or -bench is wanted")
	case p.rounds > maxProcesses/len(p.cells)/p.variants():
		return badInput("%d rounds of %d cells are more than %d processes", p.rounds, len(p.cells), maxProcesses)
	case p.timeout <= 0:
		return badInput("-timeout %v: a time above zero is wanted", p.timeout)
	}
	if err := checkCells(p.cells); err != nil {
		return &exitError{exitInput, err}
	}
	return checkBenchtime(p.benchtime)
}

// checkBenchtime takes what -test.benchtime takes: a duration, or a count as in 100x.
func checkBenchtime(s string) error {
	if s == "" {
		return nil
	}
	var count int
	if n, err := fmt.Sscanf(s, "%dx", &count); n == 1 && err == nil && count > 0 && s == fmt.Sprintf("%dx", count) {
		return nil
	}
	if d, err := time.ParseDuration(s); err == nil && d > 0 {
		return nil
	}
	return badInput("-benchtime %q: a duration as 20ms or a count as 100x is wanted", s)
}
