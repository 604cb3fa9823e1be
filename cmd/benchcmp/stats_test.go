package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"golang.org/x/perf/benchmath"
)

func near(a, b, tolerance float64) bool { return math.Abs(a-b) <= tolerance }

// TestHolm: the wanted values are those of R's p.adjust(p, "holm").
func TestHolm(t *testing.T) {
	for _, c := range []struct{ p, want []float64 }{
		{nil, nil},
		{[]float64{0.04}, []float64{0.04}},
		{[]float64{0.01, 0.04, 0.03, 0.005}, []float64{0.03, 0.06, 0.06, 0.02}},
		{[]float64{0.5, 0.6, 0.7}, []float64{1, 1, 1}},
		{[]float64{0.01, 0.01, 0.01}, []float64{0.03, 0.03, 0.03}},
		{[]float64{0, 1, 0.02}, []float64{0, 1, 0.04}},
	} {
		got := holm(c.p)
		for i := range c.want {
			if !near(got[i], c.want[i], 1e-12) {
				t.Errorf("holm(%v) = %v, want %v", c.p, got, c.want)
				break
			}
		}
	}
}

// TestStudentQuantile: the wanted values are those of printed tables, t at 97.5%.
func TestStudentQuantile(t *testing.T) {
	for df, want := range map[float64]float64{5: 2.5706, 7: 2.3646, 9: 2.2622, 19: 2.0930, 99: 1.9842} {
		if got := studentQuantile(0.975, df); !near(got, want, 0.002*want) {
			t.Errorf("t(0.975, %g) = %.4f, want %.4f", df, got, want)
		}
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		xs   []float64
		want float64
	}{{[]float64{3}, 3}, {[]float64{4, 1}, 2.5}, {[]float64{9, 1, 5}, 5}, {[]float64{1e308, 1.5e308}, 1.25e308}} {
		if got := median(c.xs); !near(got/c.want, 1, 1e-15) {
			t.Errorf("median(%v) = %v, want %v", c.xs, got, c.want)
		}
	}
}

// rowOf makes a row of paired rounds.
func rowOf(a, b []float64) *row {
	r := &row{samples: [2][]float64{a, b}}
	for range a {
		r.order = append(r.order, 0, 1)
	}
	return r
}

var perPID = unit{asked: "ns/pid", tidy: "sec/pid", scale: 1e-9, better: -1}

// TestCompareSeparated: 6 rounds against 6 without overlap give p = 2/64 by signs and, in blocks, 2/924 by ranks.
func TestCompareSeparated(t *testing.T) {
	a := []float64{10, 11, 12, 10.5, 11.5, 12.5}
	b := []float64{20, 22, 24, 21, 23, 25}
	c := compareAll([]*row{rowOf(a, b)}, perPID, settings{0.05, 0.95})[0]
	if !near(c.p, 2.0/64, 1e-9) || !near(c.adjusted, c.p, 0.01) || c.verdict != firstWins || !near(c.ratio.mid, 2, 1e-12) || !near(c.ratio.lo, 2, 1e-12) {
		t.Errorf("%+v", c)
	}
	blocks := rowOf(a, b)
	blocks.order = []int{0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1}
	if c := compareAll([]*row{blocks}, perPID, settings{0.05, 0.95})[0]; !near(c.p, 2.0/924, 1e-9) || c.adjusted != c.p || c.delta != 1 || c.least != [2]float64{10, 20} {
		t.Errorf("in blocks: %+v", c)
	}
	higher := perPID
	higher.better = 1
	if c = compareAll([]*row{rowOf(a, b)}, higher, settings{0.05, 0.95})[0]; c.verdict != secondWins {
		t.Errorf("higher is better: verdict %d", c.verdict)
	}
}

// TestPairsSeeThroughNoise: what rounds share falls out of the ratio's interval and of p; ranks do not see through it.
func TestPairsSeeThroughNoise(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var a, b []float64
	for range 10 {
		noise := 1 + rng.Float64()
		a, b = append(a, 10*noise), append(b, 10.5*noise*(1+0.002*rng.Float64()))
	}
	c := compare(rowOf(a, b), settings{0.05, 0.95})
	if c.ratio.lo < 1.049 || c.ratio.hi > 1.053 || c.p > 0.002 || uTest(a, b) < 0.05 {
		t.Errorf("ratio %+v, p %g", c.ratio, c.p)
	}
}

