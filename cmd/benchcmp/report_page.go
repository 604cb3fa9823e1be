package main

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"slices"
	"strings"
)

//go:embed page/report.html
var reportTemplate string

//go:embed page/report.css
var reportStyle string

//go:embed page/report.js
var reportScript string

// Bounds on what a report shows of one table.
const (
	maxRowsShown  = 2000
	maxPanelsHere = 24
)

// A page is a report as the template is given it. Everything that comes from the input is a plain string, which the
// template escapes, but for the pictures, which drawing escapes, and the links, which are base64.
type page struct {
	Policy   string
	Style    template.CSS
	Script   template.JS
	Title    string
	Lead     string
	Answer   []string // clause by clause
	Warnings []string
	Tables   []tablePage
	Facts    [][2]string
	Notes    []string
	Inputs   []inputPage
}

type tablePage struct {
	Title, Caption, LeftOut string
	Panels                  []panelPage
	Key                     []string
	Heads                   []headPage
	Rows                    [][]cellPage
}

type panelPage struct {
	Picture template.HTML
	Words   string
}

type headPage struct{ Text, Class string }

// A cellPage is one cell; Sort is the number it is sorted by, "" if it is sorted as text.
type cellPage struct{ Text, Class, Sort string }

func newPage(rec *recording, tables []*table, answer string, inputs []*copied) *page {
	style := "\n" + chartStyle + reportStyle
	p := &page{
		Policy: policy(style, reportScript),
		Style:  template.CSS(style),
		Script: template.JS(reportScript),
		Title:  tables[0].what(),
		Lead:   tables[0].lead(),
		Answer: strings.SplitAfter(answer, "; "),
		Facts:  headFacts(rec),
	}
	for k, t := range tables {
		p.Tables = append(p.Tables, t.page(k))
		p.Warnings = append(p.Warnings, t.warnings...)
		for _, note := range t.notes {
			if k > 0 {
				note = t.what() + ": " + note
			}
			p.Notes = append(p.Notes, note)
		}
	}
	for _, c := range inputs {
		p.Inputs = append(p.Inputs, c.page())
	}
	return p
}

// policy lets the page's own style and script through by their hashes, and nothing else: no request, no frame, no form.
func policy(style, script string) string {
	hash := func(s string) string {
		sum := sha256.Sum256([]byte(s))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return "default-src 'none'; style-src " + hash(style) + "; script-src " + hash(script) + "; base-uri 'none'; form-action 'none'"
}

var reportPage = template.Must(template.New("report").Parse(reportTemplate))

func (p *page) html() (string, error) {
	var b bytes.Buffer
	if err := reportPage.Execute(&b, p); err != nil {
		return "", failed("writing the report: %w", err)
	}
	return visible(b.String()), nil
}

// headFacts lists everything that the heads say of code, machine and command; different values stand side by side.
func headFacts(rec *recording) [][2]string {
	all := &row{}
	for _, h := range headsOf(rec.results) {
		all.heads.add(h)
	}
	var out [][2]string
	for _, key := range append(slices.Clone(identity), "rounds", "seed", "command") {
		values := slices.DeleteFunc(all.valuesOf(key), func(v string) bool { return v == "(none)" })
		if len(values) > 5 {
			values = append(values[:5], "…")
		}
		if len(values) > 0 {
			out = append(out, [2]string{key, strings.Join(values, ", ")})
		}
	}
	return out
}

// page is table k of a report.
func (t *table) page(k int) tablePage {
	c := newChart(t)
	p := tablePage{Title: t.what(), Caption: t.heading()[0] + ".", Key: c.key()}
	for i, pan := range c.panels[:min(len(c.panels), maxPanelsHere)] {
		p.Panels = append(p.Panels, panelPage{c.picture(pan, fmt.Sprintf("p%d-%d", k, i)), c.caption(pan)})
	}
	if more := len(c.panels) - len(p.Panels); more > 0 {
		p.Key = append(p.Key, fmt.Sprintf("Not drawn: %d more panels; -filter chooses.", more))
	}
	for _, h := range verdictFirst(t, t.headings()) {
		p.Heads = append(p.Heads, headPage{h.name, h.class()})
	}
	for i := range t.rows[:min(len(t.rows), maxRowsShown)] {
		p.Rows = append(p.Rows, t.rowPage(i, p.Heads))
	}
	if more := len(t.rows) - len(p.Rows); more > 0 {
		p.LeftOut = fmt.Sprintf("Not shown: %d more rows; -filter chooses, and benchcmp table prints all.", more)
	}
	return p
}

// what heads the section of t.
func (t *table) what() string {
	what := t.side.values[0] + " against " + t.side.values[1]
	if len(t.constant) > 0 {
		what = t.constant[0] + ": " + what
	}
	return what
}

// lead is what the first lines say beside the title.
func (t *table) lead() string {
	parts := []string{t.measured()}
	if len(t.constant) > 1 {
		parts = append(parts, strings.Join(t.constant[1:], " "))
	}
	return strings.Join(parts, "; ")
}

// verdictFirst puts the last column behind the labels, where a narrow page shows it too.
func verdictFirst[T any](t *table, columns []T) []T {
	last := len(columns) - 1
	return slices.Concat(columns[:len(t.keys)], columns[last:], columns[len(t.keys):last])
}

// class is the class of a column in the page.
func (h heading) class() string {
	switch {
	case h.number:
		return "num"
	case h.name == verdictHeading:
		return "verdict"
	}
	return ""
}

func (t *table) rowPage(i int, heads []headPage) []cellPage {
	var cells []cellPage
	for col, e := range verdictFirst(t, t.cells(i)) {
		cell := cellPage{Text: e.text, Class: heads[col].Class}
		if v, ok := e.value.(float64); ok {
			cell.Sort = number(&v)
		}
		cells = append(cells, cell)
	}
	if w := t.stats[i].winner(); w >= 0 {
		cells[len(t.keys)].Class += " " + sideClass[w]
	}
	return cells
}

// picture is one panel by itself.
func (c *chart) picture(p *panel, id string) template.HTML {
	var d drawing
	fmt.Fprintf(&d, "<svg viewBox=\"0 0 %s %s\" role=\"img\" aria-labelledby=\"%s-t %s-d\">\n", px(panelWidth), px(c.height(p)), id, id)
	d.add("title", `id="`+id+`-t"`, c.t.what()+", "+c.title(p))
	d.add("desc", `id="`+id+`-d"`, c.words(p)+".")
	c.draw(&d, p)
	d.WriteString("</svg>\n")
	return template.HTML(d.String())
}

// caption begins as a sentence does.
func (c *chart) caption(p *panel) string { return c.words(p) + "." }
