package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCrossGolden(t *testing.T) {
	atRoot(t)
	for _, format := range []string{"text", "md", "csv", "json"} {
		code, out, errs := benchcmp(t.Context(), "", "cross", "-format", format, filepath.Join("testdata", "benchcmp", "made.txt"))
		if code != 0 || errs != "" {
			t.Errorf("exit %d, %s", code, errs)
		}
		golden(t, "cross."+strings.Replace(format, "text", "txt", 1)+".golden", out)
	}
}

func TestParseSize(t *testing.T) {
	for s, want := range map[string]float64{"10k": 1e4, "10K": 1e4, "1M": 1e6, "1.7M": 1.7e6, "64Ki": 65536, "300": 300, "2kB": 2000, "x": 0, "0": 0, "": 0, "k": 0, "-1": 0} {
		if got, err := parseSize(s); math.Abs(got.n-want) > 1e-9*want || (err == nil) != (want > 0) {
			t.Errorf("%q: %v, %v, want %g", s, got.n, err, want)
		}
	}
	for n, want := range map[float64]string{10_000: "10k", 29_123: "29.1k", 999_600: "1M", 1_700_000: "1.7M", 512: "512", 4e9: "4G"} {
		if got := sizeText(n); got != want {
			t.Errorf("%g is written %s, want %s", n, got, want)
		}
	}
}

func TestZero(t *testing.T) {
	for _, c := range []struct {
		y    []float64
		pos  bool
		want float64
	}{
		{[]float64{-1, 1}, false, 0.5},
		{[]float64{3, -1}, true, 0.75},
		{[]float64{-1, -1, 1}, false, 1.5},
		{[]float64{-1, 0, 1}, false, 1},
		{[]float64{1, 1}, false, 0}, // left its sign before the bracket
		{[]float64{-2, -1}, false, 1},
	} {
		if got := zero([]float64{0, 1, 2}[:len(c.y)], c.y, c.pos); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("zero(%v) = %g, want %g", c.y, got, c.want)
		}
	}
}

// crossoverRun makes a run in which list/walk is (n/at)^slope.
func crossoverRun(rng *rand.Rand, at, slope float64, sizes ...string) string {
	var b strings.Builder
	for range 10 {
		for _, s := range sizes {
			n, _ := parseSize(s)
			load := math.Exp(0.05 * rng.NormFloat64())
			for side, v := range []float64{10, 10 * math.Pow(n.n/at, slope)} {
				fmt.Fprintf(&b, "BenchmarkS/n=%s/sweep=%s 1 %.4f ns/pid\n", s, []string{"walk", "list"}[side], v*load*math.Exp(0.03*rng.NormFloat64()))
			}
		}
	}
	return b.String()
}

// TestCrossCovers simulates: at least 95 of 100 intervals hold the true crossover, within what chance allows.
func TestCrossCovers(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	const trials = 60
	heldIt := 0
	for range trials {
		rd := newReader()
		if err := rd.read(strings.NewReader(crossoverRun(rng, 50_000, 0.3, "10k", "30k", "100k", "300k")), "made"); err != nil {
			t.Fatal(err)
		}
		f := crossFlags{over: "n", tableFlags: tableFlags{filter: "*", side: "sweep=walk,list", unit: "ns/pid", set: settings{0.05, 0.95}}}
		cs, err := f.crossovers(&rd.rec)
		if err != nil || len(cs.groups[0].crossovers) != 1 {
			t.Fatalf("%v, %+v", err, cs)
		}
		if at := cs.groups[0].crossovers[0].at; at.lo <= 50_000 && 50_000 <= at.hi {
			heldIt++
		}
	}
	if heldIt < trials*90/100 {
		t.Errorf("%d of %d intervals hold the truth", heldIt, trials)
	}
}

// TestCrossNone: what is no crossover is called none.
func TestCrossNone(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for want, text := range map[string]string{
		"none in range":             crossoverRun(rng, 1, 0.3, "10k", "100k"),
		"walk from 10k to 100k":     crossoverRun(rng, 1, 0.3, "10k", "100k"),
		"list from 10k to 100k":     crossoverRun(rng, 1e9, 0.3, "100k", "10k"),
		"none shown":                crossoverRun(rng, 1, 0, "10k", "100k"),
		"list at 10k, walk at 100k": crossoverRun(rng, 30_000, 0.5, "100k", "10k"),
		"walk at 10k, list at 100k": crossoverRun(rng, 30_000, -0.5, "100k", "10k"),
	} {
		code, out, errs := benchcmp(t.Context(), text, "cross")
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("exit %d, no %q in\n%s%s", code, want, out, errs)
		}
	}
}

