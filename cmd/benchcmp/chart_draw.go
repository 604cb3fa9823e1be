package main

import (
	"encoding/xml"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Lengths of a panel, in units that are pixels where it is shown in its own size.
const (
	panelWidth  = 340.0
	lineHeight  = 285.0 // of a panel with an x axis of sizes
	titleSize   = 15.0
	textSize    = 13.0
	plotTop     = 66.0
	plotBottom  = 48.0 // below the plot: tick labels, the axis title
	rowHeight   = 46.0 // of a name in a panel without sizes
	markRadius  = 4.5
	labelHeight = 15.0
)

// sideClass names the colours and marks of the two sides in the style sheet.
var sideClass = [2]string{"a", "b"}

// A drawing is SVG under way.
type drawing struct{ strings.Builder }

// add writes one element: a name, attributes as they stand in the file, and text, which is escaped.
func (d *drawing) add(element, attrs, text string) {
	if text == "" {
		fmt.Fprintf(d, "<%s %s/>\n", element, attrs)
		return
	}
	fmt.Fprintf(d, "<%s %s>%s</%s>\n", element, attrs, escaped(text), element)
}

func (d *drawing) line(class string, x1, y1, x2, y2 float64) {
	d.add("path", fmt.Sprintf(`class="%s" d="M%s %sL%s %s"`, class, px(x1), px(y1), px(x2), px(y2)), "")
}

func (d *drawing) text(class string, x, y float64, s string) {
	d.add("text", fmt.Sprintf(`class="%s" x="%s" y="%s"`, class, px(x), px(y)), s)
}

// escaped makes any bytes XML text, or the text of an attribute.
func escaped(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(visible(s))) // a Builder does not fail
	return b.String()
}

// visible shows a mark for what could not be seen and would change what is: control characters, those that turn the
// direction of the text around them, bytes that are not UTF-8.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// px writes a length with a tenth's precision.
func px(v float64) string { return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64) }

// height is how high the panels are: all the same where they have a size axis.
func (c *chart) height(p *panel) float64 {
	if c.numeric {
		return lineHeight
	}
	return plotTop + plotBottom + rowHeight*float64(min(len(p.points), maxNamesDrawn))
}

// maxNamesDrawn bounds the names of one panel.
const maxNamesDrawn = 40

// draw writes panel p into a space panelWidth wide, height high.
func (c *chart) draw(d *drawing, p *panel) {
	d.text("bc-title", 0, 18, fit(c.title(p), titleSize*bold, panelWidth))
	if c.numeric {
		c.drawLines(d, p)
	} else {
		c.drawNames(d, p)
	}
}

// frame is where a panel's measures are drawn.
type frame struct{ left, right, top, bottom float64 }

func (c *chart) lineFrame() frame {
	widest := 0.0
	for _, v := range c.y.ticks(7) {
		widest = max(widest, textWidth(compact(v), textSize))
	}
	labels := max(textWidth(c.endLabel(0), textSize*bold), textWidth(c.endLabel(1), textSize*bold))
	return frame{left: widest + 12, right: panelWidth - labels - 16, top: plotTop, bottom: lineHeight - plotBottom}
}

// endLabel is the name of a side as it stands at the end of its line.
func (c *chart) endLabel(k int) string { return fit(c.t.side.values[k], textSize*bold, 95) }

func (c *chart) drawLines(d *drawing, p *panel) {
	f := c.lineFrame()
	x, y := c.x.placed(f.left+10, f.right-10), c.y.placed(f.bottom, f.top)
	c.drawMeasureAxis(d, f, y)
	c.drawSizeAxis(d, f, x, p)
	c.drawCrossings(d, f, x, p)
	for k := range sideClass {
		drawBand(d, x, y, p, k)
	}
	for k := range sideClass {
		drawSide(d, x, y, p, k)
	}
	c.drawMarks(d, x, y, p)
	c.drawEndLabels(d, f, y, p)
}

func (c *chart) measureTitle() string { return c.t.unit.asked + c.y.words() }

func (c *chart) drawMeasureAxis(d *drawing, f frame, y scale) {
	d.text("bc-text", 0, 38, fit(c.measureTitle(), textSize, panelWidth))
	for _, v := range y.ticks(7) {
		d.line("bc-grid", f.left, y.at(v), f.right, y.at(v))
		d.text("bc-text bc-end", f.left-6, y.at(v)+4.5, compact(v))
	}
}

// drawSizeAxis labels the sizes that were measured, as many as there is room for, from the outside to the middle.
func (c *chart) drawSizeAxis(d *drawing, f frame, x scale, p *panel) {
	var taken [][2]float64
	for _, j := range outsideIn(len(p.points)) {
		pt := p.points[j]
		at, half := x.at(pt.x), textWidth(pt.label, textSize)/2
		d.line("bc-tick", at, f.bottom, at, f.bottom+5)
		room := func(t [2]float64) bool { return at+half+3 < t[0] || at-half-3 > t[1] }
		if at-half < 0 || at+half > panelWidth || slices.ContainsFunc(taken, func(t [2]float64) bool { return !room(t) }) {
			continue
		}
		taken = append(taken, [2]float64{at - half, at + half})
		d.text("bc-text bc-mid", at, f.bottom+19, pt.label)
	}
	d.line("bc-axis", f.left, f.bottom, f.right, f.bottom)
	d.text("bc-text bc-mid", (f.left+f.right)/2, f.bottom+39, fit(c.t.keys[c.col], textSize, 150)+c.x.words())
}

