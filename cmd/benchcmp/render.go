package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// renderers are the forms a table can be printed in.
var renderers = map[string]func(io.Writer, *table) error{
	"text": renderText,
	"md":   renderMarkdown,
	"csv":  renderCSV,
	"json": renderJSON,
}

// heading is the lines above a table: what is compared, on what.
func (t *table) heading() []string {
	lines := []string{fmt.Sprintf("%s: %s against %s, %s", strings.Join(t.constant, " "), t.side.values[0], t.side.values[1], t.measured())}
	if len(t.constant) == 0 {
		lines[0] = strings.TrimPrefix(lines[0], ": ")
	}
	var facts []string
	for _, f := range t.facts {
		facts = append(facts, f[0]+": "+f[1])
	}
	if len(facts) > 0 {
		lines = append(lines, strings.Join(facts, "; "))
	}
	return lines
}

func renderText(w io.Writer, t *table) error {
	heads := t.headings()
	grid := t.grid(heads)
	if t.bars {
		grid[0] = append(grid[0], t.barHeading())
		for i := range t.rows {
			grid[i+1] = append(grid[i+1], t.ratioBar(i))
		}
	}
	for _, line := range t.heading() {
		fmt.Fprintln(w, line)
	}
	fmt.Fprintln(w)
	for _, line := range align(grid, t.left(heads)) {
		fmt.Fprintln(w, line)
	}
	fmt.Fprintln(w)
	for _, n := range t.below() {
		fmt.Fprintf(w, "note: %s\n", n)
	}
	for _, n := range t.warnings {
		fmt.Fprintf(w, "warning: %s\n", n)
	}
	return nil
}

// left tells the columns set to the left: labels, words, and the bars behind all.
func (t *table) left(heads []heading) func(col int) bool {
	return func(col int) bool { return col >= len(heads) || col < len(t.keys) || !heads[col].number }
}

// grid is the table's columns and rows as text.
func (t *table) grid(heads []heading) [][]string {
	grid := [][]string{nil}
	for _, h := range heads {
		grid[0] = append(grid[0], h.name)
	}
	for i := range t.rows {
		grid = append(grid, texts(t.cells(i)))
	}
	return grid
}

// align sets the columns of grid two spaces apart, to the left where left says so.
func align(grid [][]string, left func(col int) bool) []string {
	width := make([]int, len(grid[0]))
	for _, cells := range grid {
		for col, c := range cells {
			width[col] = max(width[col], utf8.RuneCountInString(c))
		}
	}
	lines := make([]string, len(grid))
	for i, cells := range grid {
		var b strings.Builder
		for col, c := range cells {
			pad := strings.Repeat(" ", width[col]-utf8.RuneCountInString(c))
			if left(col) {
				b.WriteString(c + pad + "  ")
			} else {
				b.WriteString(pad + c + "  ")
			}
		}
		lines[i] = strings.TrimRight(b.String(), " ")
	}
	return lines
}

func renderMarkdown(w io.Writer, t *table) error {
	fmt.Fprintf(w, "%s\n\n", strings.Join(t.heading(), "<br>\n"))
	heads := t.headings()
	markdownGrid(w, t.grid(heads), t.left(heads))
	fmt.Fprintln(w)
	for _, n := range t.below() {
		fmt.Fprintf(w, "- %s\n", n)
	}
	for _, n := range t.warnings {
		fmt.Fprintf(w, "- **warning:** %s\n", n)
	}
	return nil
}

func renderCSV(w io.Writer, t *table) error {
	out := csv.NewWriter(w)
	columns := t.csvColumns()
	cells := slices.Clone(t.keys)
	for _, c := range columns {
		cells = append(cells, c.name)
	}
	out.Write(cells)
	for i, r := range t.rows {
		cells := slices.Clone(r.labels)
		for _, c := range columns {
			cells = append(cells, c.of(i))
		}
		out.Write(cells)
	}
	out.Flush()
	return out.Error()
}

func number(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'g', -1, 64)
}

