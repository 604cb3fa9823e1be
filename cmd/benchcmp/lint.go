package main

import (
	"crypto/sha256"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// A linter gathers the faults of benchmark text.
type linter struct {
	faults  []*fault
	parser  benchfmt.Reader
	label   string            // of the input being read
	last    map[string]string // configuration at the result before; nil at the first of an input
	lines   int
	samples map[string]int            // by package, variant and name
	rounds  map[string]map[string]int // the same by run: a file and the command at its head, if there is one
	places  map[string]string         // where each was first
	config  map[string]*set[string]
	units   map[string]string // unit as written → where it was first
	names   map[string]map[string]string
	sums    map[[sha256.Size]byte]bool // of the inputs read
}

func newLinter() *linter {
	return &linter{samples: map[string]int{}, rounds: map[string]map[string]int{}, places: map[string]string{}, config: map[string]*set[string]{}, units: map[string]string{},
		names: map[string]map[string]string{}, sums: map[[sha256.Size]byte]bool{}}
}

// syntax notes a line that the parser could not read.
func (l *linter) syntax(err *benchfmt.SyntaxError) {
	file, line := err.Pos()
	l.add(fmt.Sprintf("%s:%d", file, line), "a benchmark line that cannot be read: "+err.Msg, "it was cut short, or other output is mixed in: mend or remove it")
}

func (l *linter) result(res *benchfmt.Result) {
	file, line := res.Pos()
	place := fmt.Sprintf("%s:%d", file, line)
	config := map[string]string{}
	for _, c := range res.Config {
		if c.File {
			config[c.Key] = string(c.Value)
		}
	}
	l.lines++
	l.configuration(place, config)
	full := string(res.Name)
	id := strings.Join([]string{config["pkg"], config["commit"], config["copy"], full}, "\n")
	if l.samples[id]++; l.samples[id] == 1 {
		l.places[id] = place
		l.name(place, config["pkg"], full)
	}
	run := config["command"]
	if run != "" {
		run = l.label + "\n" + run
	}
	if l.rounds[run] == nil {
		l.rounds[run] = map[string]int{}
	}
	l.rounds[run][id]++
	if n, err := strconv.Atoi(config["rounds"]); err == nil && l.rounds[run][id] > n {
		l.add(place, "a benchmark has more samples than the rounds of its run", "see whether the run was joined to itself, or to another without its head")
	}
	l.values(place, res)
}

// steadyKeys are what benchcmp run and go test write between results without splitting what belongs together.
var steadyKeys = []string{"pkg", "commit", "copy", "goos", "goarch", "cpu", "toolchain", "machine", "kernel", "governor", "pinned",
	"rounds", "seed", "cells", "command"}

// configuration notes lines that come between results. Benchstat makes tables of their own of what follows.
func (l *linter) configuration(place string, config map[string]string) {
	for key, value := range config {
		if l.config[key] == nil {
			l.config[key] = &set[string]{}
		}
		l.config[key].add(value)
		if was, ok := l.last[key]; l.last != nil && (!ok || was != value) && !slices.Contains(steadyKeys, key) {
			l.add(place, fmt.Sprintf("a line %q between results: it is read as configuration and splits tables", key+": …"),
				"remove it; let the benchmark print something else than a word and a colon; or benchstat -ignore "+key)
		}
	}
	l.last = config
}

// suffixed is a name that ends as -GOMAXPROCS ends one.
var suffixed = regexp.MustCompile(`^(.*)-([0-9]+)$`)

// name looks at a name that is new.
func (l *linter) name(place, pkg, full string) {
	base, procs := full, ""
	if m := suffixed.FindStringSubmatch(full); m != nil {
		base, procs = m[1], m[2]
	}
	of := l.label + "\n" + pkg
	if l.names[of] == nil {
		l.names[of] = map[string]string{}
	}
	l.names[of][full] = place
	if procs != "" && suffixed.MatchString(base) {
		l.endsInDigits(place, base)
	}
	for _, kv := range newName(base).keys {
		switch part := kv.value; {
		case !strings.HasPrefix(kv.key, "/#"):
		case strings.HasPrefix(part, "#"):
			l.add(place, "two benchmarks of one name, told apart by #01 alone", "give each a name of its own")
		default:
			l.add(place, "names with parts that have no key: they make no column", fmt.Sprintf("write key=value in b.Run, as size=%s for %s", part, part))
		}
	}
}

func (l *linter) endsInDigits(place, name string) {
	l.add(place, "values that end in -digits: where GOMAXPROCS is 1, the digits are taken for it", "write "+suffixed.ReplaceAllString(name[strings.LastIndex(name, "/")+1:], "$1.$2")+", or another sign in place of the hyphen")
}

// values looks at units and numbers.
func (l *linter) values(place string, res *benchfmt.Result) {
	for _, v := range res.Values {
		unit := v.OrigUnit
		if unit == "" {
			unit = v.Unit
		}
		if _, ok := l.units[unit]; !ok {
			l.units[unit] = place
		}
		if math.IsNaN(v.Value) || math.IsInf(v.Value, 0) || v.Value < 0 {
			l.add(place, "values that are no measurement: NaN, infinite or below zero", "mend what the benchmark reports as "+unit)
		}
	}
}

// finish notes what only the whole tells.
func (l *linter) finish() {
	l.suffixes()
	l.counts()
	for _, key := range append([]string{"toolchain"}, machineKeys...) {
		if values := l.config[key]; values != nil && len(values.list) > 1 {
			l.add(l.label, fmt.Sprintf("several values of %s: %s", key, strings.Join(values.list, "; ")), "compare runs of one machine, or tell them apart by -side "+key)
		}
	}
	known := l.parser.Units()
	for _, unit := range sortedKeys(l.units) {
		if known.GetBetter(unit) == 0 && known.Get(unit, "assume") == nil {
			l.add(l.units[unit], "no Unit line says which way "+unit+" is better", fmt.Sprintf("print \"Unit %s better=lower\" (or higher; assume=exact for a count) before the first result", unit))
		}
	}
}

// suffixes notes names that end in a number where others of the same run have none: there GOMAXPROCS is 1, and the
// number is part of a value.
func (l *linter) suffixes() {
	for _, of := range sortedKeys(l.names) {
		names := l.names[of]
		bare := false
		for full := range names {
			bare = bare || !suffixed.MatchString(full)
		}
		for _, full := range sortedKeys(names) {
			m := suffixed.FindStringSubmatch(full)
			if m == nil || !bare {
				continue
			}
			if _, ok := names[m[1]]; !ok {
				l.endsInDigits(names[full], full)
			}
		}
	}
}

// counts notes samples that are few, or not the same number everywhere in one run.
func (l *linter) counts() {
	for _, id := range sortedKeys(l.samples) {
		if l.samples[id] < minRounds {
			l.add(l.places[id], fmt.Sprintf("fewer than %d samples of a benchmark: no verdict", minRounds), "measure more rounds: benchcmp run -rounds 10, or go test -count 10")
		}
	}
	for _, run := range sortedKeys(l.rounds) {
		least, most, place := math.MaxInt, 0, ""
		for _, id := range sortedKeys(l.rounds[run]) {
			n := l.rounds[run][id]
			if most = max(most, n); n < least {
				least, place = n, l.places[id]
			}
		}
		if most > least {
			l.add(place, fmt.Sprintf("benchmarks of one run have from %d to %d samples: those that have unequal numbers are not paired", least, most),
				"measure all of them in the same rounds; see whether the run was cut short")
		}
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
