package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestAmongGolden(t *testing.T) {
	atRoot(t)
	net := filepath.Join("testdata", "benchcmp", "net.txt")
	made := filepath.Join("testdata", "benchcmp", "made.txt")
	for name, args := range map[string][]string{
		"among.txt.golden":  {"-of", "impl=tree", "-unit", "ns/pair", "-net", "impl=harness", net},
		"among.md.golden":   {"-of", "impl=tree", "-unit", "ns/pair", "-net", "impl=harness", "-format", "md", net},
		"among.csv.golden":  {"-of", "impl=tree,bitset", "-unit", "ns/pair", "-format", "csv", net},
		"among-aa.golden":   {"-of", "impl=tree", "-unit", "ns/pair", "-net", "impl=harness", "-aa", "impl=tree,again", net},
		"among.json.golden": {"-of", "registry=tree+table", "-filter", "order:churned sweep:walk n:10k", "-format", "json", made},
	} {
		code, out, errs := benchcmp(t.Context(), "", append([]string{"among"}, args...)...)
		if code != 0 || errs != "" {
			t.Errorf("%s: exit %d, %s", name, code, errs)
		}
		golden(t, name, out)
	}
}

// TestAmongByHand: tree costs 10 more than the round's number, bitset 20, and gvisor, which was not measured at n=2, 11 or 9
// by turns. Net of the harness a bitset is twice a tree, and a gvisor now dearer, now cheaper: by 1.1 and 0.9, whose median in
// logarithms is 0.995.
func TestAmongByHand(t *testing.T) {
	costs := map[string]func(float64) float64{"harness": plain(0), "tree": plain(10), "bitset": plain(20),
		"gvisor": func(round float64) float64 { return round + 9 + 2*float64(int(round)%2) }}
	text := netRounds("1", 10, costs, "tree", "harness", "bitset", "gvisor") + netRounds("2", 10, costs, "harness", "bitset", "tree")
	ask := []string{"among", "-of", "impl=tree", "-unit", "ns/pair", "-net", "impl=harness"}
	code, out, errs := benchcmp(t.Context(), text, ask...)
	if code != 0 {
		t.Fatalf("exit %d, %s", code, errs)
	}
	for _, want := range []string{"tree            10.0         10.0\n", "bitset   20.0 (2.00)  20.0 (2.00)\n", "gvisor  10.0 (~0.99)            –\n",
		"Churn: tree among others, ns/pair, net of impl=harness (median 5.50 ns/pair), lower is better\n", "above 1: tree is better"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	// Each p is the one that table finds for the row, if there is but one row.
	one := netRounds("1", 6, costs, "tree", "harness", "bitset")
	_, among, _ := benchcmp(t.Context(), one, append(ask, "-format", "csv")...)
	_, table, _ := benchcmp(t.Context(), one, append(netArgs, "-format", "csv")...)
	if p := field1(t, among, "p"); p != field1(t, table, "p adjusted") || field1(t, among, "ratio") != field1(t, table, "bitset/tree") || p == "" {
		t.Errorf("among and table differ:\n%s%s", among, table)
	}
}

// TestAmongFloor: measured again the tree differs from itself by half of what the bitset differs from it, then by twice that.
func TestAmongFloor(t *testing.T) {
	for again, want := range map[float64]string{15: "bitset  25.5 (1.65)\n", 30: "bitset  25.5 (~1.65)\n"} {
		costs := map[string]func(float64) float64{"tree": plain(10), "again": plain(again), "bitset": plain(20), "gvisor": plain(21)}
		code, out, errs := benchcmp(t.Context(), netRounds("1", 10, costs, "tree", "bitset", "again", "gvisor"), "among", "-of", "impl=tree", "-unit", "ns/pair", "-aa", "impl=tree,again")
		if code != 0 || !strings.Contains(out, want) || strings.Contains(out, "again  ") {
			t.Errorf("again %g: exit %d, %s; no %q in\n%s", again, code, errs, want, out)
		}
		if n := strings.Count(out, "warning: A/A: a difference is shown"); n != 1 {
			t.Errorf("what every table warns of stands there %d times:\n%s", n, out)
		}
	}
}

// field1 is the first row's field below a heading of CSV.
func field1(t *testing.T, text, heading string) string {
	t.Helper()
	lines := strings.Split(text, "\n")
	for i, h := range strings.Split(lines[0], ",") {
		if h == heading {
			return strings.Split(lines[1], ",")[i]
		}
	}
	t.Fatalf("no %s in %s", heading, text)
	return ""
}

func TestAmongFewAndDirection(t *testing.T) {
	costs := map[string]func(float64) float64{"tree": plain(10), "bitset": plain(20)}
	_, out, _ := benchcmp(t.Context(), netRounds("1", 3, costs, "tree", "bitset"), "among", "-of", "impl=tree", "-unit", "ns/pair")
	if !strings.Contains(out, "(?") || !strings.Contains(out, "too few rounds") {
		t.Errorf("three rounds gave a verdict:\n%s", out)
	}
	_, out, _ = benchcmp(t.Context(), netRounds("1", 1, costs, "tree", "bitset"), "among", "-of", "impl=tree", "-unit", "ns/pair")
	if !strings.Contains(out, "bitset  21.0 (1.91)\n") || !strings.Contains(out, "no verdicts") || strings.Contains(out, "warning") {
		t.Errorf("one sample each:\n%s", out)
	}
	_, out, _ = benchcmp(t.Context(), strings.ReplaceAll(netRounds("1", 6, costs, "tree", "bitset"), "better=lower", "better=higher"),
		"among", "-of", "impl=tree", "-unit", "ns/pair")
	if !strings.Contains(out, "above 1: the other is better") {
		t.Errorf("higher is better, and yet:\n%s", out)
	}
	// A side that is not above its harness has no ratio.
	below := map[string]func(float64) float64{"harness": plain(15), "tree": plain(20), "bitset": plain(15)}
	_, out, _ = benchcmp(t.Context(), netRounds("1", 6, below, "harness", "tree", "bitset"), "among", "-of", "impl=tree", "-unit", "ns/pair", "-net", "impl=harness")
	if !strings.Contains(out, "bitset  ≤ harness\n") || !strings.Contains(out, "warning: no ratio can be made in 1 of 1 rows") {
		t.Errorf("a ratio of nothing:\n%s", out)
	}
}

// TestAmongOtherRounds: a harness that was measured in a block takes nothing off, and that is said in its place.
func TestAmongOtherRounds(t *testing.T) {
	costs := map[string]func(float64) float64{"harness": plain(0), "tree": plain(10), "bitset": plain(20)}
	text := netRounds("1", 6, costs, "harness") + netRounds("1", 6, costs, "tree", "bitset")
	_, out, _ := benchcmp(t.Context(), text, "among", "-of", "impl=tree", "-unit", "ns/pair", "-net", "impl=harness")
	if !strings.Contains(out, "bitset  other rounds\n") || strings.Contains(out, "≤") {
		t.Errorf("a harness of other rounds:\n%s", out)
	}
}

func TestAmongBadInput(t *testing.T) {
	costs := map[string]func(float64) float64{"harness": plain(0), "tree": plain(10), "bitset": plain(20)}
	text := netRounds("1", 6, costs, "tree", "harness", "bitset") + netRounds("2", 6, costs, "harness", "bitset")
	for want, args := range map[string][]string{
		"-of is wanted":                        {},
		"a value is wanted, as in -of impl=A":  {"-of", "impl"},
		"no result has impl=gvisor":            {"-of", "impl=gvisor"},
		"tree stands twice":                    {"-of", "impl=tree,bitset,tree"},
		`-format "x"`:                          {"-of", "impl=tree", "-format", "x"},
		"no result has another":                {"-of", "impl=tree", "-filter", "impl:tree"},
		"row n=2 has no result with impl=tree": {"-of", "impl=tree"},
		"no.such":                              {"-of", "no.such=tree"},
		"-alpha":                               {"-of", "impl=tree", "-alpha", "2"},
		"is a side; it cannot be taken off":    {"-of", "impl=tree,harness", "-net", "impl=harness"},
	} {
		code, _, errs := benchcmp(t.Context(), text, append([]string{"among", "-unit", "ns/pair"}, args...)...)
		if code != exitInput || !strings.Contains(errs, want) {
			t.Errorf("%v: exit %d, %q, want %q", args, code, errs, want)
		}
	}
}
