package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// netArgs ask for tree against bitset less the harness.
var netArgs = []string{"table", "-side", "impl=tree,bitset", "-unit", "ns/pair", "-net", "impl=harness"}

// rounds writes so many rounds of Churn/n=… with each impl's cost, told by the round from 1.
func netRounds(n string, rounds int, costs map[string]func(round float64) float64, order ...string) string {
	var b strings.Builder
	b.WriteString("Unit ns/pair better=lower\n")
	for i := range rounds {
		for _, impl := range order {
			if cost := costs[impl]; cost != nil {
				fmt.Fprintf(&b, "BenchmarkChurn/n=%s/impl=%s 1 %v ns/pair\n", n, impl, cost(float64(i+1)))
			}
		}
	}
	return b.String()
}

// plain is the round plus a constant.
func plain(ns float64) func(float64) float64 {
	return func(round float64) float64 { return round + ns }
}

func TestNetGolden(t *testing.T) {
	atRoot(t)
	net := filepath.Join("testdata", "benchcmp", "net.txt")
	for name, args := range map[string][]string{
		"net.txt.golden":      nil,
		"net.md.golden":       {"-format", "md"},
		"net.csv.golden":      {"-format", "csv"},
		"net.json.golden":     {"-format", "json"},
		"net-aa.txt.golden":   {"-aa", "impl=tree,again"},
		"net-aa.csv.golden":   {"-aa", "impl=tree,again", "-format", "csv"},
		"net-aa.json.golden":  {"-aa", "impl=tree,again", "-format", "json"},
		"net-aa-brief.golden": {"-aa", "impl=tree,again", "-brief"},
	} {
		code, out, errs := benchcmp(t.Context(), "", append(append([]string{}, netArgs...), append(args, net)...)...)
		if code != 0 || errs != "" {
			t.Errorf("%s: exit %d, %s", name, code, errs)
		}
		golden(t, name, out)
	}
	for name, args := range map[string][]string{
		"net-cross.golden":  {"cross", "-over", "max"},
		"net-plot.golden":   {"plot"},
		"net-report.golden": {"report"},
	} {
		code, out, errs := benchcmp(t.Context(), "", append(append(args, netArgs[1:]...), "-aa", "impl=tree,again", net)...)
		if code != 0 || errs != "" || !strings.Contains(out, "net of impl=harness (medians ") {
			t.Errorf("%s: exit %d, %s", name, code, errs)
		}
	}
}

// TestNetByHand: the harness costs the round's number, the tree 10 and the bitset 20 more. Net of it they cost 10 and 20 in
// every round, a ratio of 2, which six rounds of one sign show with p = 2/64; the medians of 1 … 6 are 3.5.
func TestNetByHand(t *testing.T) {
	text := netRounds("1", 6, map[string]func(float64) float64{"harness": plain(0), "tree": plain(10), "bitset": plain(20), "other": plain(0)},
		"other", "tree", "harness", "other", "bitset")
	code, out, errs := benchcmp(t.Context(), text, netArgs...)
	if code != 0 {
		t.Fatalf("exit %d, %s", code, errs)
	}
	for heading, want := range map[string]string{
		"tree ns/pair": "10.0 ±0%", "bitset ns/pair": "20.0 ±0%", "bitset/tree": "2.000", "95% interval": "2.000 – 2.000", "rounds": "6",
		"tree min": "10.0", "bitset min": "20.0", "delta": "+1.00", "verdict": "tree wins",
	} {
		if got := column(t, out, heading)[0]; got != want {
			t.Errorf("%s is %s, want %s", heading, got, want)
		}
	}
	if want := "tree against bitset, ns/pair, net of impl=harness (median 3.50 ns/pair), lower is better\n"; !strings.Contains(out, want) {
		t.Errorf("no %q in\n%s", want, out)
	}
	if _, values, _ := benchcmp(t.Context(), text, append(netArgs, "-format", "csv")...); !strings.Contains(values, ",3.5,ns/pair,") || !strings.Contains(values, ",1,0.03125,") {
		t.Errorf("a harness of 3.5, a delta of 1 and a p of 2/64 are wanted:\n%s", values)
	}
	if _, gross, _ := benchcmp(t.Context(), text, netArgs[:5]...); column(t, gross, "bitset/tree")[0] != "1.742" {
		t.Errorf("with the harness in both sides, the median of (20+i)/(10+i) is 1.742:\n%s", gross)
	}
}

