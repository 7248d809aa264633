//go:build duckdb_arrow

package charts

import "math"

// bars draws the focus less the benchmark, period by period.
func (c *Chart) bars(f *frame) object {
	l, t := c.Language, f.look.Theme
	low, high := 0.0, 0.0
	var rows []any
	first, last := math.MaxInt, 0
	for _, g := range c.gaps() {
		first, last = min(first, g.own.Start.Year()), max(last, g.own.Start.Year())
		low, high = min(low, g.value), max(high, g.value)
		settled := g.own.Status == "A" && g.other.Status == "A"
		rows = append(rows, object{
			"period": g.period, "year": g.own.Start.Year(), "gap": round(g.value), "settled": settled,
			"shown": c.shown(g.own) + " − " + c.shown(g.other),
		})
	}
	y := f.axis(low, high, false)
	f.left += y.labels + 6
	f.width = float64(f.look.Size.Width) - f.left - f.right
	p := plane{f, first - 1, last + 1, y}
	wide := max(2, f.width/float64(last-first+2)*0.7)
	sign := func(above, below string) object {
		return object{"condition": object{"test": "datum.gap >= 0", "value": above}, "value": below}
	}
	bar := layer("figures", "", object{"type": "bar", "width": wide, "strokeWidth": 1.5, "opacity": 1}, object{
		"x": p.across(), "y": y.channel("gap"), "y2": object{"datum": 0},
		"stroke": sign(t.Focus, t.Bench),
		"fill": object{"condition": []any{
			object{"test": "!datum.settled", "value": t.Background},
			object{"test": "datum.gap >= 0", "value": t.Focus},
		}, "value": t.Bench},
		"tooltip": []any{
			object{"field": "period", "type": "nominal", "title": Text{"Period", "时期"}.In(l)},
			object{"field": "gap", "type": "quantitative", "title": Text{"Difference", "差距"}.In(l)},
			object{"field": "shown", "type": "nominal", "title": Text{"Figures", "数值"}.In(l)},
		},
	})
	zero := object{"data": object{"values": []any{object{}}}, "mark": object{"type": "rule", "color": t.Text, "aria": false}, "encoding": object{"y": object{"datum": 0}}}
	body := f.whole([]any{bar, zero})
	body["datasets"] = object{"figures": rows}
	return body
}

// dated draws everything that was said about one figure by the day it was said.
func (c *Chart) dated(f *frame) object {
	l, t := c.Language, f.look.Theme
	points := c.of(Focus).Points
	_, _, low, high := c.extent()
	pad := max((high-low)*0.15, high*0.001)
	y := f.axis(low-pad, high+pad, false)
	f.left += y.labels + 6
	f.right += 40
	f.width = float64(f.look.Size.Width) - f.left - f.right
	var rows []any
	for i, p := range points {
		row := object{
			"said": p.Said.Format("2006-01-02"), "value": p.Value, "label": number(p, -1), "shown": c.shown(p),
			"by": p.Publisher.In(l), "state": p.State,
		}
		if i > 0 {
			row["change"] = round(p.Value - points[i-1].Value)
		}
		rows = append(rows, row)
	}
	from, to := points[0].Said.AddDate(0, -6, 0), points[len(points)-1].Said.AddDate(0, 6, 0)
	x := object{
		"field": "said", "type": "temporal",
		"scale": object{"domain": []any{object{"year": from.Year(), "month": int(from.Month()), "date": 1}, object{"year": to.Year(), "month": int(to.Month()), "date": 28}}, "nice": false},
		"axis":  object{"format": "%Y", "tickCount": "year", "title": nil},
	}
	step := layer("figures", "", object{"type": "line", "interpolate": "step-after", "color": t.Focus, "strokeWidth": 1.5, "aria": false}, object{"x": x, "y": y.channel("value")})
	dot := layer("figures", "", object{"type": "point", "filled": true, "size": 60, "color": t.Focus, "opacity": 1}, object{
		"x": x, "y": y.channel("value"),
		"tooltip": []any{
			object{"field": "said", "type": "nominal", "title": Text{"Said on", "公布日期"}.In(l)},
			object{"field": "shown", "type": "nominal", "title": Text{"Figure", "数值"}.In(l)},
			object{"field": "by", "type": "nominal", "title": Text{"By", "发布机构"}.In(l)},
		},
	})
	label := layer("figures", "", object{"type": "text", "dy": -12, "fontWeight": "bold", "color": t.Focus, "aria": false}, object{
		"x": x, "y": y.channel("value"), "text": object{"field": "label", "type": "nominal"},
	})
	body := f.whole([]any{step, dot, label})
	body["datasets"] = object{"figures": rows}
	return body
}
