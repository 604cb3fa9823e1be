package main

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/perf/benchunit"
)

// A side says what is compared: a key and its two values. The first is what the ratio divides by.
type side struct {
	key    string // in benchproc's writing
	values [2]string
}

func (s side) name() string { return plainKey(s.key) }

// ratio is the heading of the ratio's column.
func (s side) ratio() string { return s.values[1] + "/" + s.values[0] }

// index tells which side r is on.
func (s side) index(r result) (int, bool) {
	v, ok := r.get(s.key)
	if !ok {
		return 0, false
	}
	i := slices.Index(s.values[:], v)
	return i, i >= 0
}

func (s side) holds(r result) bool { _, ok := s.index(r); return ok }

// parseSide reads "sweep=walk,list", or "sweep" where the results have exactly two values of it.
func parseSide(rs []result, expr string) (side, error) {
	key, list, _ := strings.Cut(expr, "=")
	resolved, err := resolveKey(rs, key)
	if err != nil {
		return side{}, fmt.Errorf("-side: %w", err)
	}
	there := slices.DeleteFunc(valuesOf(rs, resolved), func(v string) bool { return v == "" })
	values := there
	if list != "" {
		values = strings.Split(list, ",")
	} else {
		slices.Sort(values)
		asked := cellsOrder(rs, resolved)
		slices.SortStableFunc(values, func(a, b string) int { return place(asked, a) - place(asked, b) })
	}
	if len(values) != 2 || values[0] == values[1] {
		return side{}, fmt.Errorf("-side %s: two values are wanted, as in -side %s=A,B; there are %s", expr, key, strings.Join(there, ", "))
	}
	for _, v := range values {
		if !slices.Contains(there, v) {
			return side{}, fmt.Errorf("-side %s: no result has %s=%s; there are %s", expr, key, v, strings.Join(there, ", "))
		}
	}
	return side{resolved, [2]string(values)}, nil
}

// A unit is a unit of measure as it was asked for, and which way is better.
type unit struct {
	asked  string  // "ns/pid"
	tidy   string  // "sec/pid": what benchfmt's values are in
	scale  float64 // tidy = asked × scale
	better int     // -1 lower, +1 higher
}

// parseUnit finds out about a unit. Which way is better is told, in this order, by -better, by a Unit line, by
// benchfmt, and by the unit itself if it is time for something.
func parseUnit(rec *recording, rs []result, asked, better string) (unit, error) {
	u := unit{asked: asked}
	u.scale, u.tidy = benchunit.Tidy(1, asked)
	has := func(r result) bool { _, ok := r.value(u); return ok }
	if !slices.ContainsFunc(rs, has) {
		return u, fmt.Errorf("-unit: no result has %s; there are %s", asked, strings.Join(unitsOf(rs), ", "))
	}
	switch better {
	case "lower":
		u.better = -1
	case "higher":
		u.better = 1
	case "":
		u.better = knownDirection(rec, u)
	default:
		return u, fmt.Errorf("-better %q: lower or higher is wanted", better)
	}
	if u.better == 0 {
		return u, fmt.Errorf("which way is %s better? No line %q says so; give -better lower or higher", asked, "Unit "+asked+" better=…")
	}
	return u, nil
}

func knownDirection(rec *recording, u unit) int {
	if b := rec.units.GetBetter(u.tidy); b != 0 {
		return b
	}
	if strings.HasPrefix(u.tidy, "sec/") {
		return -1
	}
	return 0
}

// direction puts u.better into words.
func (u unit) direction() string {
	if u.better > 0 {
		return "higher is better"
	}
	return "lower is better"
}
