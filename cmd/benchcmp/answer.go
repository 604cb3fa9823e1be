package main

import (
	"fmt"
	"strings"
)

// sentence answers the question from the tables of sweeps (rows registry, order, n) and of upkeep: which sweep is cheaper
// as forked and which after churn, by how much and from which size on, and what keeping the list costs.
func sentence(sweeps, upkeep *table) string {
	var parts []string
	for _, order := range ordersOf(sweeps) {
		var each []string
		for _, registry := range registriesOf(sweeps, order) {
			each = append(each, "on "+registry+" "+overSizes(sweeps, registry, order))
		}
		parts = append(parts, orderWords(order)+", "+strings.Join(each, ", and "))
	}
	parts = append(parts, upkeepWords(upkeep))
	if fl := sweeps.floors; fl != nil && fl.rows > 0 {
		parts = append(parts, "measured twice, the "+fl.side.values[0]+" differs from itself by up to "+percentText(fl.largest)+", row by row, and nothing below its row's is called a difference")
	}
	text := strings.Join(parts, "; ") + "."
	return strings.ToUpper(text[:1]) + text[1:]
}

func orderWords(order string) string {
	switch order {
	case "fresh":
		return "as forked"
	case "churned":
		return "after churn"
	}
	return "with order=" + order
}

func ordersOf(t *table) []string {
	var orders set[string]
	for _, r := range t.rows {
		orders.add(r.labels[1])
	}
	return orders.list
}

func registriesOf(t *table, order string) []string {
	var registries set[string]
	for _, r := range t.rows {
		if r.labels[1] == order {
			registries.add(r.labels[0])
		}
	}
	return registries.list
}

// A stretch is neighbouring sizes with the same verdict.
type stretch struct {
	verdict  verdict
	sizes    []string
	least    float64 // how many times cheaper the winner is
	greatest float64
}

// stretches parts the rows of one registry and order, which are sorted by size, by verdict.
func stretches(t *table, registry, order string) []stretch {
	var rows []int
	for i, r := range t.rows {
		if r.labels[0] == registry && r.labels[1] == order {
			rows = append(rows, i)
		}
	}
	return t.stretches(rows, 2)
}

// stretches parts rows by verdict; column col of their labels is the size.
func (t *table) stretches(rows []int, col int) []stretch {
	var out []stretch
	for _, i := range rows {
		r, c := t.rows[i], t.stats[i]
		times := max(c.ratio.mid, 1/c.ratio.mid)
		if n := len(out); n > 0 && out[n-1].verdict == c.verdict {
			s := &out[n-1]
			s.sizes = append(s.sizes, r.labels[col])
			s.least, s.greatest = min(s.least, times), max(s.greatest, times)
			continue
		}
		out = append(out, stretch{c.verdict, []string{r.labels[col]}, times, times})
	}
	return out
}

// overSizes puts one registry and order into words: "no difference is shown up to 30k, the walk is 2.0 to 9.1 times
// cheaper from 100k on".
func overSizes(t *table, registry, order string) string {
	all := stretches(t, registry, order)
	var parts []string
	for i, s := range all {
		parts = append(parts, s.what(t.side)+" "+where(i, all))
	}
	return strings.Join(parts, ", ")
}

func (s stretch) what(sd side) string {
	switch s.verdict {
	case firstWins:
		return "the " + sd.values[0] + " is " + timesText(s.least, s.greatest) + " cheaper"
	case secondWins:
		return "the " + sd.values[1] + " is " + timesText(s.least, s.greatest) + " cheaper"
	case noDifference:
		return "no difference is shown"
	}
	return "there are too few rounds to tell"
}

// where tells the sizes of stretch i among all.
func where(i int, all []stretch) string {
	sizes := all[i].sizes
	first, last := sizes[0], sizes[len(sizes)-1]
	switch {
	case len(sizes) == 1:
		return "at " + first
	case i == 0 && len(all) > 1:
		return "up to " + last
	case i == len(all)-1 && len(all) > 1:
		return "from " + first + " on"
	}
	return "from " + first + " to " + last
}

func timesText(least, greatest float64) string {
	a, b := timesNumber(least), timesNumber(greatest)
	if a == b {
		return a + " times"
	}
	return a + " to " + b + " times"
}

func timesNumber(v float64) string {
	if v < 9.995 {
		return fmt.Sprintf("%.2f", v)
	}
	return threeDigits(v)
}

// upkeepWords tells what the list costs at fork and exit, by the one row of its table.
func upkeepWords(t *table) string {
	if len(t.rows) == 0 {
		return "what the list costs at fork and exit was not measured"
	}
	c := t.stats[0]
	medians := t.unit.values(c.summary[0].Center, c.summary[1].Center)
	numbers := strings.Join(medians, " → ") + " " + strings.TrimSuffix(t.unit.asked, "/pair")
	percent := 100 * (c.ratio.mid - 1)
	switch c.verdict {
	case firstWins:
		return fmt.Sprintf("keeping the list makes a fork with its exit %.1f%% dearer (%s)", percent, numbers)
	case secondWins:
		return fmt.Sprintf("with the list kept, a fork with its exit is %.1f%% cheaper (%s)", -percent, numbers)
	case noDifference:
		floor := ""
		if c.below {
			floor = ", below the A/A floor of " + percentText(c.floor)
		}
		return fmt.Sprintf("no difference is shown in what a fork with its exit costs when the list is kept (%s, interval of the ratio %s to %s%s)",
			numbers, ratioText(c.ratio.lo), ratioText(c.ratio.hi), floor)
	}
	return "there are too few rounds to tell what the list costs at fork and exit"
}