// TestNetSpoiled: whatever keeps a row from being net is said, and no number of that row is.
func TestNetSpoiled(t *testing.T) {
	all := []string{"harness", "tree", "bitset"}
	costs := func(harness, tree, bitset func(float64) float64) map[string]func(float64) float64 {
		return map[string]func(float64) float64{"harness": harness, "tree": tree, "bitset": bitset}
	}
	good := netRounds("1", 6, costs(plain(0), plain(10), plain(20)), all...)
	once := func(round float64) float64 { return round + 10*b2f(round != 4) }
	lines := strings.SplitAfter(netRounds("2", 6, costs(plain(0), plain(10), plain(20)), all...), "\n")
	var blocks strings.Builder
	for _, impl := range all {
		for _, line := range lines {
			if strings.Contains(line, impl) {
				blocks.WriteString(line)
			}
		}
	}
	for name, c := range map[string]struct {
		text    string
		code    int
		verdict string
	}{
		"above a side":           {netRounds("2", 6, costs(plain(12), plain(10), plain(20)), all...), 0, "no verdict: tree is not above impl=harness in 6 of 6 rounds"},
		"above both":             {netRounds("2", 6, costs(plain(30), plain(10), plain(20)), all...), 0, "no verdict: tree is not above impl=harness in 6 of 6 rounds"},
		"equal in one round":     {netRounds("2", 6, costs(plain(0), plain(10), once), all...), 0, "no verdict: bitset is not above impl=harness in 1 of 6 rounds"},
		"missing":                {netRounds("2", 6, costs(nil, plain(10), plain(20)), all...), 2, "no impl=harness"},
		"in blocks":              {blocks.String(), 0, "no verdict: the samples of impl=harness are not in the same rounds"},
		"one round short":        {strings.Replace(strings.Join(lines, ""), lines[1], "", 1), 0, "no verdict: the samples of impl=harness are not in the same rounds"},
		"one round too many":     {strings.Join(lines, "") + lines[1], 0, "no verdict: the samples of impl=harness are not in the same rounds"},
		"a side missing as well": {netRounds("2", 6, costs(plain(0), plain(10), nil), all...), 2, "no impl=bitset"},
		"too few rounds":         {netRounds("2", 5, costs(plain(0), plain(10), plain(20)), all...), 0, "too few rounds"},
		"a harness of nothing":   {netRounds("2", 6, costs(func(float64) float64 { return 0 }, plain(10), plain(20)), all...), 0, "tree wins"},
		"nothing but a harness":  {netRounds("2", 6, costs(plain(0), nil, nil), all...), 0, ""},
	} {
		code, out, errs := benchcmp(t.Context(), good+c.text, netArgs...)
		if code != c.code || (code == 2) != (errs != "") {
			t.Errorf("%s: exit %d, %s", name, code, errs)
		}
		verdicts := column(t, out, "verdict")
		if verdicts[0] != "tree wins" || c.verdict == "" && len(verdicts) != 1 || c.verdict != "" && verdicts[1] != c.verdict {
			t.Errorf("%s: verdicts %q, want %q", name, verdicts, c.verdict)
		}
		if strings.HasPrefix(c.verdict, "no verdict") {
			if got := column(t, out, "tree ns/pair")[1] + column(t, out, "bitset/tree")[1] + column(t, out, "tree min")[1] + column(t, out, "p (all)")[1]; got != "––––" {
				t.Errorf("%s: numbers all the same: %s", name, got)
			}
			if !strings.Contains(out, "warning: no ratio can be made in 1 of 2 rows") {
				t.Errorf("%s: no warning\n%s", name, out)
			}
		}
		for _, command := range []string{"cross", "plot", "report"} {
			if code, out, errs := benchcmp(t.Context(), good+c.text, append([]string{command}, netArgs[1:]...)...); code != c.code || strings.Contains(out, "NaN") || strings.Contains(out, "Inf") {
				t.Errorf("%s, %s: exit %d, %s", command, name, code, errs)
			}
		}
	}
}

