package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// A sheet is what the commands beside table print: columns, rows, and a few sentences. Its text form is for people; CSV
// and JSON hold the numbers as they are.
type sheet struct {
	title string
	heads []heading
	rows  [][]entry
	notes []string
	facts map[string]any // for JSON beside the rows
}

type heading struct {
	name   string
	number bool // set to the right
	span   bool // its entries are spans, or none
}

// An entry is one place of a sheet, as a person reads it and as a program does.
type entry struct {
	text  string
	value any // string, float64, int, span, or nil for none
}

// A span is two bounds: one column for people, two for programs.
type span struct {
	Low  *float64 `json:"low"`
	High *float64 `json:"high"`
}

// between writes an interval, each bound by text.
func between(v interval, text func(float64) string) entry {
	return entry{text(v.lo) + " – " + text(v.hi), span{finite(v.lo), finite(v.hi)}}
}

func word(s string) entry { return entry{s, s} }

func figure(text string, v float64) entry {
	if p := finite(v); p != nil {
		return entry{text, *p}
	}
	return entry{text, nil}
}

var none = entry{"–", nil}

// sheetForms are the forms a sheet can be printed in.
var sheetForms = map[string]func(io.Writer, *sheet) error{
	"text": sheetText,
	"md":   sheetMarkdown,
	"csv":  sheetCSV,
	"json": sheetJSON,
}

func checkForm(format string) error {
	if sheetForms[format] == nil {
		return badInput("-format %q: text, md, csv or json is wanted", format)
	}
	return nil
}

func (s *sheet) print(w io.Writer, format string) error {
	var b strings.Builder
	if err := sheetForms[format](&b, s); err != nil {
		return failed("%w", err)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return failed("writing: %w", err)
	}
	return nil
}

// grid is the sheet's columns and rows as text.
func (s *sheet) grid() [][]string {
	grid := [][]string{nil}
	for _, h := range s.heads {
		grid[0] = append(grid[0], h.name)
	}
	for _, row := range s.rows {
		grid = append(grid, texts(row))
	}
	return grid
}

// texts is a row as people read it.
func texts(row []entry) []string {
	var out []string
	for _, e := range row {
		out = append(out, e.text)
	}
	return out
}

func sheetText(w io.Writer, s *sheet) error {
	if s.title != "" {
		fmt.Fprintf(w, "%s\n\n", s.title)
	}
	if len(s.rows) > 0 {
		for _, line := range align(s.grid(), func(col int) bool { return !s.heads[col].number }) {
			fmt.Fprintln(w, line)
		}
	}
	if len(s.rows) > 0 && len(s.notes) > 0 {
		fmt.Fprintln(w)
	}
	for _, n := range s.notes {
		fmt.Fprintln(w, n)
	}
	return nil
}

func sheetMarkdown(w io.Writer, s *sheet) error {
	if s.title != "" {
		fmt.Fprintf(w, "%s\n\n", s.title)
	}
	if len(s.rows) > 0 {
		markdownGrid(w, s.grid(), func(col int) bool { return !s.heads[col].number })
	}
	if len(s.rows) > 0 && len(s.notes) > 0 {
		fmt.Fprintln(w)
	}
	for _, n := range s.notes {
		fmt.Fprintf(w, "- %s\n", n)
	}
	return nil
}

// markdownGrid writes a grid as a table, its columns to the left where left says so.
func markdownGrid(w io.Writer, grid [][]string, left func(col int) bool) {
	for i, cells := range grid {
		fmt.Fprintf(w, "| %s |\n", strings.Join(escapeAll(cells), " | "))
		if i > 0 {
			continue
		}
		fmt.Fprint(w, "|")
		for col := range cells {
			fmt.Fprint(w, map[bool]string{true: "---|", false: "---:|"}[left(col)])
		}
		fmt.Fprintln(w)
	}
}

// escapeAll keeps a value from ending its cell.
func escapeAll(cells []string) []string {
	for i, c := range cells {
		cells[i] = strings.ReplaceAll(c, "|", `\|`)
	}
	return cells
}

func sheetCSV(w io.Writer, s *sheet) error {
	out := csv.NewWriter(w)
	var heads []string
	for _, h := range s.heads {
		if h.span {
			heads = append(heads, h.name+" low", h.name+" high")
		} else {
			heads = append(heads, h.name)
		}
	}
	out.Write(heads)
	for _, row := range s.rows {
		var cells []string
		for i, e := range row {
			cells = append(cells, e.plain(s.heads[i].span)...)
		}
		out.Write(cells)
	}
	out.Flush()
	return out.Error()
}

// plain writes e for CSV, in two places if it is in a column of spans.
func (e entry) plain(two bool) []string {
	switch v := e.value.(type) {
	case span:
		return []string{number(v.Low), number(v.High)}
	case nil:
		return make([]string, 1+index(two))
	case float64:
		return []string{number(&v)}
	default:
		return []string{fmt.Sprint(v)}
	}
}

func sheetJSON(w io.Writer, s *sheet) error {
	rows := []map[string]any{}
	for _, row := range s.rows {
		r := map[string]any{}
		for i, e := range row {
			r[s.heads[i].name] = e.value
		}
		rows = append(rows, r)
	}
	doc := map[string]any{"title": s.title, "rows": rows, "notes": append([]string{}, s.notes...)}
	for k, v := range s.facts {
		doc[k] = v
	}
	return writeJSON(w, doc)
}

func writeJSON(w io.Writer, doc any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(doc)
}
