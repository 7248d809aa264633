//go:build duckdb_arrow

package charts

import "math"

// bars draws the focus less the benchmark, period by period.
func (c *Chart) bars(f *frame) object {
	l, t := c.Language, f.look.Theme
	low, high := 0.0, 0.0
	var rows []any
	first, last := math.MaxInt, math.MinInt
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
	p := plane{frame: f, first: first, last: last, y: y}
	x := p.between(float64(first)-0.6, float64(last)+0.6)
	wide := min(48, max(2, f.width/(float64(last-first)+1.2)*0.7))
	sign := func(above, below string) object {
		return object{"condition": object{"test": "datum.gap >= 0", "value": above}, "value": below}
	}
	bar := layer("figures", "", object{"type": "bar", "width": wide, "strokeWidth": 1.5, "opacity": 1}, object{
		"x": x, "y": y.channel("gap"), "y2": object{"datum": 0},
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
