package main

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
)

const plotHelp = `Usage: benchcmp plot [flags] [file ...]

Plot reads benchmark text as table does and draws it as one SVG file: a panel for each registry and order (for each
value of every row key but one), with the medians of both sides over the sizes, the intervals of the medians as bands,
and a mark where the better side changes. Row keys without numbers give dots beside their names instead.

    benchcmp plot testdata/benchcmp/made.txt
    benchcmp plot -filter registry:tree+table -columns 2 testdata/benchcmp/made.txt
    benchcmp plot -side lists=none,list -unit ns/pair testdata/benchcmp/made.txt

A filled mark stands where table names a winner, a hollow one where no difference is shown. Sizes over a wide span are
drawn by their logarithms, and so are measures; measures over a narrow span start at zero. All panels have the same
scales. The picture follows the reader's choice of light or dark, has a title and a description for screen readers,
names everything it shows in text, and is the same for the same input. Panels stand one below another, as a page of 400
pixels has room for; -columns 2 suits wide ones. -o writes over an older picture, and over nothing else. -filter, -row,
-side and the rest choose as they do for table, and the same input is refused.
`

//go:embed page/chart.css
var chartStyle string

// plotFlags are what plot is asked for.
type plotFlags struct {
	tableFlags
	out     string
	columns int
}

// plotColumns is how many panels stand side by side by default: a picture with a frame of its own cannot flow, and two of
// them on a page of 400 pixels would have letters of 7.
const plotColumns = 1

// maxPanels bounds a chart to what an eye can compare.
const maxPanels = 36

func plotMain(_ context.Context, std stdio, args []string) error {
	var f plotFlags
	fs := newFlags("plot")
	f.choose(fs)
	fs.StringVar(&f.out, "o", "-", "write the picture to this `file`, - for standard output")
	fs.IntVar(&f.columns, "columns", plotColumns, "`number` of panels side by side")
	if err := parseFlags(fs, std.out, plotHelp, args); err != nil {
		return err
	}
	if err := f.check(); err != nil {
		return err
	}
	rec, err := readFiles(std.in, fs.Args())
	if err != nil {
		return err
	}
	t, err := makeTable(rec, f.tableFlags)
	if err != nil {
		return &exitError{exitInput, err}
	}
	return f.plot(std, t)
}

func (f *plotFlags) check() error {
	if f.columns < 1 || f.columns > 6 {
		return badInput("-columns %d: 1 to 6 are wanted", f.columns)
	}
	if err := checkTarget(f.out, svgFile); err != nil {
		return err
	}
	return f.tableFlags.check()
}

func (f *plotFlags) plot(std stdio, t *table) error {
	c := newChart(t)
	if err := c.fits(); err != nil {
		return err
	}
	for _, w := range t.warnings {
		fmt.Fprintf(std.err, "warning: %s\n", w)
	}
	if err := writeTarget(std, f.out, svgFile, c.svg(f.columns)); err != nil {
		return err
	}
	return t.complete()
}

// fits refuses what no picture could show.
func (c *chart) fits() error {
	if len(c.panels) > maxPanels {
		return badInput("%d panels are more than %d, which is what one picture shows: choose by -filter or -row", len(c.panels), maxPanels)
	}
	for _, p := range c.panels {
		if !c.numeric && len(p.points) > maxNamesDrawn {
			return badInput("%d names on one axis are more than %d: choose by -filter or -row", len(p.points), maxNamesDrawn)
		}
	}
	return nil
}

// Lengths of a picture of panels.
const (
	margin     = 16.0
	panelGap   = 20.0
	noteHeight = 18.0
)

// svg draws all panels in columns, with a heading above and the facts below.
func (c *chart) svg(columns int) string {
	columns = min(columns, len(c.panels))
	width := 2*margin + float64(columns)*(panelWidth+panelGap) - panelGap
	var body drawing
	y := c.drawHeading(&body, width)
	y = c.drawPanels(&body, columns, y)
	y = c.drawNotes(&body, width, y)
	var d drawing
	fmt.Fprintf(&d, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %s %s\" width=\"%s\" height=\"%s\" role=\"img\" aria-labelledby=\"bc-t bc-d\">\n", px(width), px(y), px(width), px(y))
	d.add("title", `id="bc-t"`, c.heading())
	d.add("desc", `id="bc-d"`, c.description())
	fmt.Fprintf(&d, "<style>\n%s</style>\n", chartStyle)
	d.add("rect", `class="bc-back" width="100%" height="100%"`, "")
	return d.String() + body.String() + "</svg>\n"
}

// heading says what is compared.
func (c *chart) heading() string {
	what := c.t.side.values[0] + " against " + c.t.side.values[1]
	if len(c.t.constant) > 0 {
		what = strings.Join(c.t.constant, " ") + ": " + what
	}
	return what
}

// description says in words what the panels show.
func (c *chart) description() string {
	var parts []string
	for _, p := range c.panels {
		if title := c.title(p); title != "" {
			parts = append(parts, title+": "+c.words(p)+".")
		} else {
			parts = append(parts, c.words(p)+".")
		}
	}
	return fmt.Sprintf("%s. %s", c.t.measured(), strings.Join(parts, " "))
}

func (c *chart) drawHeading(d *drawing, width float64) float64 {
	y := 30.0
	for _, line := range wrap(c.heading(), 18*bold, width-2*margin) {
		d.text("bc-head", margin, y, line)
		y += 22
	}
	for _, line := range wrap(c.t.measured(), textSize, width-2*margin) {
		d.text("bc-note", margin, y, line)
		y += noteHeight
	}
	return y
}

// drawPanels draws the panels row by row, each row as high as its highest panel, and returns where they end.
func (c *chart) drawPanels(d *drawing, columns int, y float64) float64 {
	for i := 0; i < len(c.panels); i += columns {
		high := 0.0
		for k, p := range c.panels[i:min(i+columns, len(c.panels))] {
			fmt.Fprintf(d, "<g transform=\"translate(%s %s)\">\n", px(margin+float64(k)*(panelWidth+panelGap)), px(y))
			c.draw(d, p)
			d.WriteString("</g>\n")
			high = max(high, c.height(p))
		}
		y += high + panelGap/2
	}
	return y
}

// drawNotes sets the key and what the heads say below the panels.
func (c *chart) drawNotes(d *drawing, width, y float64) float64 {
	y += 14
	for _, note := range append(c.key(), c.facts()...) {
		for _, line := range wrap(note, textSize, width-2*margin) {
			d.text("bc-note", margin, y, line)
			y += noteHeight
		}
	}
	return y
}

// key explains the marks.
func (c *chart) key() []string {
	key := []string{"Marks are medians: filled where one side wins, hollow where no difference is shown."}
	how := "Lines through marks"
	if c.numeric {
		how = "Bands"
	}
	return append(key, fmt.Sprintf("%s are %g%% intervals of the medians.", how, 100*c.t.set.confidence))
}

// facts is one line of what was measured and on what.
func (c *chart) facts() []string {
	var parts []string
	for _, f := range c.t.facts {
		parts = append(parts, f[0]+": "+f[1])
	}
	if len(parts) == 0 {
		return nil
	}
	return []string{strings.Join(parts, "; ")}
}
