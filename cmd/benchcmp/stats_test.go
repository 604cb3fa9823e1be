package main

import (
	"math"
	"math/rand/v2"
	"testing"
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

// TestCompareSeparated: 6 rounds against 6 without overlap give p = 2/924.
func TestCompareSeparated(t *testing.T) {
	a := []float64{10, 11, 12, 10.5, 11.5, 12.5}
	b := []float64{20, 22, 24, 21, 23, 25}
	c := compareAll([]*row{rowOf(a, b)}, perPID, settings{0.05, 0.95})[0]
	if !near(c.p, 2.0/924, 1e-9) || c.verdict != firstWins || !near(c.ratio.mid, 2, 1e-12) || !near(c.ratio.lo, 2, 1e-12) {
		t.Errorf("%+v", c)
	}
	higher := perPID
	higher.better = 1
	if c = compareAll([]*row{rowOf(a, b)}, higher, settings{0.05, 0.95})[0]; c.verdict != secondWins {
		t.Errorf("higher is better: verdict %d", c.verdict)
	}
}

// TestPairsSeeThroughNoise: what rounds share falls out of the ratio's interval, and p does not see it.
func TestPairsSeeThroughNoise(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var a, b []float64
	for range 10 {
		noise := 1 + rng.Float64()
		a, b = append(a, 10*noise), append(b, 10.5*noise*(1+0.002*rng.Float64()))
	}
	c := compare(rowOf(a, b), settings{0.05, 0.95})
	if c.ratio.lo < 1.049 || c.ratio.hi > 1.053 || c.p < 0.05 {
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

// TestFalseAlarms simulates tables of 16 rows without any difference: at most 5 of 100 may call one, within chance.
func TestFalseAlarms(t *testing.T) {
	const tables = 40
	rng := rand.New(rand.NewPCG(11, 0))
	alarms := 0
	for range tables {
		var rows []*row
		for range 16 {
			a, b := make([]float64, 10), make([]float64, 10)
			for i := range a {
				load := math.Exp(0.1 * rng.NormFloat64())
				a[i], b[i] = load*math.Exp(0.03*rng.NormFloat64()), load*math.Exp(0.03*rng.NormFloat64())
			}
			rows = append(rows, rowOf(a, b))
		}
		for _, c := range compareAll(rows, perPID, settings{0.05, 0.95}) {
			if c.verdict != noDifference {
				alarms++
			}
		}
	}
	if alarms > 4 {
		t.Errorf("%d false alarms in %d tables", alarms, tables)
	}
}
