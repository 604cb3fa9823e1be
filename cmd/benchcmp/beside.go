package main

import (
	"fmt"
	"strings"
)

// A beside is the files that are written beside a raw run; the zero value is none.
type beside struct{ report, chart string }

// beside names the files that go with a raw run, and refuses before anything is measured what could not be written after.
func (f *sweepFlags) beside(raw string) (beside, error) {
	if !f.writeUp {
		return beside{}, nil
	}
	base := strings.TrimSuffix(raw, ".txt")
	b := beside{report: base + ".html", chart: base + ".svg"}
	if err := checkTarget(b.report, htmlFile); err != nil {
		return b, err
	}
	return b, checkTarget(b.chart, svgFile)
}

// write writes both files and names them. The first table is the one that is drawn.
func (b beside) write(std stdio, rec *recording, a *answered, inputs []*copied) error {
	if b.report == "" {
		return nil
	}
	html, err := newPage(rec, a.tables, a.text, inputs).html()
	if err != nil {
		return err
	}
	if err := writeTarget(std, b.report, htmlFile, html); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "report:  %s\n", b.report)
	c := newChart(a.tables[0])
	if err := c.fits(); err != nil {
		return err
	}
	if err := writeTarget(std, b.chart, svgFile, c.svg(plotColumns)); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "chart:   %s\n", b.chart)
	return nil
}
