package main

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"golang.org/x/perf/benchmath"
)

// minRounds is the fewest rounds a verdict is given on: from 6 on a test can reach p = .031 (sign flips) or .0022 (U) and
// the interval of a median is finite at 95%.
const minRounds = 6

// A settings says how much is asked of a difference.
type settings struct {
	alpha      float64 // of the corrected p
	confidence float64 // of every interval
}

// resamples and bootSeed make the bootstrap: always the same, so that one input always gives one table.
const (
	resamples = 2000
	bootSeed  = 1
)

// A verdict is what a row says.
type verdict int

const (
	noDifference verdict = iota
	firstWins
	secondWins
	tooFew    // too few rounds
	missing   // a side has no samples
	noHarness // nothing to take off the sides: see net
	notNet    // something to take off, and no ratio can be made of what is left
	verdicts  // how many there are
)

// A comparison is the statistics of one row.
type comparison struct {
	rounds   [2]int // samples of each side
	paired   bool
	summary  [2]benchmath.Summary
	ratio    interval   // second side over first
	least    [2]float64 // the smallest sample of each side
	delta    float64    // Cliff's
	p        float64    // two-sided: of sign flips if paired, else Mann–Whitney U
	adjusted float64    // p corrected for all rows shown: see correct
	verdict  verdict
	why      string  // of noHarness and notNet
	floor    float64 // what noise alone shows, 0.03 for 3%; below 0 where no A/A was asked for: see floors
	own      bool    // the floor is the row's own
	below    bool    // a side would win, but for the floor
}

// compared tells whether the row has a ratio.
func (c *comparison) compared() bool { return c.verdict <= tooFew }

// tested tells whether the row is one of those that the correction of p counts.
func (c *comparison) tested() bool { return c.verdict < tooFew }

// An interval is an estimate between two bounds.
type interval struct{ mid, lo, hi float64 }

// compareAll compares the sides of every row and gives the verdicts: a side wins if the corrected p is below alpha and
// the ratio's interval leaves 1 out. Both are asked for: the interval takes no notice of the number of rows, and p
// says nothing of how large a difference is.
func compareAll(rows []*row, u unit, set settings) []*comparison {
	out := make([]*comparison, len(rows))
	for i, r := range rows {
		out[i] = compare(r, set)
	}
	correct(rows, out)
	for _, c := range out {
		if c.tested() {
			c.verdict = decide(c, u, set)
		}
	}
	return out
}

// correct corrects the p of all rows for their number: together where every row is paired, else by Holm.
func correct(rows []*row, cs []*comparison) {
	var tested []*comparison
	var flippers []*flipper
	var ps []float64
	for i, c := range cs {
		if c.tested() {
			tested, ps = append(tested, c), append(ps, c.p)
			if c.paired {
				flippers = append(flippers, newFlipper(logRatios(rows[i].samples[0], rows[i].samples[1])))
			}
		}
	}
	corrected := holm(ps)
	if len(flippers) == len(tested) {
		corrected = together(flippers)
	}
	for i, c := range tested {
		c.adjusted = corrected[i]
	}
}

// compare does what needs one row only. No side wins yet.
func compare(r *row, set settings) *comparison {
	c := &comparison{paired: r.paired(), floor: -1}
	var samples [2]*benchmath.Sample
	for i, values := range r.samples {
		c.rounds[i] = len(values)
		if len(values) == 0 {
			c.verdict = missing
			continue
		}
		c.least[i] = slices.Min(values)
		samples[i] = benchmath.NewSample(slices.Clone(values), &benchmath.Thresholds{CompareAlpha: set.alpha})
		c.summary[i] = benchmath.AssumeNothing.Summary(samples[i], set.confidence)
	}
	if c.verdict != missing && r.net.why != "" {
		c.verdict, c.why = r.net.verdict, r.net.why
	}
	if !c.compared() {
		return c
	}
	c.ratio = ratioInterval(r.samples[0], r.samples[1], c.paired, set.confidence)
	c.delta = cliff(r.samples[0], r.samples[1])
	if c.paired {
		c.p = newFlipper(logRatios(r.samples[0], r.samples[1])).p()
	} else {
		c.p = benchmath.AssumeNothing.Compare(samples[0], samples[1]).P
	}
	if min(c.rounds[0], c.rounds[1]) < minRounds {
		c.verdict = tooFew
	}
	return c
}

func decide(c *comparison, u unit, set settings) verdict {
	less, more := c.ratio.hi < 1, c.ratio.lo > 1
	switch {
	case c.adjusted >= set.alpha || less == more:
		return noDifference
	case less == (u.better < 0):
		return secondWins
	}
	return firstWins
}

// holm corrects p values for their number (Holm 1979): the smallest times m, the next times m−1 and so on, never
// below the one before, at most 1.
func holm(ps []float64) []float64 {
	order := make([]int, len(ps))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case ps[a] < ps[b]:
			return -1
		case ps[a] > ps[b]:
			return 1
		}
		return 0
	})
	out := make([]float64, len(ps))
	last := 0.0
	for rank, i := range order {
		last = max(last, min(1, ps[i]*float64(len(ps)-rank)))
		out[i] = last
	}
	return out
}