// TestIntervalIsDeterministic: one input, one table.
func TestIntervalIsDeterministic(t *testing.T) {
	a, b := []float64{1, 2, 3, 4, 5, 6}, []float64{2, 3, 5, 4, 6, 9}
	for _, paired := range []bool{true, false} {
		first := ratioInterval(a, b, paired, 0.95)
		if again := ratioInterval(a, b, paired, 0.95); first != again {
			t.Errorf("paired=%v: %v, then %v", paired, first, again)
		}
	}
}

// TestIntervalCovers simulates: at least 95 of 100 intervals hold the true ratio, within what chance allows, whether
// noise is mild or has heavy tails.
func TestIntervalCovers(t *testing.T) {
	const trials = 300
	for name, noise := range map[string]func(*rand.Rand) float64{
		"normal": func(r *rand.Rand) float64 { return 0.05 * r.NormFloat64() },
		"heavy":  func(r *rand.Rand) float64 { return 0.05 * r.NormFloat64() * math.Exp(r.NormFloat64()) },
	} {
		for _, rounds := range []int{6, 10} {
			rng := rand.New(rand.NewPCG(7, uint64(rounds)))
			held := 0
			for range trials {
				a, b := make([]float64, rounds), make([]float64, rounds)
				for i := range a {
					a[i], b[i] = math.Exp(noise(rng)), 1.3*math.Exp(noise(rng))
				}
				if v := ratioInterval(a, b, true, 0.95); v.lo <= 1.3 && 1.3 <= v.hi {
					held++
				}
			}
			if share := float64(held) / trials; share < 0.93 {
				t.Errorf("%s noise, %d rounds: %.1f%% of the intervals hold the truth", name, rounds, 100*share)
			}
		}
	}
}

// uTest is the test that paired rounds were given before.
func uTest(a, b []float64) float64 {
	thresholds := &benchmath.Thresholds{CompareAlpha: 0.05}
	return benchmath.AssumeNothing.Compare(benchmath.NewSample(slices.Clone(a), thresholds), benchmath.NewSample(slices.Clone(b), thresholds)).P
}

// noises are what a shared machine does to a round: what both sides have in common, and what each has by itself.
var noises = map[string]struct{ shared, own func(*rand.Rand) float64 }{
	"quiet":  {normal(0), normal(0.02)},
	"shared": {normal(0.1), normal(0.03)},
	"heavy":  {normal(0.1), func(r *rand.Rand) float64 { return 0.02 * r.NormFloat64() * math.Exp(r.NormFloat64()) }},
	"spikes": {normal(0.1), func(r *rand.Rand) float64 {
		if r.Float64() < 0.1 {
			return 0.1 + 0.5*r.Float64()
		}
		return 0.02 * r.NormFloat64()
	}},
}

func normal(sd float64) func(*rand.Rand) float64 {
	return func(r *rand.Rand) float64 { return sd * r.NormFloat64() }
}

// simulate makes a table of 16 rows, of which the first ones differ by 10%, and tells how many of these are called
// different by table's test and by U with Holm, and whether another row is.
func simulate(rng *rand.Rand, noise string, rounds, differing int) (found, foundU int, alarm bool) {
	var rows []*row
	var us []float64
	for k := range 16 {
		a, b := make([]float64, rounds), make([]float64, rounds)
		for i := range a {
			load, effect := noises[noise].shared(rng), 0.0
			if k < differing {
				effect = math.Log(1.1)
			}
			a[i], b[i] = math.Exp(load+noises[noise].own(rng)), math.Exp(load+effect+noises[noise].own(rng))
		}
		rows, us = append(rows, rowOf(a, b)), append(us, uTest(a, b))
	}
	for k, p := range holm(us) {
		if k < differing && p < 0.05 {
			foundU++
		}
	}
	for k, c := range compareAll(rows, perPID, settings{0.05, 0.95}) {
		switch {
		case k < differing && c.verdict == firstWins:
			found++
		case c.verdict != noDifference:
			alarm = true
		}
	}
	return found, foundU, alarm
}

// TestFalseAlarms simulates tables without any difference: at most 5 of 100 may call one, within what chance allows
// (9 of 100 are the most that a rate of 5% gives 97 times of 100).
func TestFalseAlarms(t *testing.T) {
	const tables = 25
	alarms := 0
	for noise := range noises {
		rng := rand.New(rand.NewPCG(11, uint64(len(noise))))
		for range tables {
			if _, _, alarm := simulate(rng, noise, 10, 0); alarm {
				alarms++
			}
		}
	}
	t.Logf("%d of %d tables raise a false alarm", alarms, tables*len(noises))
	if alarms > 9 {
		t.Errorf("%d false alarms in %d tables", alarms, tables*len(noises))
	}
}

