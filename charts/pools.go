//go:build duckdb_arrow

package charts

import (
	"fmt"
	"slices"
)

// ranked draws one period of every member as a bar, longest first. Where not all
// fit, the first ones are drawn, and the focus.
func (c *Chart) ranked(f *frame) object {
	const bar = 15
	l, t := c.Language, f.look.Theme
	all := slices.Clone(c.Series)
	if f.look.Size.Height == 0 {
		f.height = bar * float64(len(all))
	}
	if fit := int(f.height / bar); len(all) > fit {
		own := slices.IndexFunc(all, func(s Series) bool { return s.Role == Focus })
		if own >= fit {
			all = append(all[:fit-1], all[own])
		} else {
			all = all[:fit]
		}
	}
	names, numbers := 0.0, 0.0
	var rows, order []any
	for _, s := range all {
		p := s.Points[0]
		place := c.placeOf(s)
		name := fmt.Sprintf("%s %s", place, s.Name.In(l))
		names = max(names, f.measure.Width(name, labelStyle.size, true))
		numbers = max(numbers, f.measure.Width(number(p, c.Decimals), footStyle.size, true))
		order = append(order, name)
		rows = append(rows, object{"name": name, "value": p.Value, "role": s.Role, "label": number(p, c.Decimals), "shown": c.shown(p) + statusWord(p, l)})
	}
	f.left += names + 8
	f.right += numbers + 8
	f.bottom -= 20
	f.width = float64(f.look.Size.Width) - f.left - f.right
	y := object{
		"field": "name", "type": "nominal", "sort": order, "scale": object{"paddingInner": 0.25, "paddingOuter": 0.1},
		"axis": object{"title": nil, "domain": false, "labelLimit": 0, "labelColor": t.Text, "labelFontWeight": object{
			"condition": object{"test": fmt.Sprintf("datum.value == %q", c.placeOf(*c.of(Focus))+" "+c.Region.Name.In(l)), "value": "bold"}, "value": "normal",
		}},
	}
	x := object{"field": "value", "type": "quantitative", "scale": object{"nice": false, "zero": true}, "axis": nil}
	bars := layer("figures", "", object{"type": "bar"}, object{
		"x": x, "y": y, "color": object{"condition": object{"test": "datum.role == 'focus'", "value": t.Focus}, "value": t.Peer},
		"tooltip": []any{
			object{"field": "name", "type": "nominal", "title": Text{"Region", "地区"}.In(l)},
			object{"field": "shown", "type": "nominal", "title": Text{"Figure", "数值"}.In(l)},
		},
	})
	labels := layer("figures", "", object{"type": "text", "align": "left", "dx": 5, "fontSize": footStyle.size, "color": t.Text, "aria": false}, object{
		"x": x, "y": y, "text": object{"field": "label", "type": "nominal"},
	})
	words := f.words()
	words[2] = f.text(f.foot, footStyle, t.Muted, -f.left+margin, f.height+14)
	return object{
		"width": f.width, "height": f.height, "autosize": object{"type": "none", "contains": "content"},
		"padding": object{"left": f.left, "right": f.right, "top": f.top, "bottom": f.bottom},
		"layer":   append([]any{bars, labels}, words...), "datasets": object{"figures": rows},
	}
}

// placeOf is the place of a member among all; those with the same value share it.
func (c *Chart) placeOf(s Series) string {
	place := 1
	for _, o := range c.Series {
		if o.Points[0].Value > s.Points[0].Value {
			place++
		}
	}
	return fmt.Sprint(place)
}

// multiples draws a small chart for each member, all to one scale, each with the
// benchmark behind it.
func (c *Chart) multiples(f *frame) object {
	const gutter = 14
	l, t := c.Language, f.look.Theme
	panels := slices.DeleteFunc(slices.Clone(c.Series), func(s Series) bool { return s.Role == Bench })
	columns := 6
	if f.look.Size.Width < 600 {
		columns = 3
	}
	first, last, low, high := c.extent()
	y := f.axis(low, high, c.Log)
	y.ticks = []float64{y.low, y.ticks[len(y.ticks)/2], y.high}
	f.left += y.labels + 6
	lines := (len(panels) + columns - 1) / columns
	wide := (float64(f.look.Size.Width) - f.left - f.right - gutter*float64(columns-1)) / float64(columns)
	high1 := 62.0
	if f.look.Size.Height != 0 {
		high1 = max(20, (float64(f.look.Size.Height)-f.top-f.bottom)/float64(lines)-26)
	}
	var rows, order []any
	for _, s := range panels {
		name := s.Name.In(l)
		order = append(order, name)
		for _, line := range []*Series{&s, c.of(Bench)} {
			if line == nil {
				continue
			}
			for _, p := range line.Points {
				role := line.Role
				if role == Peer {
					role = Focus
				}
				rows = append(rows, object{"panel": name, "role": role, "year": p.Start.Year(), "value": p.Value, "line": fmt.Sprintf("%s %d", line.Key, p.Segment), "shown": amount(p, c.Decimals, line.Unit, l) + statusWord(p, l), "series": line.Name.In(l), "period": p.Period})
			}
		}
	}
	p := plane{f, first, last, y}
	x, up := p.across(), y.channel("value")
	x["axis"] = object{"values": []int{first, last}, "format": "'%y", "labelExpr": "\"'\" + slice('' + datum.value, 2)", "title": nil, "labelFontSize": footStyle.size, "labelFlush": true}
	delete(x["axis"].(object), "format") //nolint:forcetypeassert // made above
	part := func(r Role) object {
		mark := object{"type": "line", "color": t.colour(r), "strokeWidth": 1.8, "aria": false}
		if r == Bench {
			mark["strokeDash"], mark["strokeWidth"] = []int{4, 2}, 1.2
		}
		return object{
			"transform": []any{object{"filter": fmt.Sprintf("datum.role == '%s'", r)}}, "mark": mark,
			"encoding": object{"x": x, "y": up, "detail": object{"field": "line", "type": "nominal"}},
		}
	}
	grid := object{
		"data":    object{"name": "figures"},
		"facet":   object{"field": "panel", "type": "nominal", "sort": order, "header": object{"title": nil, "labelColor": t.Text, "labelFontSize": labelStyle.size, "labelAnchor": "start", "labelPadding": 2}},
		"columns": columns, "spacing": object{"row": 10, "column": gutter}, "resolve": object{"axis": object{"x": "independent"}},
		"spec": object{"width": wide, "height": high1, "layer": []any{part(Bench), part(Focus)}},
	}
	// The axis of the first column reaches this far to the left of its plot.
	edge := -(y.labels + 6)
	head := object{"width": float64(f.look.Size.Width) - 2*margin, "height": f.top - margin, "view": object{"stroke": nil}, "layer": []any{
		f.text(f.headline, headlineStyle, t.Text, edge, 0),
		f.text(f.subtitle, subtitleStyle, t.Muted, edge, float64(len(f.headline))*headlineStyle.height),
	}}
	foot := object{"width": float64(f.look.Size.Width) - 2*margin, "height": float64(len(f.foot)) * footStyle.height, "view": object{"stroke": nil}, "layer": []any{
		f.text(f.foot, footStyle, t.Muted, edge, 0),
	}}
	return object{
		"padding": margin, "spacing": 10, "vconcat": []any{head, grid, foot}, "datasets": object{"figures": rows},
	}
}