// ratioInterval estimates b/a.
//
// In pairs the estimate is the median of the rounds' ratios: what slowed a round down slowed both of its sides down and
// falls out of their ratio, while a ratio of medians may set one round's luck against another's. Logarithms are used
// so that 2 and ½ are equally far from 1. Without pairs it is the ratio of the medians.
//
// The bounds are bootstrapped: rounds (or, without pairs, the samples of each side) are drawn again with replacement
// and the percentiles of the estimate taken, a little further out than asked for because few rounds vary too little
// (see percentile).
func ratioInterval(a, b []float64, paired bool, confidence float64) interval {
	mid, draw := logRatio(a, b, paired)
	v := bootstrap(min(len(a), len(b)), confidence, draw)
	return interval{math.Exp(mid), math.Exp(v.lo), math.Exp(v.hi)}
}

// logRatio estimates the logarithm of b/a, and gives what draws it anew from resampled rounds.
func logRatio(a, b []float64, paired bool) (mid float64, draw func(*rand.Rand) float64) {
	if !paired {
		return math.Log(median(slices.Clone(b))) - math.Log(median(slices.Clone(a))), unpairedDraw(a, b)
	}
	logs := logRatios(a, b)
	return median(slices.Clone(logs)), pairedDraw(logs)
}

// logRatios are the logarithms of the rounds' ratios b/a.
func logRatios(a, b []float64) []float64 {
	logs := make([]float64, min(len(a), len(b)))
	for i := range logs {
		logs[i] = math.Log(b[i]) - math.Log(a[i])
	}
	return logs
}

// bootstrap takes the bounds of what draw draws from n resampled rounds.
func bootstrap(n int, confidence float64, draw func(*rand.Rand) float64) interval {
	rng := rand.New(rand.NewPCG(bootSeed, uint64(n)))
	boot := make([]float64, resamples)
	for i := range boot {
		boot[i] = draw(rng)
	}
	slices.Sort(boot)
	k := min(int(percentile(n, confidence)*resamples), resamples/2)
	return interval{lo: boot[k], hi: boot[resamples-1-k]}
}

func pairedDraw(logs []float64) func(*rand.Rand) float64 {
	p := newPool(logs)
	return func(rng *rand.Rand) float64 { return p.median(rng) }
}

func unpairedDraw(a, b []float64) func(*rand.Rand) float64 {
	poolA, poolB := newPool(a), newPool(b)
	return func(rng *rand.Rand) float64 {
		return math.Log(poolB.median(rng)) - math.Log(poolA.median(rng))
	}
}

// A pool is values to draw from again and again. What is drawn is counted by rank, so that its median is found without
// sorting it: with thousands of rounds that is what a table's time goes into.
type pool struct {
	sorted []float64
	rank   []int // of the i-th value
	drawn  []int // how often, by rank
}

func newPool(values []float64) *pool {
	n := len(values)
	p := &pool{sorted: make([]float64, n), rank: make([]int, n), drawn: make([]int, n)}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	for rank, i := range order {
		p.sorted[rank], p.rank[i] = values[i], rank
	}
	return p
}

// median draws as many values as there are and returns their middle.
func (p *pool) median(rng *rand.Rand) float64 {
	clear(p.drawn)
	n := len(p.sorted)
	for range n {
		p.drawn[p.rank[rng.IntN(n)]]++
	}
	low, seen := 0, p.drawn[0]
	for seen <= (n-1)/2 {
		low++
		seen += p.drawn[low]
	}
	high := low
	for seen <= n/2 {
		high++
		seen += p.drawn[high]
	}
	return p.sorted[low]/2 + p.sorted[high]/2
}

// median sorts xs and returns its middle.
func median(xs []float64) float64 {
	slices.Sort(xs)
	n := len(xs)
	return xs[(n-1)/2]/2 + xs[n/2]/2
}

// percentile is the share to cut off at each end so that the interval over n rounds keeps its confidence: Hesterberg's
// expanded percentile (The American Statistician 69, 2015), Φ(−t·√(n/(n−1))) with t of n−1 degrees of freedom.
// Without it an interval asked for at 95% holds the truth 92 times of 100 at 6 to 10 rounds, with it 96 to 97 times.
func percentile(n int, confidence float64) float64 {
	if n < 2 {
		return (1 - confidence) / 2
	}
	t := studentQuantile((1+confidence)/2, float64(n-1))
	return math.Erfc(t*math.Sqrt(float64(n)/float64(n-1))/math.Sqrt2) / 2
}

// studentQuantile is Student's t by the expansion about the normal quantile (Abramowitz and Stegun 26.7.5): within
// 0.2% for 5 degrees of freedom or more at 95%.
func studentQuantile(p, df float64) float64 {
	z := math.Sqrt2 * math.Erfinv(2*p-1)
	z3, z5, z7 := z*z*z, math.Pow(z, 5), math.Pow(z, 7)
	return z + (z3+z)/(4*df) + (5*z5+16*z3+3*z)/(96*df*df) + (3*z7+19*z5+17*z3-15*z)/(384*df*df*df)
}