// TestCrossRefines measures between the sizes of a made run, on the fixture, and answers from both.
func TestCrossRefines(t *testing.T) {
	atRoot(t)
	more := filepath.Join(t.TempDir(), "more.txt")
	args := []string{"cross", "-filter", "registry:tree+table", "-refine", more, "-points", "1", "-rounds", "6", "-seed", "1",
		"-benchtime", "2x", "-pkg", fixture, "-odd", "-reverse", filepath.Join("testdata", "benchcmp", "made.txt")}
	code, out, errs := benchcmp(t.Context(), "", args...)
	if code != 0 || !strings.Contains(errs, "1 cell × 6 rounds") || !strings.Contains(errs, "with -sizes 32k") {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	if !strings.Contains(out, "10k – 32k") {
		t.Errorf("the bracket did not shrink to the new size, at which the fixture's walk wins:\n%s", out)
	}
	resumeRefined(t, more)
}

// resumeRefined cuts a refinement off and goes on: it comes out as it was, and answers; and it is refused without the
// run that it refines.
func resumeRefined(t *testing.T, more string) {
	t.Helper()
	whole, err := os.ReadFile(more)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(whole), "\n")
	cut := strings.Join(lines[:len(lines)-5], "") // the last two of six rounds; what is behind the last newline is empty
	writeFiles(t, map[string]string{more: cut})
	code, out, errs := benchcmp(t.Context(), "", "run", "-resume", more)
	text, _ := os.ReadFile(more)
	if code != 0 || !strings.Contains(errs, "holds 4 of 6 processes") || withoutNumbers(string(text)) != withoutNumbers(string(whole)) || !strings.Contains(out, "10k – 32k") {
		t.Errorf("exit %d, %s\n%s\nwant %s\ngot  %s", code, errs, out, whole, text)
	}
	for want, text := range map[string]string{
		"the run that it refines":           strings.Replace(cut, "/made.txt", "/gone.txt", 1),
		"no crossover has a bracket":        strings.Replace(cut, "registry:tree+table", "order:fresh", 1),
		"it was measured with cells: ":      strings.Replace(cut, "-points 1", "-points 2", 1),
		"its command refines no file":       strings.Replace(cut, "-refine ", "-cpu ", 1),
		"is not what its command measures":  strings.Replace(cut, "BenchmarkSweep/registry=tree+table/n=32k", "BenchmarkSweep/registry=tree+table/n=33k", 1),
		"flag provided but not defined: -x": strings.Replace(cut, "-refine ", "-x ", 1),
	} {
		writeFiles(t, map[string]string{more: text})
		if code, _, errs := benchcmp(t.Context(), "", "run", "-resume", more); code != 2 || !strings.Contains(errs, want) {
			t.Errorf("exit %d, %s, want %q", code, errs, want)
		}
	}
}

// TestCrossWords: a winner is said to win from the first size at which it does, and whatever is undecided is named.
func TestCrossWords(t *testing.T) {
	for want, winners := range map[string]string{
		"walk from 100k to 1M; undecided at 10k, 30k":         "--ww",
		"walk at 100k; undecided at 10k, 30k, 1M":             "--w-",
		"walk from 10k to 1M; undecided at 30k":               "w-ww",
		"walk from 10k to 1M":                                 "wwww",
		"list at 10k, walk from 30k to 1M":                    "lwww",
		"list at 30k, walk at 1M; undecided at 10k, 100k":     "-l-w",
		"list at 10k, walk at 30k, list from 100k to 1M":      "lwll",
		"no difference is shown at 10k, 30k, 100k, 1M":        "----",
		"list from 10k to 30k, walk at 1M; undecided at 100k": "ll-w",
	} {
		g := &sizeGroup{}
		for i, n := range []string{"10k", "30k", "100k", "1M"} {
			s, _ := parseSize(n)
			g.sizes = append(g.sizes, s)
			g.winners = append(g.winners, strings.IndexByte("wl", winners[i]))
		}
		if got := g.words(side{values: [2]string{"walk", "list"}}); got != want {
			t.Errorf("%s is told as %s, want %s", winners, got, want)
		}
	}
}
