package main

import (
	"fmt"
	"iter"
	"slices"
	"strings"
)

// identity lists the file keys that say what was measured and on what. Within a row they must agree; between rows a
// difference is a warning.
var identity = []string{"pkg", "commit", "goos", "goarch", "cpu", "machine", "kernel", "toolchain", "governor", "pinned"}

// machineKeys lists those of them that say where it was measured, not what.
var machineKeys = []string{"goos", "goarch", "cpu", "machine", "kernel", "governor", "pinned"}

// absentValue stands for a key that is not there.
const absentValue = "(none)"

// shown lists those that a table's heading shows.
var shown = []string{"pkg", "commit", "goos", "goarch", "cpu", "machine", "toolchain"}

// differing yields each key whose values differ within r, though it is neither a label nor the side, and its values.
func (g *grouping) differing(r *row) iter.Seq2[string, []string] {
	return func(yield func(string, []string) bool) {
		free := func(key string) bool {
			return key != g.side.key && !slices.Contains(g.keys, key) && !slices.Contains(g.free, key)
		}
		for _, key := range rowKeys(r) {
			if values := r.valuesOf(key); len(values) > 1 && free(key) && !yield(key, values) {
				return
			}
		}
	}
}

// rowKeys lists every key that r's names and heads hold.
func rowKeys(r *row) []string {
	var keys set[string]
	keys.add(".name")
	for _, n := range r.names.list {
		for _, kv := range n.keys {
			keys.add(kv.key)
		}
	}
	for _, h := range r.heads.list {
		for _, c := range h.config {
			keys.add(c.Key)
		}
	}
	return keys.list
}

// valuesOf lists the different values of key in r; absence is "(none)".
func (r *row) valuesOf(key string) []string {
	var values set[string]
	add := func(v string, ok bool) {
		if !ok {
			v = absentValue
		}
		values.add(v)
	}
	switch {
	case key == ".name":
		for _, n := range r.names.list {
			add(n.base, true)
		}
	case strings.HasPrefix(key, "/"):
		for _, n := range r.names.list {
			add(n.get(key))
		}
	default:
		for _, h := range r.heads.list {
			add(h.get(key))
		}
	}
	return values.list
}

// warnings says what a reader of the table must know: rounds pooled from several inputs, rows from different machines.
func (g *grouping) warnings(rows []*row) []string {
	var out []string
	if w := g.poolWarning(rows); w != "" {
		out = append(out, w)
	}
	all := &row{}
	for _, r := range rows {
		for _, h := range r.heads.list {
			all.heads.add(h)
		}
	}
	for _, key := range identity {
		values := all.valuesOf(key)
		if len(values) > 1 && key != g.side.key && !slices.Contains(g.keys, key) && !slices.Contains(g.free, key) {
			out = append(out, fmt.Sprintf("rows differ in %s: %s; compare them with care", key, strings.Join(values, ", ")))
		}
	}
	return out
}

// poolWarning names the keys that differ within rows without being identity: seed, command and the like.
func (g *grouping) poolWarning(rows []*row) string {
	var keys set[string]
	for _, r := range rows {
		for key := range g.differing(r) {
			keys.add(plainKey(key))
		}
	}
	if len(keys.list) == 0 {
		return ""
	}
	return "rows hold rounds of several runs, which differ in " + strings.Join(keys.list, ", ")
}
