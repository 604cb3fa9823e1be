package main

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// A recording is benchmark text held in memory: every benchmark line in the order read, with the file
// configuration in force at that line. Names and configurations are shared between lines, so that a line
// costs about 250 bytes; maxLines bounds them.
type recording struct {
	results []result
	units   benchfmt.UnitMetadataMap
	names   map[string]*name
	inputs  []string // labels of the inputs read
}

// A result is one benchmark line.
type result struct {
	head   *head
	name   *name
	values []benchfmt.Value
	line   int
}

// A head is a file's configuration lines as they stood for a stretch of results.
type head struct {
	input  string
	config []benchfmt.Config // in the reader's order
	view   benchfmt.Result   // what benchproc is shown: see result.view
}

// A name is a benchmark name taken apart.
type name struct {
	full string
	base string
	keys []keyValue // "/n" → "10k"; positional parts have no key
}

type keyValue struct{ key, value string }

// view shows r to benchproc. It is valid until the next call on a result of the same head.
func (r result) view() *benchfmt.Result {
	v := &r.head.view
	v.Name, v.Iters, v.Values = benchfmt.Name(r.name.full), 1, r.values
	return v
}

func (r result) pos() string { return fmt.Sprintf("%s:%d", r.head.input, r.line) }

// value returns r's measurement in u, tidied. Benchfmt leaves 0 and infinity, which tidying does not change, in the
// unit they were written in; nothing but an error comes of these.
func (r result) value(u unit) (float64, bool) {
	for _, v := range r.values {
		if v.Unit == u.tidy || v.Unit == u.asked {
			return v.Value, true
		}
	}
	return 0, false
}

// measuredIn is r's measurement in u, which it has.
func measuredIn(r result, u unit) float64 {
	v, _ := r.value(u)
	return v
}

// get returns r's value of a key in benchproc's writing: "/n", ".name", ".file" or a file key.
func (r result) get(key string) (string, bool) {
	switch key {
	case ".name":
		return r.name.base, true
	case ".fullname":
		return r.name.full, true
	}
	if strings.HasPrefix(key, "/") {
		return r.name.get(key)
	}
	return r.head.get(key)
}

func (n *name) get(key string) (string, bool) {
	for _, kv := range n.keys {
		if kv.key == key {
			return kv.value, true
		}
	}
	return "", false
}

func (h *head) get(key string) (string, bool) {
	for _, c := range h.config {
		if c.Key == key {
			return string(c.Value), true
		}
	}
	return "", false
}

// newName takes full, a name as benchfmt reads it, apart.
func newName(full string) *name {
	base, parts := benchfmt.Name(full).Parts()
	n := &name{full: full, base: string(base)}
	for i, part := range parts {
		n.keys = append(n.keys, splitPart(i, string(part)))
	}
	return n
}

// splitPart takes one part of a name apart. A positional part gets the key "/#i", which no name can hold.
func splitPart(i int, part string) keyValue {
	if procs, ok := strings.CutPrefix(part, "-"); ok {
		return keyValue{"/gomaxprocs", procs}
	}
	if key, value, ok := strings.Cut(part, "="); ok {
		return keyValue{key, value}
	}
	return keyValue{fmt.Sprintf("/#%d", i+1), strings.TrimPrefix(part, "/")}
}

// nameKeys lists the keys that occur in the names of rs, in order of first occurrence.
func nameKeys(rs []result) []string {
	var keys set[string]
	var names set[*name]
	for _, r := range rs {
		names.add(r.name)
	}
	for _, n := range names.list {
		for _, kv := range n.keys {
			keys.add(kv.key)
		}
	}
	return keys.list
}

// headsOf lists the heads of rs in order of first occurrence.
func headsOf(rs []result) []*head {
	var heads set[*head]
	for _, r := range rs {
		heads.add(r.head)
	}
	return heads.list
}

// fileKeys lists the configuration keys that occur at the head of rs, sorted.
func fileKeys(rs []result) []string {
	var keys set[string]
	for _, h := range headsOf(rs) {
		for _, c := range h.config {
			if c.File {
				keys.add(c.Key)
			}
		}
	}
	slices.Sort(keys.list)
	return keys.list
}

// valuesOf lists the values that key takes in rs, in order of first occurrence; "" stands for "absent".
func valuesOf(rs []result, key string) []string {
	var values set[string]
	for _, r := range rs {
		v, _ := r.get(key)
		values.add(v)
	}
	return values.list
}

// unitsOf lists the units that occur in rs as they were written, sorted.
func unitsOf(rs []result) []string {
	var units set[string]
	for _, r := range rs {
		for _, v := range r.values {
			if v.OrigUnit != "" {
				units.add(v.OrigUnit)
			} else {
				units.add(v.Unit)
			}
		}
	}
	slices.Sort(units.list)
	return units.list
}
