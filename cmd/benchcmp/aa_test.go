package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// aaRun writes rounds of walk at 10 ns/pid and, at each n, of what other sweeps cost in hundredths of that.
func aaRun(rounds int, sizes ...string) string {
	var b strings.Builder
	b.WriteString("Unit ns/pid better=lower\n")
	for range rounds {
		for _, s := range sizes {
			n, rest, _ := strings.Cut(s, " ")
			for of := range strings.FieldsSeq("walk=100 " + rest) {
				sweep, cost, _ := strings.Cut(of, "=")
				fmt.Fprintf(&b, "BenchmarkA/n=%s/sweep=%s 1 %s ns/pid\n", n, sweep, cost)
			}
		}
	}
	return b.String()
}

// TestFloorsByHand: the same walk once more costs 3% more in every round, so the interval of again/walk is 1.03 and the
// floor 3.0%.
func TestFloorsByHand(t *testing.T) {
	text := aaRun(10, "1 again=103 list=102", "2 again=103 list=105", "3 again=97 list=97.5", "4 list=103.05", "5 list=103.2", "6 list=50")
	code, out, errs := benchcmp(t.Context(), text, "table", "-aa", "sweep=walk,again")
	if code != 0 {
		t.Fatalf("exit %d, %s", code, errs)
	}
	below := "no difference shown (below the A/A floor)"
	for heading, want := range map[string]string{
		// 1/0.97 is 1.0309, the largest, which is lent to rows 4 to 6
		"A/A floor": "3.0%; 3.0%; 3.1%; (3.1%); (3.1%); (3.1%)",
		"verdict":   strings.Join([]string{below, "walk wins", below, below, "walk wins", "list wins"}, "; "),
	} {
		if got := strings.Join(column(t, out, heading), "; "); got != want {
			t.Errorf("%s: %s\nwant %s", heading, got, want)
		}
	}
	for _, want := range []string{"note: A/A floor: 3.1% at most; ", "(3 of 6 rows; the others, in parentheses, take the largest)",
		"warning: A/A: a difference is shown between sweep=walk,again, the same thing, in 3 of 3 rows"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if strings.Contains(out, "left out") {
		t.Errorf("what the floor was taken from is called left out:\n%s", out)
	}
}

// TestFloorsOfOtherKey: an A/A told by another key than the sides gives each row the larger of both sides' floors.
func TestFloorsOfOtherKey(t *testing.T) {
	copies := func(factor float64, copy string) string {
		var b strings.Builder
		for i, v := range []float64{100, 120} {
			fmt.Fprintf(&b, "BenchmarkA/n=1/copy=%s/sweep=%s 1 %v ns/pid\n", copy, []string{"walk", "list"}[i], v*(1+factor*float64(i)))
		}
		return b.String()
	}
	text := "Unit ns/pid better=lower\n" + strings.Repeat(copies(0, "a")+copies(0.04, "b"), 10)
	code, out, errs := benchcmp(t.Context(), text, "table", "-aa", "copy=a,b")
	if code != 0 || strings.Join(column(t, out, "A/A floor"), " ") != "4.0% 4.0%" || column(t, out, "verdict")[1] != "walk wins" {
		t.Errorf("exit %d, %s\n%s", code, errs, out)
	}
}

// TestFloorGrows: a floor of ten rounds is larger over six, as the root of their number.
func TestFloorGrows(t *testing.T) {
	if got := (measuredFloor{0.21, 16}).over([2]int{4, 9}); got < 0.4640 || got > 0.4642 { // 1.21² − 1
		t.Errorf("%v", got)
	}
	if got := (measuredFloor{0.21, 16}).over([2]int{16, 20}); got != 0.21 {
		t.Errorf("%v", got)
	}
}

func TestFloorsRefused(t *testing.T) {
	text := aaRun(6, "1 again=101 list=120")
	for _, c := range []struct{ text, args, want string }{
		{text, "-aa swep=walk,again", `no key "swep"`},
		{text, "-aa sweep=walk,agin", "sweep=agin"},
		{text, "-aa sweep=walk", "two values"},
		{text, "-aa sweep=walk,list", "is what -side compares"},
		{text, "-aa sweep=list,walk", "is what -side compares"},
		{text, "-net sweep=again -aa sweep=walk,again", "holds the harness"},
		{aaRun(6, "1 list=120", "2 again=100"), "-filter n:1 -aa sweep=walk,again", "no result has sweep=again"},
		{strings.Replace(text, "=again 1 101 ns/pid", "=again 1 101 ns/pi", 1), "-aa sweep=walk,again", "no ns/pid, which other samples"},
		{strings.ReplaceAll(text, "=again 1 101 ns/pid", "=again 1 101 ns/x"), "-aa sweep=walk,again", "no row has both of sweep=walk,again"},
		{text + aaRun(5, "2 again=100 list=1"), "-filter sweep:list -aa sweep=walk,again", "no result has"},
		{aaRun(6, "1 list=120") + strings.ReplaceAll(aaRun(5, "2 again=100 list=1"), "Unit", "Unit"), "-aa sweep=walk,again", "has too few rounds (5) for a floor"},
		{strings.Replace(text, "n=1/sweep=again", "n=1/k=1/sweep=again", 1), "-aa sweep=walk,again -row n", "would pool k"},
	} {
		code, _, errs := benchcmp(t.Context(), c.text, append([]string{"table"}, strings.Fields(c.args)...)...)
		if code != 2 || !strings.Contains(errs, c.want) {
			t.Errorf("%s: exit %d, %q, want %q", c.args, code, errs, c.want)
		}
	}
	if code, out, errs := benchcmp(t.Context(), aaRun(5, "1 again=101 list=120"), "table", "-aa", "sweep=walk,again"); code != 0 || !strings.Contains(out, "A/A floor: none; too few rounds") {
		t.Errorf("rows without a verdict need no floor: exit %d, %s\n%s", code, errs, out)
	}
}

// TestBriefGolden: every form of a table for documents.
func TestBriefGolden(t *testing.T) {
	atRoot(t)
	for _, format := range []string{"text", "md", "csv", "json"} {
		code, out, errs := benchcmp(t.Context(), "", "table", "-brief", "-format", format, "testdata/benchcmp/made.txt")
		if code != 0 || errs != "" {
			t.Errorf("exit %d, %s", code, errs)
		}
		golden(t, "brief."+strings.Replace(format, "text", "txt", 1)+".golden", out)
	}
	_, out, _ := benchcmp(t.Context(), madeRun(4, 5), "table", "-brief")
	if !strings.Contains(out, "warning: too few rounds") || strings.Contains(out, " p ") {
		t.Errorf("a brief table of too few rounds:\n%s", out)
	}
}

// TestSweepMeasuresTwice: the A/A is at every size of every registry, since a noisy row's floor says nothing of a quiet
// one, and nowhere if it is not wanted.
func TestSweepMeasuresTwice(t *testing.T) {
	for args, want := range map[string]string{
		"":                               "10k 10k 30k 30k 100k 100k 300k 300k 1M 1M 10k 10k 30k 30k 100k 100k",
		"-quick":                         "10k 10k 100k 100k",
		"-n 30k -order fresh":            "30k 30k",
		"-n 10k,20k,30k,40k":             "10k 10k 20k 20k 30k 30k 40k 40k 10k 10k 30k 30k",
		"-registry paged+hash -n 1M":     "1M 1M",
		"-registry idr -n 10k,300k":      "10k 10k 300k 300k",
		"-aa=false":                      "",
		"-axes q1 -n 10k":                "",
		"-registry paged+hash,idr -n 1M": "1M 1M 1M 1M",
	} {
		_, out, _ := benchcmp(t.Context(), "", append([]string{"sweep", "-plan", "-seed", "1", "-pkg", fixture}, strings.Fields(args)...)...)
		var got []string
		for line := range strings.Lines(out) {
			if rest, ok := strings.CutSuffix(line, "/sweep=walk,walk+again,list\n"); ok {
				_, n, _ := strings.Cut(rest, "/n=")
				n, _, _ = strings.Cut(n, "/")
				got = append(got, n)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: twice at %q, want %s\n%s", args, got, want, out)
		}
	}
}

// TestFloorsStopBias simulates a machine on which whatever comes second in a process costs 2% more, in every round: p and
// intervals take that for a difference between sides that have none, the floor does not, and a true 10% still shows.
func TestFloorsStopBias(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	const runs = 40
	wins := func(cost float64, args ...string) int {
		n := 0
		for range runs {
			var b strings.Builder
			b.WriteString("Unit ns/pid better=lower\n")
			for range 10 {
				load := 1 + 0.1*rng.Float64()
				for _, of := range []struct {
					sweep string
					ns    float64
				}{{"walk", 10}, {"walk+again", 10.2}, {"list", 10.2 * cost}} {
					fmt.Fprintf(&b, "BenchmarkA/sweep=%s 1 %.4f ns/pid\n", of.sweep, of.ns*load*(1+0.005*rng.NormFloat64()))
				}
			}
			_, out, _ := benchcmp(t.Context(), b.String(), append([]string{"table"}, args...)...)
			n += b2i(strings.HasSuffix(column(t, out, "verdict")[0], " wins"))
		}
		return n
	}
	if without, with := wins(1), wins(1, "-aa", "sweep=walk,walk+again"); without < runs*9/10 || with > runs/10 {
		t.Errorf("of %d runs whose sides are the same, a winner in %d without a floor, in %d with it", runs, without, with)
	}
	if found := wins(1.1, "-aa", "sweep=walk,walk+again"); found < runs*95/100 {
		t.Errorf("a true 10%% shows in %d of %d runs", found, runs)
	}
}
