package main

import (
	"math"
	"strconv"
	"strings"
)

// A scale maps values to places along an axis.
type scale struct {
	log      bool
	lo, hi   float64 // values at the ends
	from, to float64 // places of the ends
}

func (s scale) at(v float64) float64 {
	lo, hi := s.lo, s.hi
	if s.log {
		lo, hi, v = math.Log(lo), math.Log(hi), math.Log(v)
	}
	if hi == lo {
		return (s.from + s.to) / 2
	}
	return s.from + (v-lo)/(hi-lo)*(s.to-s.from)
}

// placed is s along another stretch.
func (s scale) placed(from, to float64) scale {
	s.from, s.to = from, to
	return s
}

func (s scale) words() string {
	if s.log {
		return ", log scale"
	}
	return ""
}

// An extent grows to hold what it is shown.
type extent struct {
	lo, hi float64
	used   bool
}

func (e *extent) hold(v float64) {
	if !e.used {
		e.lo, e.hi, e.used = v, v, true
	}
	e.lo, e.hi = min(e.lo, v), max(e.hi, v)
}

// drawable keeps what is drawn where powers of ten and quotients are finite.
func drawable(v float64) float64 { return min(max(v, 1e-200), 1e200) }

// Spans from which on an axis is logarithmic.
const (
	logSizes    = 8
	logMeasures = 4
)

// setScales fits the scales to every panel. Measures that span little start at zero, where a length means what it
// seems to mean; sizes and measures over a wide span are drawn by their logarithms.
func (c *chart) setScales() {
	var xs, ys extent
	for _, p := range c.panels {
		for _, pt := range p.points {
			xs.hold(pt.x)
			for _, e := range pt.sides {
				if e.there {
					ys.hold(e.mid)
				}
				if e.bounded {
					ys.hold(e.lo)
					ys.hold(e.hi)
				}
			}
		}
	}
	c.x = scale{log: xs.lo > 0 && xs.hi/xs.lo >= logSizes, lo: xs.lo, hi: xs.hi}
	if ys.hi/ys.lo >= logMeasures {
		c.y = scale{log: true, lo: round125(ys.lo, math.Floor), hi: round125(ys.hi, math.Ceil)}
		return
	}
	step := linearStep(ys.hi)
	c.y = scale{lo: 0, hi: math.Ceil(ys.hi/step) * step}
}

// round125 goes to the next of 1, 2, 5, 10, 20, … downwards or upwards.
func round125(v float64, round func(float64) float64) float64 {
	decade := math.Pow(10, math.Floor(math.Log10(v)))
	steps := []float64{1, 2, 5, 10}
	best := steps[0]
	if round(0.5) == 1 {
		for _, s := range steps {
			if best = s; s*decade >= v*(1-1e-9) {
				break
			}
		}
		return best * decade
	}
	for _, s := range steps {
		if s*decade <= v*(1+1e-9) {
			best = s
		}
	}
	return best * decade
}

// linearStep parts 0 to hi into four to ten round steps.
func linearStep(hi float64) float64 { return round125(hi/10, math.Ceil) }

// ticks are the values at which the scale has marks, at most about most of them.
func (s scale) ticks(most int) []float64 {
	if !s.log {
		step := linearStep(s.hi)
		for s.hi/step > float64(most) {
			step = round125(step*1.5, math.Ceil)
		}
		var out []float64
		for i := 0.0; i*step <= s.hi*(1+1e-9); i++ {
			out = append(out, i*step)
		}
		return out
	}
	var out []float64
	for v := s.lo; v <= s.hi*(1+1e-9); v = round125(v*1.5, math.Ceil) {
		out = append(out, v)
	}
	if len(out) <= most {
		return out
	}
	return s.decades(most)
}

// decades are the powers of ten within the scale, or every second, third, … of them.
func (s scale) decades(most int) []float64 {
	first, last := math.Ceil(math.Log10(s.lo)-1e-9), math.Floor(math.Log10(s.hi)+1e-9)
	stride := math.Ceil((last - first + 1) / float64(most))
	var out []float64
	for d := first; d <= last; d += stride {
		out = append(out, math.Pow(10, d))
	}
	return out
}

// compact writes a number for an axis, with three digits at most: 0.05, 8, 250, 10k, 1.5M.
func compact(v float64) string {
	if v == 0 {
		return "0"
	}
	suffixes := []string{"n", "µ", "m", "", "k", "M", "G", "T"}
	i := 3
	for v >= 999.5 && i+1 < len(suffixes) {
		v, i = v/1000, i+1
	}
	for v < 0.00995 && i > 0 {
		v, i = v*1000, i-1
	}
	return strconv.FormatFloat(rounded(v), 'g', -1, 64) + suffixes[i]
}

// rounded keeps three digits.
func rounded(v float64) float64 {
	r, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 3, 64), 64)
	return r
}

// bold is how much wider bold text is.
const bold = 1.15

// textWidth estimates how wide s is at most in a sans-serif of the given size: fonts differ between readers.
func textWidth(s string, size float64) float64 {
	w := 0.0
	for _, r := range s {
		switch {
		case r > 0x2e80:
			w += 1.05 // ideographs are square
		case strings.ContainsRune("mwMW@%", r):
			w += 0.98
		case strings.ContainsRune("iljtfr.,:;'|!/()[] ", r):
			w += 0.42
		case r >= 'A' && r <= 'Z':
			w += 0.74
		default:
			w += 0.62
		}
	}
	return w * size
}

// fit cuts s so that it is no wider than width.
func fit(s string, size, width float64) string {
	ellipsis := textWidth("…", size)
	used, cut := 0.0, 0
	for i, r := range s {
		if used+ellipsis <= width {
			cut = i
		}
		if used += textWidth(string(r), size); used > width {
			return s[:cut] + "…"
		}
	}
	return s
}

// maxWrapped bounds the lines of one text.
const maxWrapped = 8

// wrap parts s into lines no wider than width, at blanks.
func wrap(s string, size, width float64) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		if line != "" && textWidth(line+" "+word, size) > width {
			if lines = append(lines, line); len(lines) == maxWrapped {
				return append(lines, "…")
			}
			line = ""
		}
		line = strings.TrimPrefix(line+" "+fit(word, size, width), " ")
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
