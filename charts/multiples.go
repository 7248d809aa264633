//go:build duckdb_arrow

package charts

import (
	"fmt"
	"math"
	"slices"
	"strconv"
)

// raster is how panels of one size stand in rows and columns.
type raster struct {
	columns, lines int
	wide, high     float64 // of the plot of a panel
	stepX, stepY   float64 // from panel to panel
}

const (
	panelName = 17 // room above the plot of a panel for its name
	panelFoot = 20 // room below it for its years
	gutter    = 14
)

// raster chooses how many panels stand beside each other: six, or in a picture of
// fixed size as many as give them the least distorted shape.
func (f *frame) raster(panels int) raster {
	of := func(columns int) raster {
		r := raster{columns: columns, lines: (panels + columns - 1) / columns, high: 62}
		r.wide = (f.width - gutter*float64(columns-1)) / float64(columns)
		if f.look.Size.Height != 0 {
			r.high = f.height/float64(r.lines) - panelName - panelFoot
		}
		r.stepX, r.stepY = r.wide+gutter, r.high+panelName+panelFoot
		return r
	}
	if f.look.Size.Height == 0 {
		return of(min(6, panels))
	}
	best := of(1)
	for columns := 2; columns <= min(9, panels); columns++ {
		if r := of(columns); math.Abs(math.Log(r.wide/r.high/1.6)) < math.Abs(math.Log(best.wide/best.high/1.6)) || best.high < 12 {
			best = r
		}
	}
	return best
}

// at is where the plot of a panel begins.
func (r raster) at(panel int) (x, y float64) {
	return float64(panel%r.columns) * r.stepX, float64(panel/r.columns)*r.stepY + panelName
}

// multiples draws a small chart for each member, all to one scale, each with the
// benchmark behind it. They are one plot whose parts stand where they are put, since
// facets cannot be held to a size.
func (c *Chart) multiples(f *frame) object {
	t := f.look.Theme
	panels := slices.DeleteFunc(slices.Clone(c.Series), func(s Series) bool { return s.Role == Bench })
	first, last, low, high := c.extent()
	last = max(last, first+1)
	f.bottom -= 20 // each panel has its own years
	if f.look.Size.Height != 0 {
		f.height += 20
	}
	y := f.axis(low, high, c.Log)
	y.ticks = []float64{y.low, y.ticks[len(y.ticks)/2], y.high}
	f.left += y.labels + 6
	f.width = float64(f.look.Size.Width) - f.left - f.right
	r := f.raster(len(panels))
	f.height = float64(r.lines) * r.stepY
	var rows, frames, names, scale []any
	for i, s := range panels {
		x0, y0 := r.at(i)
		name := s.Name.In(c.Language)
		if f.measure.Width(name, labelStyle.size, true) > r.stepX-4 && c.Language == Both {
			name = s.Name.EN
		}
		names = append(names, object{"x": x0, "y": round(y0 - panelName), "label": fit(f.measure, name, style{labelStyle.size, 0, true}, r.stepX-4), "own": s.Role == Focus})
		for n, v := range y.ticks {
			at := round(y0 + y.at(v, r.high))
			frames = append(frames, object{"x": x0, "to": round(x0 + r.wide), "y": at, "base": n == 0})
			if i%r.columns == 0 && (n != 1 || r.high > 30) {
				scale = append(scale, object{"x": -6, "y": at, "label": grouped(v, y.decimals), "align": "right"})
			}
		}
		for _, year := range []struct {
			year  int
			align string
			x     float64
		}{{first, "left", x0}, {last, "right", x0 + r.wide}} {
			scale = append(scale, object{"x": round(year.x), "y": round(y0 + r.high + 10), "label": "'" + strconv.Itoa(year.year)[2:], "align": year.align})
		}
		for _, line := range []*Series{c.of(Bench), &panels[i]} {
			if line != nil {
				rows = append(rows, c.panelRows(name, line, func(p Point) (x, py float64) {
					return round(x0 + r.wide*float64(p.Start.Year()-first)/float64(last-first)), round(y0 + y.at(p.Value, r.high))
				})...)
			}
		}
	}
	body := f.whole(append(panelFrames(t), c.panelLines(t)...))
	body["datasets"] = object{"figures": rows, "frames": frames, "names": names, "scale": scale}
	return body
}

