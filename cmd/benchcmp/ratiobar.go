package main

import (
	"fmt"
	"math"
	"strings"
)

// barPlaces is the length of half a bar.
const barPlaces = 8

// barSpan is the logarithm that half a bar stands for: that of the ratio furthest from 1, of 2 at least.
func (t *table) barSpan() float64 {
	most := math.Ln2
	for _, c := range t.stats {
		if c.compared() {
			most = max(most, math.Abs(math.Log(c.ratio.mid)))
		}
	}
	return most
}

// barHeading tells what the ends of the bars stand for.
func (t *table) barHeading() string {
	high := math.Exp(t.barSpan())
	return fmt.Sprintf("%-*s1%*s", barPlaces, ratioText(1/high), barPlaces, ratioText(high))
}

// ratioBar draws the logarithm of row i's ratio from the middle, in half places; a ratio that is not 1 shows.
func (t *table) ratioBar(i int) string {
	c := t.stats[i]
	if !c.compared() {
		return ""
	}
	log := math.Log(c.ratio.mid)
	halves := int(math.Round(math.Abs(log) / t.barSpan() * 2 * barPlaces))
	full, half := strings.Repeat("█", halves/2), halves%2 == 1
	if log < 0 {
		if half {
			full = "▐" + full
		}
		return strings.Repeat(" ", barPlaces-(halves+1)/2) + full + "│"
	}
	if half {
		full += "▌"
	}
	return strings.Repeat(" ", barPlaces) + "│" + full
}
