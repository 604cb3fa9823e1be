package main

import "fmt"

// drawNames draws a panel whose rows have names instead of sizes: a line a name, measures from left to right. Dots
// rather than bars, because an axis of logarithms has no zero to start a bar from.
func (c *chart) drawNames(d *drawing, p *panel) {
	f := frame{left: 14, right: panelWidth - 22, top: plotTop, bottom: c.height(p) - plotBottom}
	x := c.y.placed(f.left, f.right)
	c.drawSideKey(d)
	for _, v := range spread(x, x.ticks(7)) {
		d.line("bc-grid", x.at(v), f.top, x.at(v), f.bottom)
		d.text("bc-text bc-mid", x.at(v), f.bottom+19, compact(v))
	}
	d.line("bc-axis", f.left, f.bottom, f.right, f.bottom)
	d.text("bc-text bc-mid", (f.left+f.right)/2, f.bottom+39, fit(c.measureTitle(), textSize, panelWidth-40))
	for j, pt := range p.points {
		if j == maxNamesDrawn {
			break
		}
		c.drawName(d, x, f.top+rowHeight*float64(j), pt)
	}
}

// spread leaves out ticks whose labels would touch.
func spread(x scale, ticks []float64) []float64 {
	var out []float64
	free := 0.0
	for _, v := range ticks {
		half := textWidth(compact(v), textSize) / 2
		if x.at(v)-half > free {
			out = append(out, v)
			free = x.at(v) + half + 4
		}
	}
	return out
}

// drawSideKey shows both marks with their names, for here no line has an end to name it at.
func (c *chart) drawSideKey(d *drawing) {
	x := 5.0
	for k := range c.t.side.values {
		drawMark(d, k, x, 38, true, c.t.side.values[k])
		d.text("bc-name bc-"+sideClass[k], x+10, 42.5, c.endLabel(k))
		x += textWidth(c.endLabel(k), textSize*bold) + 34
	}
}

// drawName draws one row: its name, and below it both sides with their intervals.
func (c *chart) drawName(d *drawing, x scale, top float64, pt point) {
	if c.col >= 0 {
		d.text("bc-text bc-over", 0, top+13, fit(pt.label, textSize, panelWidth-8))
	}
	for k, e := range pt.sides {
		if !e.there {
			continue
		}
		y := top + 23 + 13*float64(k)
		if e.bounded {
			d.add("path", fmt.Sprintf(`class="bc-line bc-%s" d="M%s %sL%s %s"`, sideClass[k], px(x.at(e.lo)), px(y), px(x.at(e.hi)), px(y)), "")
		}
		drawMark(d, k, x.at(e.mid), y, pt.decided, c.tip(k, pt))
	}
}
