package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"golang.org/x/perf/benchunit"
)

// values writes the medians of one row in the table's unit. A unit asked for as a tidied one (sec/op, B/op) gets
// prefixes, one for both sides; another (ns/pid) is written plain, since its prefix is in its name.
func (u unit) values(vs ...float64) []string {
	out := make([]string, len(vs))
	scaler := benchunit.CommonScale(vs, benchunit.ClassOf(u.tidy))
	for i, v := range vs {
		if u.asked == u.tidy {
			out[i] = scaler.Format(v)
		} else {
			out[i] = threeDigits(v / u.scale)
		}
	}
	return out
}

func (u unit) value(v float64) string { return u.values(v)[0] }

// short writes v for a column of many: bytes and seconds as values does, counts without a prefix.
func (u unit) short(v float64) string {
	if u.asked == u.tidy && benchunit.ClassOf(u.tidy) == benchunit.Decimal && !strings.HasPrefix(u.tidy, "sec") {
		return threeDigits(v / u.scale)
	}
	return u.value(v)
}

// threeDigits writes v with three digits at least, and never with an exponent unless it is below 0.001 or huge.
func threeDigits(v float64) string {
	switch {
	case v >= 1e15 || v < 0.001:
		return strconv.FormatFloat(v, 'g', 3, 64)
	case v >= 99.95:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 9.995:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case v >= 0.9995:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return strconv.FormatFloat(v, 'f', 3, 64)
}

// ratioText writes a ratio with three decimals below 10, since differences of some per cent are what is looked for.
func ratioText(v float64) string {
	if v < 9.9995 && v >= 0.001 {
		return strconv.FormatFloat(v, 'f', 3, 64)
	}
	return threeDigits(v)
}

func pText(p float64) string {
	if p < 0.0001 {
		return "<0.0001"
	}
	return strconv.FormatFloat(p, 'f', 4, 64)
}

// verdictText puts row i's verdict into words.
func (t *table) verdictText(i int) string {
	switch t.stats[i].verdict {
	case firstWins:
		return t.side.values[0] + " wins"
	case secondWins:
		return t.side.values[1] + " wins"
	case tooFew:
		return "too few rounds"
	case missing:
		return "no " + t.absent(i)
	case noHarness, notNet:
		return t.stats[i].why
	}
	if t.stats[i].below {
		return "no difference shown (below the A/A floor)"
	}
	return "no difference shown"
}

func (t *table) roundsText(i int) string {
	n := t.stats[i].rounds
	if n[0] == n[1] {
		return strconv.Itoa(n[0])
	}
	return fmt.Sprintf("%d+%d", n[0], n[1])
}

// finite is v, or nil where JSON and CSV have no number for it.
func finite(v float64) *float64 {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return nil
	}
	return &v
}
