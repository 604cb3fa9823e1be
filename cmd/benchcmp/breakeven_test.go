package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
)

// lives makes a run in which a walk costs 20 ns/pid, and a fork and exit 100 ns without the list.
func lives(seed uint64, list, kept float64) string {
	rng := rand.New(rand.NewPCG(seed, 0))
	var b strings.Builder
	for range 10 {
		noise := func() float64 { return math.Exp(0.01 * rng.NormFloat64()) }
		load := math.Exp(0.05 * rng.NormFloat64())
		fmt.Fprintf(&b, "BenchmarkSweep/n=10k/sweep=walk 1 %v ns/pid\nBenchmarkSweep/n=10k/sweep=list 1 %v ns/pid\n", 20*load*noise(), list*load*noise())
		fmt.Fprintf(&b, "BenchmarkUpkeep/n=10k/lists=none 1 %v ns/pair\nBenchmarkUpkeep/n=10k/lists=list 1 %v ns/pair\n", 100*load*noise(), kept*load*noise())
	}
	return b.String()
}

// TestBreakEven: a list that saves 10 ns and costs 5 pays from a half on.
func TestBreakEven(t *testing.T) {
	for want, text := range map[string]string{
		"pays if more than":         lives(1, 10, 105),
		"never pays":                lives(2, 10, 130),
		"never – never  never pays": lives(3, 30, 105),
		"costs nothing":             lives(4, 10, 90),
		"is not shown to pay":       lives(6, 10, 109.5),
	} {
		code, out, errs := benchcmp(t.Context(), text, "breakeven")
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("exit %d, no %q in\n%s%s", code, want, out, errs)
		}
	}
	code, _, errs := benchcmp(t.Context(), strings.ReplaceAll(lives(1, 10, 105), "Upkeep/n=10k", "Upkeep/n=30k"), "breakeven")
	if code != 2 || !strings.Contains(errs, "no sweep and no upkeep at the same") {
		t.Errorf("exit %d, %s", code, errs)
	}
}

// TestBreakEvenCovers simulates: at least 95 of 100 intervals hold the true share of a half, within what chance allows.
func TestBreakEvenCovers(t *testing.T) {
	const trials = 80
	held := 0
	for i := range trials {
		rd := newReader()
		if err := rd.read(strings.NewReader(lives(uint64(100+i), 10, 105)), "made"); err != nil {
			t.Fatal(err)
		}
		f := breakevenFlags{filter: "*", sweeps: "sweep=walk,list", upkeep: "lists=none,list", confidence: 0.95}
		s, err := f.sheet(&rd.rec)
		if err != nil {
			t.Fatal(err)
		}
		v := s.rows[0][len(s.rows[0])-2].value.(span)
		if *v.Low <= 0.5 && 0.5 <= *v.High {
			held++
		}
	}
	if held < trials*88/100 {
		t.Errorf("%d of %d intervals hold the truth", held, trials)
	}
}

func TestBreakEvenGolden(t *testing.T) {
	atRoot(t)
	for _, format := range []string{"text", "md", "csv", "json"} {
		code, out, errs := benchcmp(t.Context(), "", "breakeven", "-format", format, filepath.Join("testdata", "benchcmp", "made.txt"))
		if code != 0 || errs != "" {
			t.Errorf("exit %d, %s", code, errs)
		}
		golden(t, "breakeven."+strings.Replace(format, "text", "txt", 1)+".golden", out)
	}
}