// panelRows are a series' points as rows of the specification.
func (c *Chart) panelRows(panel string, s *Series, place func(Point) (x, y float64)) []any {
	var rows []any
	role := s.Role
	if role == Peer {
		role = Focus
	}
	for _, p := range s.Points {
		x, y := place(p)
		rows = append(rows, object{
			"panel": panel, "role": role, "year": p.Start.Year(), "period": p.Period, "value": p.Value, "series": s.Name.In(c.Language),
			"line": fmt.Sprintf("%s %s %d", panel, s.Key, p.Segment), "alone": s.alone(p), "shown": amount(p, c.Decimals, s.Unit, c.Language) + statusWord(p, c.Language),
			"x": x, "y": y,
		})
	}
	return rows
}

// pixels is a channel whose values are places in the picture.
func pixels(field string) object {
	return object{"field": field, "type": "quantitative", "scale": nil, "axis": nil}
}

// panelFrames are the lines behind the panels, their names, and the numbers of their
// axes.
func panelFrames(t Theme) []any {
	name := object{"field": "label", "type": "nominal"}
	out := []any{
		layer("frames", "", object{"type": "rule", "aria": false}, object{
			"x": pixels("x"), "x2": object{"field": "to"}, "y": pixels("y"),
			"color": object{"condition": object{"test": "datum.base", "value": t.Muted}, "value": t.Grid},
		}),
	}
	for _, own := range []string{"datum.own", "!datum.own"} {
		mark := object{"type": "text", "align": "left", "baseline": "top", "fontSize": labelStyle.size, "color": t.Text, "aria": false}
		if own == "datum.own" {
			mark["fontWeight"] = "bold"
		}
		out = append(out, layer("names", own, mark, object{"x": pixels("x"), "y": pixels("y"), "text": name}))
	}
	for _, align := range []string{"left", "right"} {
		out = append(out, layer("scale", "datum.align == '"+align+"'", object{
			"type": "text", "align": align, "baseline": "middle", "fontSize": footStyle.size, "color": t.Muted, "aria": false,
		}, object{"x": pixels("x"), "y": pixels("y"), "text": name}))
	}
	return out
}

// panelLines are the lines of all panels, and the points that no line shows.
func (c *Chart) panelLines(t Theme) []any {
	l := c.Language
	var out []any
	for _, r := range []Role{Bench, Focus} {
		if c.of(r) == nil {
			continue
		}
		mark := object{"type": "line", "color": t.colour(r), "strokeWidth": 1.8, "aria": false}
		if r == Bench {
			mark["strokeDash"], mark["strokeWidth"] = []int{4, 2}, 1.2
		}
		is := fmt.Sprintf("datum.role == '%s'", r)
		out = append(out, layer("figures", is, mark, object{
			"x": pixels("x"), "y": pixels("y"), "detail": object{"field": "line", "type": "nominal"}, "order": object{"field": "year", "type": "quantitative"},
		}), layer("figures", is+" && datum.alone", object{"type": "point", "filled": true, "size": 12, "color": t.colour(r), "opacity": 1}, object{
			"x": pixels("x"), "y": pixels("y"),
			"tooltip": []any{
				object{"field": "series", "type": "nominal", "title": Text{"Series", "序列"}.In(l)},
				object{"field": "period", "type": "nominal", "title": Text{"Period", "时期"}.In(l)},
				object{"field": "shown", "type": "nominal", "title": Text{"Figure", "数值"}.In(l)},
			},
		}))
	}
	return out
}
