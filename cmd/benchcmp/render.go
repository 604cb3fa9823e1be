package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
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
	lines := []string{fmt.Sprintf("%s: %s against %s, %s, %s", strings.Join(t.constant, " "), t.side.values[0], t.side.values[1], t.unit.asked, t.unit.direction())}
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
	grid := [][]string{t.headings()}
	for i := range t.rows {
		grid = append(grid, t.cells(i))
	}
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
	left := func(col int) bool { return col < len(t.keys) || col >= len(t.headings())-1 }
	for _, line := range align(grid, left) {
		fmt.Fprintln(w, line)
	}
	fmt.Fprintln(w)
	for _, n := range t.notes {
		fmt.Fprintf(w, "note: %s\n", n)
	}
	for _, n := range t.warnings {
		fmt.Fprintf(w, "warning: %s\n", n)
	}
	return nil
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
	fmt.Fprintf(w, "| %s |\n|", strings.Join(heads, " | "))
	for col := range heads {
		if col < len(t.keys) || col == len(heads)-1 {
			fmt.Fprint(w, "---|")
		} else {
			fmt.Fprint(w, "---:|")
		}
	}
	fmt.Fprintln(w)
	for i := range t.rows {
		fmt.Fprintf(w, "| %s |\n", strings.Join(escapeAll(t.cells(i)), " | "))
	}
	fmt.Fprintln(w)
	for _, n := range t.notes {
		fmt.Fprintf(w, "- %s\n", n)
	}
	for _, n := range t.warnings {
		fmt.Fprintf(w, "- **warning:** %s\n", n)
	}
	return nil
}

// escapeAll keeps a value from ending its cell.
func escapeAll(cells []string) []string {
	for i, c := range cells {
		cells[i] = strings.ReplaceAll(c, "|", `\|`)
	}
	return cells
}

func renderCSV(w io.Writer, t *table) error {
	out := csv.NewWriter(w)
	heads := append([]string{}, t.keys...)
	for _, v := range t.side.values {
		heads = append(heads, v, v+" low", v+" high", v+" min", v+" rounds")
	}
	out.Write(append(heads, "unit", t.side.ratio(), "ratio low", "ratio high", "delta", "p", "p adjusted", "verdict"))
	for i, c := range t.stats {
		cells := append([]string{}, t.rows[i].labels...)
		for k := range t.side.values {
			m := t.measure(c, k)
			cells = append(cells, number(m.Median), number(m.Low), number(m.High), number(m.Min), strconv.Itoa(m.Rounds))
		}
		r := t.ratioNumbers(c)
		out.Write(append(cells, t.unit.asked, number(r.Ratio), number(r.Low), number(r.High), number(r.Delta), number(r.P), number(r.Adjusted), t.verdictText(i)))
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
	Paired  bool   `json:"paired"`
	Verdict string `json:"verdict"`
}

func (t *table) measure(c *comparison, k int) measureJSON {
	m := measureJSON{Value: t.side.values[k], Rounds: c.rounds[k]}
	if m.Rounds > 0 {
		s, scale := c.summary[k], t.unit.scale
		m.Median, m.Low, m.High = finite(s.Center/scale), finite(s.Lo/scale), finite(s.Hi/scale)
		m.Min = finite(c.least[k] / scale)
	}
	return m
}

func (t *table) ratioNumbers(c *comparison) ratioJSON {
	var r ratioJSON
	if c.verdict != missing {
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
	rows := []rowJSON{}
	for i, c := range t.stats {
		r := rowJSON{Keys: map[string]string{}, ratioJSON: t.ratioNumbers(c), Paired: c.paired, Verdict: t.verdictText(i)}
		for k, key := range t.keys {
			r.Keys[key] = t.rows[i].labels[k]
		}
		for k := range t.side.values {
			r.Sides[k] = t.measure(c, k)
		}
		rows = append(rows, r)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(map[string]any{
		"side": t.side.name(), "values": t.side.values, "unit": t.unit.asked, "better": strings.TrimSuffix(t.unit.direction(), " is better"),
		"constant": t.constant, "facts": facts, "alpha": t.set.alpha, "confidence": t.set.confidence,
		"rows": rows, "notes": t.notes, "warnings": append([]string{}, t.warnings...),
	})
}
