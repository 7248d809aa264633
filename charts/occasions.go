//go:build duckdb_arrow

package charts

import "slices"

// occasion is a vertical mark over time with its label above the plot.
type occasion struct {
	year  float64
	label string
	broke bool    // a break, and no event
	x     float64 // of the mark, in pixels of the plot
	width float64 // of the label
	left  bool    // the label ends at the mark, since it would leave the picture behind it
	row   int     // line of labels, from the top
}

const labelGap = 4 // between a mark and its label

// span is where the label stands.
func (o occasion) span() (from, to float64) {
	if o.left {
		return o.x - labelGap - o.width, o.x
	}
	return o.x, o.x + labelGap + o.width
}

// occasions are breaks, between the last period on the old basis and the first on
// the new one, and events. Their labels stand above the plot, where no line runs
// through them.
func (c *Chart) occasions(p *plane) []any {
	all := c.marksOver(*p)
	if len(all) == 0 {
		return nil
	}
	rows := arrange(all, p.width+p.right-margin)
	above := float64(rows)*footStyle.height + 3
	p.top += above
	if p.look.Size.Height != 0 {
		p.height -= above
	}
	var data []any
	for _, o := range all {
		align := "left"
		if o.left {
			align = "right"
		}
		y := float64(o.row)*footStyle.height - above
		data = append(data, object{"x": round(o.x), "label": o.label, "break": o.broke, "align": align, "y": y, "bottom": p.height})
	}
	t := p.look.Theme
	rule := layer("occasions", "", object{"type": "rule", "color": t.Muted, "strokeWidth": 1, "aria": false}, object{
		"x": pixels("x"), "y": pixels("y"), "y2": object{"field": "bottom"},
		"strokeDash": object{"condition": object{"test": "datum.break", "value": []int{2, 3}}, "value": []int{1, 0}},
	})
	out := []any{rule}
	for _, side := range []struct {
		align string
		dx    int
	}{{"left", labelGap}, {"right", -labelGap}} {
		if slices.ContainsFunc(all, func(o occasion) bool { return o.left == (side.dx < 0) }) {
			out = append(out, layer("occasions", "datum.align == '"+side.align+"'", object{
				"type": "text", "align": side.align, "baseline": "top", "dx": side.dx, "fontSize": footStyle.size, "color": t.Muted, "aria": false,
			}, object{"x": pixels("x"), "y": pixels("y"), "text": object{"field": "label", "type": "nominal"}}))
		}
	}
	p.occasions = data
	return out
}

// marksOver are the occasions within the years drawn, in order; of those on one day
// the first.
func (c *Chart) marksOver(p plane) []occasion {
	var all []occasion
	add := func(at float64, label string, broke bool) {
		if at > float64(p.first) && at <= float64(p.last) && !slices.ContainsFunc(all, func(o occasion) bool { return o.year == at }) {
			x := (at - float64(p.first)) / float64(p.last-p.first) * p.width
			all = append(all, occasion{year: at, label: label, broke: broke, x: x, width: p.measure.Width(label, footStyle.size, false)})
		}
	}
	for _, b := range c.Breaks {
		add(when(b.At)-0.5, Text{"break", "口径变动"}.In(c.Language), true)
	}
	for _, e := range c.Events {
		add(when(e.At), e.Label.In(c.Language), false)
	}
	slices.SortStableFunc(all, func(a, b occasion) int {
		switch {
		case a.year < b.year:
			return -1
		case a.year > b.year:
			return 1
		}
		return 0
	})
	return all
}

// arrange gives each label a line so that it touches no other label and no mark runs
// through it, and says how many lines there are. A mark begins at its label's line,
// so one that falls within a label must stand lower; one that would have to stand
// higher makes the label change sides.
func arrange(all []occasion, edge float64) (rows int) {
	for i := len(all) - 1; i >= 0; i-- {
		_, to := all[i].span()
		all[i].left = to > edge || slices.ContainsFunc(all[i+1:], func(o occasion) bool { return o.left && o.x < to+labelGap })
	}
	var placed []occasion
	place := func(o *occasion) {
		from, to := o.span()
		for _, other := range placed {
			if start, end := other.span(); from < end+labelGap && start < to+labelGap {
				o.row = max(o.row, other.row+1)
			}
		}
		placed = append(placed, *o)
		rows = max(rows, o.row+1)
	}
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].left {
			place(&all[i])
		}
	}
	for i := range all {
		if !all[i].left {
			place(&all[i])
		}
	}
	return rows
}
