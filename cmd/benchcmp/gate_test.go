package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// slower makes every list of at least 100k a tenth slower.
func slower(costs []madeCost) []madeCost {
	for i, c := range costs {
		if strings.Contains(c.name, "n=100k") && strings.HasSuffix(c.name, "list") {
			costs[i].ns *= 1.1
		}
	}
	return costs
}

// TestGatePairs keeps the pairs that ship in testdata/benchcmp what the generator makes, and holds gate to them: the A/A
// pair passes, with and without a floor; the pair in which one benchmark of eight lost a tenth fails, and names it.
func TestGatePairs(t *testing.T) {
	atRoot(t)
	golden(t, "gate-base.txt", madeGate(1, "commit: base", 10, gateCosts()))
	golden(t, "gate-same.txt", madeGate(2, "commit: same", 10, gateCosts()))
	golden(t, "gate-worse.txt", madeGate(3, "commit: worse", 10, slower(gateCosts())))
	dir := filepath.Join("testdata", "benchcmp")
	base := []string{"gate", "-unit", "ns/pid", "-base", filepath.Join(dir, "gate-base.txt"), "-head"}
	for name, c := range map[string]struct {
		args []string
		code int
	}{
		"gate-same":       {[]string{filepath.Join(dir, "gate-same.txt")}, 0},
		"gate-same-floor": {[]string{filepath.Join(dir, "gate-same.txt"), "-floor", filepath.Join(dir, "floor.json")}, 0},
		"gate-worse":      {[]string{filepath.Join(dir, "gate-worse.txt")}, 1},
		"gate-unsure":     {[]string{filepath.Join(dir, "gate-same.txt"), "-max", "0.1%", "-floor", filepath.Join(dir, "floor.json")}, 3},
		"gate-answers":    {[]string{filepath.Join(dir, "gate-same.txt"), "-cross", "churned<40k", "-cross", "order=churned,tree+table>10k"}, 0},
		"gate-moved":      {[]string{filepath.Join(dir, "gate-same.txt"), "-cross", "churned>40k", "-cross", "churned=none"}, 1},
		"gate-unclear":    {[]string{filepath.Join(dir, "gate-same.txt"), "-cross", "churned<17.5k"}, 3},
	} {
		code, out, errs := benchcmp(t.Context(), "", append(base, c.args...)...)
		if code != c.code || (code == 0) != (errs == "") {
			t.Errorf("%s: exit %d, want %d; %s", name, code, c.code, errs)
		}
		golden(t, name+".golden", out)
	}
	for _, format := range []string{"md", "csv", "json"} {
		code, out, _ := benchcmp(t.Context(), "", append(base, filepath.Join(dir, "gate-worse.txt"), "-format", format)...)
		if code != 1 {
			t.Errorf("-format %s: exit %d", format, code)
		}
		golden(t, "gate-worse."+format+".golden", out)
	}
}

