package main

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// The test for paired rounds. If the sides do not differ, each round's log ratio is as likely to have the other sign, so
// every pattern of signs is as likely as the one that was measured: no law of the noise is assumed, and what a round's
// sides share has fallen out before. All rows of a table are tested together, by the greatest statistic that chance
// gives any of them (step-down, Westfall and Young 1993), which keeps the chance of one false alarm in the table at
// alpha and, unlike Holm's factor on each p, costs a table of many rows little power: few rounds have few patterns of
// signs (2/64 is the least p that six rounds can have), and a factor on that ends all verdicts.
//
// The statistic is Student's of the log ratios, those further out than twice the median of their sizes drawn in to it:
// a round that was disturbed on one side must not decide. The cut depends on sizes alone, so it is the same for every
// pattern of signs.

const (
	flips      = 9999        // patterns of signs drawn
	leastFlips = 1999        // where the work is bounded
	flipWork   = 100_000_000 // rounds × rows × patterns of a table
	rowWork    = 5_000_000   // rounds × patterns of one row's own p
	maxExact   = 14          // rounds up to which that counts every pattern
	flipSeed   = 2
)

// patterns is how many are drawn at so much work each.
func patterns(work, each int) int { return max(leastFlips, min(flips, work/max(1, each))) }

// flipper is one row in the test.
type flipper struct {
	logs     []float64 // drawn in
	squares  float64   // their sum, which no sign changes
	observed float64
}

func newFlipper(logs []float64) *flipper {
	sizes := make([]float64, len(logs))
	for i, x := range logs {
		sizes[i] = math.Abs(x)
	}
	most := 2 * median(sizes)
	f := &flipper{}
	sum := 0.0
	for _, x := range logs {
		x = max(-most, min(most, x))
		f.logs = append(f.logs, x)
		f.squares += x * x
		sum += x
	}
	f.observed = f.statistic(sum)
	return f
}

// statistic is the square of Student's, from the sum of the signed logarithms.
func (f *flipper) statistic(sum float64) float64 {
	n := float64(len(f.logs))
	share := sum * sum / (n * f.squares) // 1 where all are the same
	if f.squares == 0 {
		return 0
	}
	return (n - 1) * share / max(1-share, 1e-12)
}

// reaches tells whether a statistic is as great as the observed one, rounding aside.
func (f *flipper) reaches(statistic float64) bool { return statistic >= f.observed*(1-1e-9) }

// draw is the statistic for a pattern of signs drawn at random.
func (f *flipper) draw(rng *rand.Rand) float64 {
	sum := 0.0
	var bits uint64
	for i, x := range f.logs {
		if i%64 == 0 {
			bits = rng.Uint64()
		}
		if bits&1 == 1 {
			x = -x
		}
		sum += x
		bits >>= 1
	}
	return f.statistic(sum)
}

// p is the row's own p: the share of patterns of signs that reach what was measured.
func (f *flipper) p() float64 {
	n := len(f.logs)
	if n > maxExact {
		return f.drawnP()
	}
	reached := 0
	for pattern := range 1 << (n - 1) { // the other half is the same with all signs turned
		sum := f.logs[0]
		for i, x := range f.logs[1:] {
			if pattern>>i&1 == 1 {
				x = -x
			}
			sum += x
		}
		if f.reaches(f.statistic(sum)) {
			reached++
		}
	}
	return float64(reached) / float64(int(1)<<(n-1))
}

func (f *flipper) drawnP() float64 {
	rng := rand.New(rand.NewPCG(flipSeed, 1))
	reached := 1
	drawn := patterns(rowWork, len(f.logs))
	for range drawn {
		if f.reaches(f.draw(rng)) {
			reached++
		}
	}
	return float64(reached) / float64(drawn+1)
}

// together corrects the rows' p for one another: the greatest statistic first, each against the greatest that chance
// gives it and those below it.
func together(rows []*flipper) []float64 {
	order := make([]int, len(rows))
	work := 0
	for i, f := range rows {
		order[i] = i
		work += len(f.logs)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rows[b].observed, rows[a].observed) })
	rng := rand.New(rand.NewPCG(flipSeed, 0))
	drawn := patterns(flipWork, work)
	reached := make([]int, len(rows))
	for range drawn {
		greatest := 0.0
		for _, i := range slices.Backward(order) {
			greatest = max(greatest, rows[i].draw(rng))
			if rows[i].reaches(greatest) {
				reached[i]++
			}
		}
	}
	out := make([]float64, len(rows))
	last := 0.0
	for _, i := range order {
		last = max(last, float64(reached[i]+1)/float64(drawn+1))
		out[i] = last
	}
	return out
}

// cliff is Cliff's delta: how much more often a sample of b is above one of a than below, from −1 to 1.
func cliff(a, b []float64) float64 {
	sorted := slices.Sorted(slices.Values(a))
	sum := 0
	for _, x := range b {
		below, _ := slices.BinarySearch(sorted, x)
		upTo, _ := slices.BinarySearch(sorted, math.Nextafter(x, math.Inf(1)))
		sum += below - (len(sorted) - upTo)
	}
	return float64(sum) / float64(len(a)*len(b))
}
