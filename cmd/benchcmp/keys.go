package main

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// resolveKey turns a key as a person writes it into benchproc's: "n" becomes "/n" where names have such a key and
// files do not. A key that occurs nowhere is an error that lists those that do.
func resolveKey(rs []result, key string) (string, error) {
	switch key {
	case ".name", ".fullname", ".file":
		return key, nil
	case ".config", ".unit":
		return "", fmt.Errorf("key %s cannot be used here", key)
	}
	names, files := nameKeys(rs), fileKeys(rs)
	if slices.Contains(names, key) || slices.Contains(files, key) {
		return key, nil
	}
	if slices.Contains(names, "/"+key) {
		return "/" + key, nil
	}
	return "", fmt.Errorf("no key %q: names have %s; files have %s", strings.TrimPrefix(key, "/"), listKeys(names), listKeys(files))
}

// listKeys shows keys as a person would write them.
func listKeys(keys []string) string {
	var shown []string
	for _, k := range keys {
		if !strings.HasPrefix(k, "/#") {
			shown = append(shown, plainKey(k))
		}
	}
	if len(shown) == 0 {
		return "none"
	}
	return strings.Join(shown, ", ")
}

// plainKey is the key as it stands in a heading: "/n" is n, ".name" is benchmark.
func plainKey(key string) string {
	switch {
	case key == ".name":
		return "benchmark"
	case strings.HasPrefix(key, "/#"):
		return "part " + key[2:]
	}
	return strings.TrimLeft(key, "/.")
}

// A field is one key of a projection with the order of its values, both in benchproc's writing.
type field struct{ key, order string }

// parseFields takes a projection apart: "n", "/n@num", "order@(fresh churned)", separated by commas or spaces.
func parseFields(expr string) ([]field, error) {
	var fields []field
	for rest := strings.TrimLeft(expr, " ,"); rest != ""; rest = strings.TrimLeft(rest, " ,") {
		var f field
		var err error
		if f.key, rest, err = cutWord(rest, " ,@"); err != nil {
			return nil, err
		}
		if strings.HasPrefix(rest, "@") {
			if f.order, rest, err = cutOrder(rest[1:]); err != nil {
				return nil, err
			}
		}
		fields = append(fields, f)
	}
	if len(fields) == 0 {
		return nil, fmt.Errorf("%q names no key", expr)
	}
	return fields, nil
}

// cutWord takes a bare or quoted word off the front of s.
func cutWord(s, ends string) (word, rest string, err error) {
	if strings.HasPrefix(s, `"`) {
		quoted, err := strconv.QuotedPrefix(s)
		if err != nil {
			return "", "", fmt.Errorf("missing end quote in %s", s)
		}
		word, err = strconv.Unquote(quoted)
		return word, s[len(quoted):], err
	}
	end := strings.IndexAny(s, ends)
	if end < 0 {
		end = len(s)
	}
	if end == 0 {
		return "", "", fmt.Errorf("a key is missing before %q", s)
	}
	return s[:end], s[end:], nil
}

func cutOrder(s string) (order, rest string, err error) {
	if !strings.HasPrefix(s, "(") {
		return cutWord(s, " ,")
	}
	end := strings.IndexByte(s, ')')
	if end < 0 {
		return "", "", fmt.Errorf("missing ) in %s", s)
	}
	return s[:end+1], s[end+1:], nil
}

// projection writes fields in benchproc's syntax. A field without an order gets one: by number where every value
// is one (10k before 100k), else as the cells line of the recording names them, else as they were first read.
func projection(rs []result, fields []field) string {
	var parts []string
	for _, f := range fields {
		if f.order == "" {
			f.order = orderOf(rs, f.key)
		}
		parts = append(parts, strconv.Quote(f.key)+"@"+f.order)
	}
	return strings.Join(parts, ",")
}

// numeric is what benchproc sorts as a number.
var numeric = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?([kKMGTPEZY]i?)?[bB]?$`)

func orderOf(rs []result, key string) string {
	values := valuesOf(rs, key)
	if !slices.ContainsFunc(values, func(v string) bool { return !numeric.MatchString(v) }) {
		return "num"
	}
	asked := cellsOrder(rs, key)
	slices.SortStableFunc(values, func(a, b string) int { return place(asked, a) - place(asked, b) })
	for i, v := range values {
		values[i] = strconv.Quote(v)
	}
	return "(" + strings.Join(values, " ") + ")"
}

func place(list []string, v string) int {
	if i := slices.Index(list, v); i >= 0 {
		return i
	}
	return len(list)
}

// cellsOrder is the order in which the cells lines of the recording give the values of a name key. Benchcmp run
// writes that line because it measures in random order, so that the order of results says nothing.
func cellsOrder(rs []result, key string) []string {
	var order []string
	for _, h := range headsOf(rs) {
		cells, _ := h.get("cells")
		for part := range strings.FieldsFuncSeq(cells, func(c rune) bool { return c == '/' || c == ' ' }) {
			if values, ok := strings.CutPrefix(part, strings.TrimPrefix(key, "/")+"="); ok {
				order = append(order, strings.Split(values, ",")...)
			}
		}
	}
	return order
}