// A measureJSON is one side of a row, in the table's unit; a bound that is infinite is left out.
type measureJSON struct {
	Value  string   `json:"value"`
	Median *float64 `json:"median"`
	Low    *float64 `json:"low"`
	High   *float64 `json:"high"`
	Min    *float64 `json:"min"`
	Rounds int      `json:"rounds"`
}

type ratioJSON struct {
	Ratio    *float64 `json:"ratio"`
	Low      *float64 `json:"low"`
	High     *float64 `json:"high"`
	Delta    *float64 `json:"cliffs_delta"`
	P        *float64 `json:"p"`
	Adjusted *float64 `json:"p_adjusted"`
}

type rowJSON struct {
	Keys  map[string]string `json:"keys"`
	Sides [2]measureJSON    `json:"sides"`
	ratioJSON
	Harness *float64 `json:"net_of,omitempty"`
	Floor   *float64 `json:"aa_floor,omitempty"`
	Source  string   `json:"aa,omitempty"`
	Paired  bool     `json:"paired"`
	Verdict string   `json:"verdict"`
}

// A briefJSON is a row of a brief table: no more than its columns hold.
type briefJSON struct {
	Keys     map[string]string   `json:"keys"`
	Medians  map[string]*float64 `json:"medians"`
	Ratio    *float64            `json:"ratio"`
	Low      *float64            `json:"low"`
	High     *float64            `json:"high"`
	Adjusted *float64            `json:"p_adjusted"`
	Floor    *float64            `json:"aa_floor,omitempty"`
	Verdict  string              `json:"verdict"`
}

func (t *table) measure(c *comparison, k int) measureJSON {
	m := measureJSON{Value: t.side.values[k], Rounds: c.rounds[k]}
	if m.Rounds > 0 && c.verdict <= missing {
		s, scale := c.summary[k], t.unit.scale
		m.Median, m.Low, m.High = finite(s.Center/scale), finite(s.Lo/scale), finite(s.Hi/scale)
		m.Min = finite(c.least[k] / scale)
	}
	return m
}

func (t *table) ratioNumbers(c *comparison) ratioJSON {
	var r ratioJSON
	if c.compared() {
		r.Ratio, r.Delta = finite(c.ratio.mid), finite(c.delta)
	}
	if c.tested() {
		r.Low, r.High, r.P, r.Adjusted = finite(c.ratio.lo), finite(c.ratio.hi), finite(c.p), finite(c.adjusted)
	}
	return r
}

func renderJSON(w io.Writer, t *table) error {
	facts := map[string]string{}
	for _, f := range t.facts {
		facts[f[0]] = f[1]
	}
	rows := []any{}
	for i := range t.rows {
		rows = append(rows, t.rowJSON(i))
	}
	doc := map[string]any{
		"side": t.side.name(), "values": t.side.values, "unit": t.unit.asked, "better": strings.TrimSuffix(t.unit.direction(), " is better"),
		"constant": t.constant, "facts": facts, "alpha": t.set.alpha, "confidence": t.set.confidence,
		"rows": rows, "notes": t.below(), "warnings": append([]string{}, t.warnings...),
	}
	if t.net != nil {
		doc["net"] = t.net.name
	}
	if t.floors != nil {
		doc["aa"] = t.floors.name()
	}
	return writeJSON(w, doc)
}

func (t *table) rowJSON(i int) any {
	c, keys := t.stats[i], map[string]string{}
	for k, key := range t.keys {
		keys[key] = t.rows[i].labels[k]
	}
	ratio := t.ratioNumbers(c)
	if t.brief {
		b := briefJSON{keys, map[string]*float64{}, ratio.Ratio, ratio.Low, ratio.High, ratio.Adjusted, c.floorNumber(), t.verdictText(i)}
		for k, v := range t.side.values {
			b.Medians[v] = t.measure(c, k).Median
		}
		return b
	}
	r := rowJSON{Keys: keys, ratioJSON: ratio, Harness: t.harness(i), Floor: c.floorNumber(), Source: c.floorSource(), Paired: c.paired, Verdict: t.verdictText(i)}
	for k := range t.side.values {
		r.Sides[k] = t.measure(c, k)
	}
	return r
}
