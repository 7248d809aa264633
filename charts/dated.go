//go:build duckdb_arrow

package charts

import "time"

// dated draws everything that was said about one figure by the day it was said.
// Days stand on the axis as years with a fraction.
func (c *Chart) dated(f *frame) object {
	t := f.look.Theme
	_, _, low, high := c.extent()
	pad := max((high-low)*0.15, high*0.001)
	y := f.axis(low-pad, high+pad, false)
	f.left += y.labels + 6
	rows, from, to := c.statementRows()
	f.width = float64(f.look.Size.Width) - f.left - f.right
	p := plane{frame: f, first: int(from) + 1, last: int(to), y: y}
	x := p.between(from, to)
	x["field"] = "at"
	step := layer("figures", "", object{"type": "line", "interpolate": "step-after", "color": t.Focus, "strokeWidth": 1.5, "aria": false}, object{"x": x, "y": y.channel("value")})
	l := c.Language
	dot := layer("figures", "", object{"type": "point", "size": 60, "stroke": t.Focus, "strokeWidth": 1.6, "opacity": 1}, object{
		"x": x, "y": y.channel("value"),
		"fill": object{"condition": object{"test": "datum.status == 'A'", "value": t.Focus}, "value": t.Background},
		"tooltip": []any{
			object{"field": "said", "type": "nominal", "title": Text{"Said on", "公布日期"}.In(l)},
			object{"field": "shown", "type": "nominal", "title": Text{"Figure", "数值"}.In(l)},
			object{"field": "by", "type": "nominal", "title": Text{"By", "发布机构"}.In(l)},
		},
	})
	p.labelled(rows, from, to)
	label := layer("figures", "", object{"type": "text", "baseline": "middle", "fontWeight": "bold", "color": t.Focus, "aria": false}, object{
		"x": pixels("x"), "y": pixels("y"),
		"text": object{"field": "label", "type": "nominal"},
	})
	body := f.whole([]any{step, dot, label})
	body["datasets"] = object{"figures": rows}
	return body
}

// statementRows are the statements as rows of the specification, and the span of
// time that holds them, at least two years.
func (c *Chart) statementRows() (rows []any, from, to float64) {
	points := c.of(Focus).Points
	for i, p := range points {
		row := object{
			"said": p.Said.Format(time.DateOnly), "at": when(p.Said), "value": p.Value, "label": number(p, -1), "shown": c.shown(p) + statusWord(p, c.Language),
			"by": p.Publisher.In(c.Language), "state": p.State, "status": p.Status,
		}
		if i > 0 {
			row["change"] = round(p.Value - points[i-1].Value)
		}
		rows = append(rows, row)
	}
	from, to = when(points[0].Said), when(points[len(points)-1].Said)
	spare := max(0.06*(to-from), (2-(to-from))/2, 0.3)
	return rows, round(from - spare), round(to + spare)
}

// labelled gives each statement's label a place: above its point, or below it where the
// step comes down to it; on the other side where the label before would be touched; and
// within the picture.
func (p plane) labelled(rows []any, from, to float64) {
	ends := [2]float64{} // of the last label above, and below
	before := 0.0
	for _, r := range rows {
		row, _ := r.(object)
		at, _ := row["at"].(float64)
		value, _ := row["value"].(float64)
		label, _ := row["label"].(string)
		half := p.measure.Width(label, labelStyle.size, true)/2 + 3
		middle := min(max((at-from)/(to-from)*p.width, half), p.width+p.right-margin-half)
		side := 0
		if value < before {
			side = 1
		}
		if middle-half < ends[side] && middle-half >= ends[1-side] {
			side = 1 - side
		}
		before, ends[side] = value, middle+half
		row["x"], row["y"] = round(middle), round(p.y.at(value, p.height)+[2]float64{-16, 16}[side])
	}
}