// gateOn writes two runs and calls gate on them.
func gateOn(t *testing.T, base, head string, args ...string) (int, string, string) {
	t.Helper()
	dir := t.TempDir()
	paths := []string{filepath.Join(dir, "base,1=x.txt"), filepath.Join(dir, "head.txt")}
	for i, text := range []string{base, head} {
		if err := os.WriteFile(paths[i], []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return benchcmp(t.Context(), "", append([]string{"gate", "-unit", "ns/pid", "-base", paths[0], "-head", paths[1]}, args...)...)
}

// TestGateNeverPassesWhatItDidNotSee: benchmarks that one side lacks, too few rounds, other machines, floors from
// elsewhere or of something else.
func TestGateNeverPassesWhatItDidNotSee(t *testing.T) {
	base := madeGate(1, "commit: base", 10, gateCosts())
	same := madeGate(2, "commit: same", 10, gateCosts())
	floor := filepath.Join(t.TempDir(), "floor.json")
	if code, _, errs := benchcmp(t.Context(), madeTwice(4, "copy", [2]string{"a", "b"}, 10, 1), "floor", "-read", "-unit", "ns/pid", "-w", floor); code != 0 {
		t.Fatal(errs)
	}
	for name, c := range map[string]struct {
		base, head string
		args       []string
		code       int
		want       string
	}{
		"head lacks one":         {base, madeGate(2, "commit: same", 10, gateCosts()[1:]), nil, 2, "missing: 0 regressed, 1 missing"},
		"base lacks one":         {madeGate(2, "commit: same", 10, gateCosts()[1:]), base, nil, 2, "1 missing"},
		"nothing in common":      {base, strings.ReplaceAll(same, "Sweep", "Swap"), nil, 2, "16 missing"},
		"worse and missing":      {base, madeGate(3, "commit: worse", 10, slower(gateCosts())[1:]), nil, 1, "1 regressed, 1 missing"},
		"too few rounds":         {base, madeGate(2, "commit: same", 5, gateCosts()), nil, 3, "8 inconclusive"},
		"another machine":        {base, strings.Replace(same, "made up\n", "other\n", 1), nil, 2, "machine"},
		"it, allowed":            {base, strings.Replace(same, "made up\n", "other\n", 1), []string{"-across", "machine"}, 0, ""},
		"two commits a side":     {base, same + strings.Replace(same, "commit: same", "commit: third", 1), nil, 2, "several values of commit"},
		"no such unit":           {base, same, []string{"-unit", "ns/pair"}, 2, "no result has ns/pair"},
		"floor of another unit":  {base, same, []string{"-unit", "ns/op", "-floor", floor}, 2, "not of ns/op"},
		"floor lacks a cell":     {strings.ReplaceAll(base, "1M", "2M"), strings.ReplaceAll(same, "1M", "2M"), []string{"-floor", floor}, 2, "no cell"},
		"floor from elsewhere":   {strings.ReplaceAll(base, "made up\n", "x\n"), strings.ReplaceAll(same, "made up\n", "x\n"), []string{"-floor", floor}, 2, "floor was measured with machine"},
		"no floor file":          {base, same, []string{"-floor", "/nonexistent/floor"}, 2, "/nonexistent/floor"},
		"answer of nothing":      {base, same, []string{"-cross", "fresh<40k"}, 2, "no row of head has fresh"},
		"answer without a size":  {base, same, []string{"-cross", "churned<many"}, 2, "not a size"},
		"answer without meaning": {base, same, []string{"-cross", "churned"}, 2, "-cross"},
		"the same file":          {base, base, nil, 2, "same bytes"},
	} {
		code, _, errs := gateOn(t, c.base, c.head, c.args...)
		if code != c.code || !strings.Contains(errs, c.want) {
			t.Errorf("%s: exit %d, want %d; %q, want %q", name, code, c.code, errs, c.want)
		}
	}
}

// TestGateOneFile judges a run of two commits measured in turn.
func TestGateOneFile(t *testing.T) {
	for times, want := range map[float64]int{1: 0, 1.1: 1, 0.9: 0, 1.05: 3} {
		text := madeTwice(5, "commit", [2]string{"aaa", "bbb"}, 10, times)
		code, out, errs := benchcmp(t.Context(), text, "gate", "-unit", "ns/pid", "-side", "commit=aaa,bbb", "-")
		if code != want {
			t.Errorf("%g times: exit %d, want %d\n%s%s", times, code, want, out, errs)
		}
	}
	higher := strings.ReplaceAll(madeTwice(5, "commit", [2]string{"aaa", "bbb"}, 10, 1.1), "better=lower", "better=higher")
	if code, _, errs := benchcmp(t.Context(), higher, "gate", "-unit", "ns/pid", "-side", "commit=aaa,bbb", "-"); code != 0 {
		t.Errorf("higher is better: exit %d, %s", code, errs)
	}
	if code, _, _ := benchcmp(t.Context(), higher, "gate", "-unit", "ns/pid", "-side", "commit=bbb,aaa", "-"); code != 1 {
		t.Errorf("higher is better, the other way: exit %d", code)
	}
}
