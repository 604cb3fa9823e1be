package bench

import (
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"example.com/pidmap/pidns"
)

// An axis of a benchmark has values that run by default, and more that run
// where the -bench pattern names its key: `-bench Sweep` is a selection that
// ends in minutes, `-bench 'Sweep/registry=idr/n=1k'` opens those two axes. An
// axis without default values is left out of the names until it is opened.
type axis struct {
	key      string
	defaults []string
	all      []string
}

var (
	registries = axis{"registry",
		[]string{pidns.TreeTable, pidns.PagedHash, pidns.TreeHash},
		[]string{pidns.TreeTable, pidns.PagedHash, pidns.TreeHash, pidns.IDR, pidns.Table, pidns.TreeTable + again}}
	sizes = axis{"n",
		[]string{"10k", "30k", "100k", "300k", "1M"},
		[]string{"100", "1k", "10k", "30k", "100k", "300k", "1M", "4M"}}
	orders    = axis{"order", []string{"fresh", "churned"}, []string{"fresh", "churned"}}
	densities = axis{"density", []string{"25"}, []string{"100", "25", "9", "1", "0.0025"}}
	threads   = axis{"threads", []string{"1"}, []string{"1", "16"}}
	sweeps    = axis{"sweep",
		[]string{string(pidns.Walk), string(pidns.List)},
		[]string{string(pidns.Walk), string(pidns.Batch), string(pidns.List), string(pidns.Array), string(pidns.Parallel),
			string(pidns.Walk) + again, string(pidns.Batch) + again, // so far on one population
			string(pidns.Leaders), string(pidns.Global)}}
	kept = axis{"lists",
		[]string{"none", string(pidns.List)},
		[]string{"none", string(pidns.List), string(pidns.Array), string(pidns.Leaders), "none" + again}}

	churns    = axis{"churn", nil, []string{"1", "3", "10", "30"}}
	caches    = axis{"cache", nil, []string{"warm", "cold"}}
	strides   = axis{"stride", nil, []string{"96", "256", "1024"}}
	depths    = axis{"depth", nil, []string{"1", "4", "32"}}
	strangers = axis{"strangers", nil, []string{"0", "1x", "10x"}}
)

// again ends a value that is measured once more, as a side of its own: what its
// comparison with itself shows is noise.
const again = "+again"

// values gives the values that this run may want.
func (a axis) values() []string {
	if strings.Contains(flag.Lookup("test.bench").Value.String(), a.key+"=") {
		values := slices.Clone(a.all)
		if a.key == sizes.key {
			values = append(values, moreSizes()...)
		}
		return values
	}
	if a.defaults == nil {
		return []string{""}
	}
	return a.defaults
}

// inTurn gives the values in the order asked for.
func (a axis) inTurn() []string {
	values := slices.Clone(a.values())
	if *reverse {
		slices.Reverse(values)
	}
	return values
}

// cell is a value for each of some axes, in their order.
type cell struct{ pairs []any }

// product calls f for every combination of the axes' values, the last axis
// fastest. With -reverse all run the other way round, so that the sides do,
// whichever axis they are on.
func product(f func(c cell), axes ...axis) {
	var walk func(c cell, rest []axis)
	walk = func(c cell, rest []axis) {
		if len(rest) == 0 {
			f(c)
			return
		}
		for _, v := range rest[0].inTurn() {
			next := c
			if v != "" {
				next.pairs = append(slices.Clip(c.pairs), rest[0].key, v)
			}
			walk(next, rest[1:])
		}
	}
	walk(cell{}, axes)
}

// get gives the value at an axis, or what holds where the name leaves it out.
func (c cell) get(a axis, otherwise string) string {
	for i := 0; i < len(c.pairs); i += 2 {
		if c.pairs[i] == a.key {
			return c.pairs[i+1].(string)
		}
	}
	return otherwise
}

// first is get of what is measured, be it once more.
func (c cell) first(a axis, otherwise string) string {
	return strings.TrimSuffix(c.get(a, otherwise), again)
}

func (c cell) name() string { return named(c.pairs...) }

// number reads 100, 10k, 1M, 1x.
func number(s string) (int, error) {
	unit := 1
	switch {
	case strings.HasSuffix(s, "k"):
		unit = 1000
	case strings.HasSuffix(s, "M"):
		unit = 1_000_000
	}
	n, err := strconv.Atoi(strings.TrimRight(s, "kMx"))
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%q is no number such as 300, 10k or 1M", s)
	}
	return n * unit, nil
}
