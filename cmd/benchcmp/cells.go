package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A cell is what one process measures: one benchmark name, or the names that differ in the side only.
type cell struct {
	label   string   // the name, with the side's values separated by commas
	names   []string // without "Benchmark" and -GOMAXPROCS
	pattern string   // for -test.bench: matches names and nothing else at their depth
	pkg     string   // the package it is in, as asked for; "" for the plan's first
}

// maxCells bounds a product of axes, maxProcesses a plan.
const (
	maxCells     = 10_000
	maxProcesses = 1_000_000
)

// parseCells expands an axes expression, Sweep/n=10k,100k/sweep=walk,list, into its product. Alternatives of a key in
// sides stay together in one cell. An element without "=" is a positional part and has no alternatives.
func parseCells(expr string, sides []string) ([]cell, error) {
	parts := strings.Split(expr, "/")
	products := [][]string{{}}
	side := -1
	for i, part := range parts {
		alternatives, err := axis(part)
		if err != nil {
			return nil, fmt.Errorf("-cells %s: %w", expr, err)
		}
		if key, _, ok := strings.Cut(part, "="); ok && slices.Contains(sides, key) {
			if side >= 0 {
				return nil, fmt.Errorf("-cells %s: holds two sides", expr)
			}
			side, alternatives = i, []string{part}
		}
		if products = multiply(products, alternatives); len(products) > maxCells {
			return nil, fmt.Errorf("-cells %s: more than %d cells", expr, maxCells)
		}
	}
	if side < 0 && len(sides) > 0 {
		return nil, fmt.Errorf("-cells %s: has no key %s, which -side names", expr, strings.Join(sides, " or "))
	}
	return makeCells(products, side)
}

// axis expands one part: "n=10k,100k" to "n=10k" and "n=100k".
func axis(part string) ([]string, error) {
	if part == "" {
		return nil, fmt.Errorf("an empty part (a slash too many?)")
	}
	if strings.ContainsAny(part, " \t\n\"") {
		return nil, fmt.Errorf("%q: names hold no blanks and no quotes", part)
	}
	key, list, ok := strings.Cut(part, "=")
	if !ok {
		return []string{part}, nil
	}
	values := strings.Split(list, ",")
	out := make([]string, len(values))
	for i, v := range values {
		if v == "" || key == "" {
			return nil, fmt.Errorf("%q: a key or a value is missing", part)
		}
		if slices.Contains(values[:i], v) {
			return nil, fmt.Errorf("%q: %s stands twice", part, v)
		}
		out[i] = key + "=" + v
	}
	return out, nil
}

func multiply(products [][]string, alternatives []string) [][]string {
	var out [][]string
	for _, p := range products {
		for _, a := range alternatives {
			out = append(out, append(slices.Clone(p), a))
		}
	}
	return out
}

// makeCells makes a cell of each product; part side, if it is not −1, still holds its alternatives.
func makeCells(products [][]string, side int) ([]cell, error) {
	var cells []cell
	for _, parts := range products {
		alternatives := []string{""}
		if side >= 0 {
			var err error
			if alternatives, err = axis(parts[side]); err != nil {
				return nil, err
			}
			if len(alternatives) < 2 {
				return nil, fmt.Errorf("-cells: side %s has one value; two are compared", parts[side])
			}
		}
		cells = append(cells, newCell(parts, side, alternatives))
	}
	return cells, nil
}

func newCell(parts []string, side int, alternatives []string) cell {
	c := cell{label: strings.Join(parts, "/")}
	for _, a := range alternatives {
		named := slices.Clone(parts)
		if side >= 0 {
			named[side] = a
		}
		c.names = append(c.names, strings.Join(named, "/"))
	}
	quoted := make([]string, len(parts))
	for i, part := range parts {
		quoted[i] = "^" + regexp.QuoteMeta(part) + "$"
	}
	if side >= 0 {
		for i, a := range alternatives {
			alternatives[i] = regexp.QuoteMeta(a)
		}
		quoted[side] = "^(" + strings.Join(alternatives, "|") + ")$"
	}
	quoted[0] = "^Benchmark" + strings.TrimPrefix(quoted[0], "^")
	c.pattern = strings.Join(quoted, "/")
	return c
}

// groupNames makes cells of names that were discovered: those that differ in a side only make one cell.
func groupNames(names, sides []string) []cell {
	var labels []string
	members := map[string][]string{}
	at := map[string]int{}
	for _, n := range names {
		label, i := withoutSide(n, sides)
		if members[label] == nil {
			labels = append(labels, label)
		}
		members[label], at[label] = append(members[label], n), i
	}
	var cells []cell
	for _, label := range labels {
		cells = append(cells, discoveredCell(members[label], at[label]))
	}
	return cells
}

// withoutSide blanks the value of the side in a name and tells which part it is, or −1.
func withoutSide(n string, sides []string) (label string, at int) {
	parts := strings.Split(n, "/")
	for i, part := range parts {
		if key, _, ok := strings.Cut(part, "="); ok && slices.Contains(sides, key) {
			parts[i] = key + "="
			return strings.Join(parts, "/"), i
		}
	}
	return n, -1
}

func discoveredCell(names []string, side int) cell {
	parts := strings.Split(names[0], "/")
	if side < 0 {
		return newCell(parts, -1, []string{""})
	}
	key, _, _ := strings.Cut(parts[side], "=")
	var alternatives, values []string
	for _, n := range names {
		part := strings.Split(n, "/")[side]
		alternatives = append(alternatives, part)
		values = append(values, strings.TrimPrefix(part, key+"="))
	}
	parts[side] = key + "=" + strings.Join(values, ",")
	return newCell(parts, side, alternatives)
}

// checkCells refuses a name that two cells would measure: its samples would look like more rounds.
func checkCells(cells []cell) error {
	seen := map[string]bool{}
	for _, c := range cells {
		for _, n := range c.names {
			key := c.pkg + " " + n
			if seen[key] {
				return fmt.Errorf("%s is asked for twice", n)
			}
			seen[key] = true
		}
	}
	return nil
}