func b2f(b bool) float64 { return float64(b2i(b)) }

func TestNetRefused(t *testing.T) {
	text := netRounds("1", 6, map[string]func(float64) float64{"harness": plain(0), "tree": plain(10), "bitset": plain(20)}, "harness", "tree", "bitset")
	nan := strings.Replace(text, "impl=harness 1 1 ", "impl=harness 1 NaN ", 1)
	less := strings.Replace(text, "impl=harness 1 1 ", "impl=harness 1 -1 ", 1)
	for _, c := range []struct{ text, args, want string }{
		{text, "-net impl=harnes", "no result has it; there are harness, tree, bitset"},
		{text, "-net imp=harness", `no key "imp"`},
		{text, "-net impl", "a value is wanted"},
		{text, "-net impl=", "a value is wanted"},
		{text, "-net n=1", "must be one of its values"},
		{text, "-net impl=tree", "cannot be taken off itself"},
		{nan, "-net impl=harness", "NaN ns/pair cannot be compared"},
		{less, "-net impl=harness", "-1 ns/pair cannot be compared"},
		{strings.Replace(text, "impl=harness 1 1 ns/pair", "impl=harness 1 1 ns/pai", 1), "-net impl=harness", "no ns/pair, which other samples"},
		{strings.Replace(text, "n=1/impl=harness", "n=1/k=2/impl=harness", 1), "-net impl=harness -row n", "would pool k"},
	} {
		code, _, errs := benchcmp(t.Context(), c.text, append([]string{"table", "-side", "impl=tree,bitset", "-unit", "ns/pair"}, strings.Fields(c.args)...)...)
		if code != 2 || !strings.Contains(errs, c.want) {
			t.Errorf("%s: exit %d, %q, want %q", c.args, code, errs, c.want)
		}
	}
}

// FuzzNet reads any bytes net of any harness, with any A/A: a table or an error, and never a number that is none. As for
// FuzzTable, give go test -fuzzminimizetime=10x.
func FuzzNet(f *testing.F) {
	f.Add([]byte(madeNet(1, 1)), "impl=tree,bitset", "impl=harness", "impl=tree,again")
	f.Add([]byte(madeNet(1, 6)[:900]), "impl", "impl=harness", "")
	f.Add([]byte(aaRun(6, "1 again=103 list=102", "2 list=120")), "sweep=walk,list", "", "sweep=walk,again")
	f.Add([]byte("BenchmarkA/s=a 1 1 ns/op\nBenchmarkA/s=h 1 2 ns/op\nBenchmarkA/s=b 1 1e140 ns/op\n"), "s=a,b", "s=h", "n=1,2")
	f.Fuzz(func(t *testing.T, text []byte, side, net, again string) {
		for _, unit := range []string{"ns/pair", "ns/pid", "ns/op"} {
			args := []string{"table", "-side=" + side, "-net=" + net, "-aa=" + again, "-unit=" + unit}
			for _, more := range []string{"-bars=always", "-brief", "-format=md", "-format=csv", "-format=json"} {
				code, out, errs := benchcmp(t.Context(), string(text), append(args, more)...)
				if code != 0 && code != 2 || code == 0 && out == "" || code == 2 && errs == "" {
					t.Errorf("exit %d, %q, %q", code, out, errs)
				}
				if strings.Contains(string(text)+side, "Inf") || strings.Contains(string(text)+side, "NaN") {
					continue
				}
				if strings.Contains(out, "NaN") || strings.Contains(out, "Inf") {
					t.Errorf("a number that is none: %q", out)
				}
			}
		}
	})
}
