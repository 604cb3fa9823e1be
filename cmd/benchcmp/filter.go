package main

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchproc"
)

// applyFilter keeps the results of rs that match query, in benchproc's filter syntax. A key that occurs nowhere is an
// error, also where the query would match all the same (-regsitry:x).
func applyFilter(rs []result, query string) ([]result, error) {
	query, err := resolveFilter(rs, query)
	if err != nil {
		return nil, fmt.Errorf("-filter: %w", err)
	}
	filter, err := benchproc.NewFilter(query)
	if err != nil {
		return nil, fmt.Errorf("-filter: %w", err)
	}
	var kept []result
	for _, r := range rs {
		match, err := filter.Match(r.view())
		if err != nil {
			return nil, fmt.Errorf("-filter: %s: %w", r.pos(), err)
		}
		if match.Any() {
			r.values = matched(r, match)
			kept = append(kept, r)
		}
	}
	if len(kept) == 0 {
		return nil, fmt.Errorf("-filter %q matches none of %d results", query, len(rs))
	}
	return kept, nil
}

// resolveFilter rewrites the keys of a filter by resolveKey and leaves the rest, mistakes too, to benchproc.
func resolveFilter(rs []result, query string) (string, error) {
	var out strings.Builder
	rest := query
	for rest != "" {
		skip := leading(rest, func(c rune) bool { return unicode.IsSpace(c) || strings.ContainsRune("()-*,@:", c) })
		out.WriteString(rest[:skip])
		if rest = rest[skip:]; rest == "" {
			break
		}
		word, after, err := cutWord(rest, " \t\n():@,")
		if err != nil {
			return "", err
		}
		if !strings.HasPrefix(after, ":") {
			out.WriteString(rest[:len(rest)-len(after)])
			rest = after
			continue
		}
		key := word
		if word != ".unit" {
			if key, err = resolveKey(rs, word); err != nil {
				return "", err
			}
		}
		value := valueLen(after[1:])
		out.WriteString(strconv.Quote(key) + after[:1+value])
		rest = after[1+value:]
	}
	return out.String(), nil
}

// valueLen is how many bytes of s, which stands behind "key:", are its value: a word, a quoted word, a regexp or a
// list of these in parentheses.
func valueLen(s string) int {
	if !strings.HasPrefix(s, "(") {
		return termLen(s)
	}
	i := 1
	for i < len(s) && s[i] != ')' {
		i += max(1, termLen(s[i:]))
	}
	return i
}

func termLen(s string) int {
	switch {
	case strings.HasPrefix(s, `"`):
		quoted, err := strconv.QuotedPrefix(s)
		if err != nil {
			return len(s)
		}
		return len(quoted)
	case strings.HasPrefix(s, "/"):
		return regexpLen(s)
	}
	return leading(s, func(c rune) bool { return !unicode.IsSpace(c) && !strings.ContainsRune("():@,", c) })
}

// regexpLen is the length of /regexp/ at the front of s, in which brackets and parentheses hide slashes.
func regexpLen(s string) int {
	depth, class := 0, false
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case c == '[':
			class = true
		case c == ']':
			class = false
		case class:
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == '/' && depth == 0:
			return i + 1
		}
	}
	return len(s)
}

// leading counts the bytes of s before the first rune that is not in the set.
func leading(s string, in func(rune) bool) int {
	if i := strings.IndexFunc(s, func(c rune) bool { return !in(c) }); i >= 0 {
		return i
	}
	return len(s)
}

// matched keeps the measurements of r that match, for filters on .unit.
func matched(r result, m benchproc.Match) []benchfmt.Value {
	if m.All() {
		return r.values
	}
	var kept []benchfmt.Value
	for i, v := range r.values {
		if m.Test(i) {
			kept = append(kept, v)
		}
	}
	return kept
}