// outsideIn orders n places: the first, the last, then those between.
func outsideIn(n int) []int {
	order := []int{0}
	if n > 1 {
		order = append(order, n-1)
	}
	for i := 1; i < n-1; i++ {
		order = append(order, i)
	}
	return order
}

// drawCrossings marks where the better side changes: the bracket as a band, the estimate as a line with its size above.
func (c *chart) drawCrossings(d *drawing, f frame, x scale, p *panel) {
	free := 0.0
	crossings, g := c.crossings(p)
	for _, cr := range crossings {
		from, to, at := x.at(g.sizes[cr.from].n), x.at(g.sizes[cr.to].n), x.at(cr.at.mid)
		d.add("rect", fmt.Sprintf(`class="bc-bracket" x="%s" y="%s" width="%s" height="%s"`, px(from), px(f.top), px(to-from), px(f.bottom-f.top)), "")
		d.line("bc-cross", at, f.top-3, at, f.bottom)
		label := "changes near " + sizeText(cr.at.mid)
		half := textWidth(label, textSize) / 2
		middle := min(max(at, half+4), panelWidth-half-4)
		if middle-half < free {
			continue
		}
		free = middle + half + 6
		d.text("bc-text bc-mid", middle, f.top-8, label)
	}
}

// drawBand shades the intervals of a side's medians, wherever two neighbours have one.
func drawBand(d *drawing, x, y scale, p *panel, k int) {
	for j := 0; j+1 < len(p.points); j++ {
		a, b := p.points[j], p.points[j+1]
		ea, eb := a.sides[k], b.sides[k]
		if ea.bounded && eb.bounded {
			d.add("path", fmt.Sprintf(`class="bc-band bc-%s" d="M%s %sL%s %sL%s %sL%s %sZ"`, sideClass[k], px(x.at(a.x)), px(y.at(ea.lo)),
				px(x.at(a.x)), px(y.at(ea.hi)), px(x.at(b.x)), px(y.at(eb.hi)), px(x.at(b.x)), px(y.at(eb.lo))), "")
		}
	}
}

// drawSide joins a side's medians.
func drawSide(d *drawing, x, y scale, p *panel, k int) {
	var path strings.Builder
	for _, pt := range p.points {
		if e := pt.sides[k]; e.there {
			step := "L"
			if path.Len() == 0 {
				step = "M"
			}
			fmt.Fprintf(&path, "%s%s %s", step, px(x.at(pt.x)), px(y.at(e.mid)))
		}
	}
	if path.Len() > 0 {
		d.add("path", fmt.Sprintf(`class="bc-line bc-%s" d="%s"`, sideClass[k], path.String()), "")
	}
}

func (c *chart) drawMarks(d *drawing, x, y scale, p *panel) {
	for k := range sideClass {
		for _, pt := range p.points {
			if e := pt.sides[k]; e.there {
				drawMark(d, k, x.at(pt.x), y.at(e.mid), pt.decided, c.tip(k, pt))
			}
		}
	}
}

// drawMark draws one median: a circle for the first side, a triangle for the second, filled where the row has a winner.
func drawMark(d *drawing, k int, x, y float64, filled bool, tip string) {
	class := "bc-mark bc-" + sideClass[k]
	if !filled {
		class += " bc-hollow"
	}
	r := markRadius
	shape := fmt.Sprintf("M%s %sa%s %s 0 1 0 %s 0a%s %s 0 1 0 -%s 0Z", px(x-r), px(y), px(r), px(r), px(2*r), px(r), px(r), px(2*r))
	if k == 1 {
		r *= 1.2
		shape = fmt.Sprintf("M%s %sL%s %sL%s %sZ", px(x), px(y-r), px(x+r), px(y+0.8*r), px(x-r), px(y+0.8*r))
	}
	fmt.Fprintf(d, "<path class=\"%s\" d=\"%s\"><title>%s</title></path>\n", class, shape, escaped(tip))
}

// tip is what a pointer over a mark is told.
func (c *chart) tip(k int, pt point) string {
	e := pt.sides[k]
	s := fmt.Sprintf("%s, %s: %s %s", pt.label, c.t.side.values[k], threeDigits(e.mid), c.t.unit.asked)
	if e.bounded {
		s += fmt.Sprintf(" (%s to %s)", threeDigits(e.lo), threeDigits(e.hi))
	}
	return s
}

// drawEndLabels names the sides where their lines end, moved apart if they would touch.
func (c *chart) drawEndLabels(d *drawing, f frame, y scale, p *panel) {
	at := [2]float64{math.NaN(), math.NaN()}
	for _, pt := range p.points {
		for k, e := range pt.sides {
			if e.there {
				at[k] = y.at(e.mid)
			}
		}
	}
	low := b2i(at[1] > at[0]) // the side that is lower on the page
	if gap := at[low] - at[1-low]; gap < labelHeight {
		middle := min(max((at[0]+at[1])/2, f.top+labelHeight/2), f.bottom-labelHeight/2)
		at[low], at[1-low] = middle+labelHeight/2, middle-labelHeight/2
	}
	for k, v := range at {
		if !math.IsNaN(v) {
			d.text("bc-name bc-"+sideClass[k], f.right+4, v+4.5, c.endLabel(k))
		}
	}
}