// TestPower states how often a true difference of 10% in 4 of 16 rows is called one, and why paired rounds are given
// sign flips: U, which they were given before, finds next to nothing once rounds share noise of 10%.
func TestPower(t *testing.T) {
	const tables = 8
	for _, c := range []struct {
		noise  string
		rounds int
		least  float64 // power to be kept
		mostU  float64
	}{
		{"quiet", 10, 1, 1},
		{"quiet", 6, 0.6, 1},
		{"shared", 10, 0.9, 0.2},
		{"shared", 20, 1, 0.6},
		{"heavy", 10, 0.6, 0.2},
		{"spikes", 10, 0.25, 0.2},
	} {
		rng := rand.New(rand.NewPCG(13, uint64(c.rounds)))
		found, foundU := 0, 0
		for range tables {
			a, b, _ := simulate(rng, c.noise, c.rounds, 4)
			found, foundU = found+a, foundU+b
		}
		power, powerU := float64(found)/(4*tables), float64(foundU)/(4*tables)
		t.Logf("%-6s noise, %2d rounds: power %3.0f%%, of U with Holm %3.0f%%", c.noise, c.rounds, 100*power, 100*powerU)
		if power < c.least || powerU > c.mostU {
			t.Errorf("%s noise, %d rounds: power %.2f, at least %.2f wanted; of U %.2f, at most %.2f", c.noise, c.rounds, power, c.least, powerU, c.mostU)
		}
	}
}

// TestSignFlips: the wanted p were counted by hand: 2 patterns of 64 reach six ratios of one sign, 4 of 8 reach 3, 2 and −1.
func TestSignFlips(t *testing.T) {
	for _, c := range []struct {
		logs []float64
		want float64
	}{
		{[]float64{1, 1, 1, 1, 1, 1}, 2.0 / 64},
		{[]float64{-1, -2, -3, -1, -2, -3}, 2.0 / 64},
		{[]float64{3, 2, -1}, 4.0 / 8},
		{[]float64{1, -1}, 1},
		{[]float64{0, 0, 0, 0, 0, 0}, 1},
		{[]float64{1, 1, 1, 1, 1, 1, 1, 1, 1, 1000}, 2.0 / 1024},
	} {
		f := newFlipper(c.logs)
		if got := f.p(); !near(got, c.want, 1e-12) {
			t.Errorf("%v: p = %g, want %g", c.logs, got, c.want)
		}
		if got := f.drawnP(); !near(got, c.want, 0.02) {
			t.Errorf("%v: drawn p = %g, want %g", c.logs, got, c.want)
		}
		if got := together([]*flipper{f})[0]; !near(got, c.want, 0.02) {
			t.Errorf("%v: p together = %g, want %g", c.logs, got, c.want)
		}
	}
	many := make([]float64, 100)
	for i := range many {
		many[i] = 1
	}
	if got := newFlipper(many).p(); got > 0.001 {
		t.Errorf("100 ratios of one sign: p = %g", got)
	}
}

// TestTogetherIsMonotone: a greater statistic never gets a greater p, and no corrected p is below the row's own.
func TestTogetherIsMonotone(t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 0))
	var rows []*flipper
	for k := range 12 {
		logs := make([]float64, 8)
		for i := range logs {
			logs[i] = 0.01*float64(k) + 0.05*rng.NormFloat64()
		}
		rows = append(rows, newFlipper(logs))
	}
	ps := together(rows)
	for i, f := range rows {
		if ps[i] < f.p()-0.02 {
			t.Errorf("row %d: %g together, %g by itself", i, ps[i], f.p())
		}
		for j, g := range rows {
			if f.observed > g.observed && ps[i] > ps[j] {
				t.Errorf("rows %d, %d: statistics %g, %g but p %g, %g", i, j, f.observed, g.observed, ps[i], ps[j])
			}
		}
	}
}

// TestCliff: the wanted values are counted pairs.
func TestCliff(t *testing.T) {
	for _, c := range []struct {
		a, b []float64
		want float64
	}{
		{[]float64{1, 2, 3}, []float64{4, 5}, 1},
		{[]float64{4, 5}, []float64{1, 2, 3}, -1},
		{[]float64{1, 2, 3}, []float64{2}, 0},
		{[]float64{1, 2, 2, 3}, []float64{2, 3}, 3.0 / 8},
		{[]float64{1, 1}, []float64{1, 1}, 0},
	} {
		if got := cliff(c.a, c.b); !near(got, c.want, 1e-12) {
			t.Errorf("cliff(%v, %v) = %g, want %g", c.a, c.b, got, c.want)
		}
	}
}
