//go:build duckdb_arrow

package charts

import (
	"fmt"
	"math"
	"time"
)

// figures are the points as rows of the specification.
func (c *Chart) figures() []any {
	l := c.Language
	var out []any
	for _, s := range c.Series {
		for _, p := range s.Points {
			out = append(out, object{
				"series": s.Name.In(l), "role": s.Role, "period": p.Period, "year": p.Start.Year(), "value": p.Value,
				"line": fmt.Sprintf("%s %d", s.Key, p.Segment), "status": p.Status, "qualifier": p.Qualifier,
				"shown": amount(p, c.Decimals, s.Unit, l) + statusWord(p, l),
			})
		}
	}
	return out
}

// statusWord is what stands behind a figure that is not simply a result.
func statusWord(p Point, l Language) string {
	return map[string]Text{
		"P": {" (provisional)", "（初步数）"}, "E": {" (derived)", "（推算）"}, "F": {" (expected)", "（预计）"},
	}[p.Status].In(l)
}

// extent is what the axes must hold: the first and last year, the lowest and
// highest figure.
func (c *Chart) extent() (first, last int, low, high float64) {
	first, last, low, high = math.MaxInt, 0, math.Inf(1), math.Inf(-1)
	for _, s := range c.Series {
		for _, p := range s.Points {
			first, last = min(first, p.Start.Year()), max(last, p.Start.Year())
			low, high = min(low, p.Value), max(high, p.Value)
		}
	}
	return first, last, low, high
}

// plane is a frame with both axes.
type plane struct {
	*frame
	first, last int
	y           axis
}

// across is the horizontal channel.
func (p plane) across() object {
	return object{
		"field": "year", "type": "quantitative",
		"scale": object{"domain": []int{p.first, p.last}, "nice": false, "zero": false},
		"axis":  object{"values": years(p.first, p.last, p.width), "format": "d", "title": nil},
	}
}

// when is where a day stands on the horizontal axis.
func when(t time.Time) float64 {
	return round(float64(t.Year()) + float64(t.YearDay()-1)/366)
}

// lines draws series over time.
func (c *Chart) lines(f *frame) object {
	first, last, low, high := c.extent()
	if c.Growth {
		low, high = min(low, 0), max(high, 0)
	}
	p := plane{f, first, max(last, first+1), f.axis(low, high, c.Log)}
	names := c.names()
	f.left += p.y.labels + 6
	for _, name := range names {
		f.right = max(f.right, margin+10+f.measure.Width(name, labelStyle.size, true))
	}
	f.width = float64(f.look.Size.Width) - f.left - f.right
	layers := c.occasions(p)
	for _, role := range []Role{Peer, Context, Bench, Focus} {
		layers = append(layers, p.line(role))
	}
	for _, role := range []Role{Context, Bench, Focus} {
		layers = append(layers, p.points(role))
	}
	layers = append(layers, c.endLabels(p, names))
	body := f.whole(layers)
	body["datasets"] = object{"figures": c.figures()}
	return body
}

// line joins the points of the series in a role, each run by itself.
func (p plane) line(r Role) object {
	mark := object{"type": "line", "color": p.look.Theme.colour(r), "strokeWidth": 2.5, "strokeCap": "round", "aria": false}
	switch r {
	case Bench:
		mark["strokeDash"] = []int{6, 3}
	case Context:
		mark["strokeWidth"], mark["strokeDash"] = 1.5, []int{2, 3}
	case Peer:
		mark["strokeWidth"] = 0.7
	case Focus:
	}
	return layer("figures", fmt.Sprintf("datum.role == '%s'", r), mark, object{
		"x": p.across(), "y": p.y.channel("value"), "detail": object{"field": "line", "type": "nominal"},
	})
}

// points are the figures of a role: filled when settled, hollow when provisional,
// derived or expected, and a triangle when the number is a bound.
func (p plane) points(r Role) object {
	l := p.language
	colour := p.look.Theme.colour(r)
	return layer("figures", fmt.Sprintf("datum.role == '%s'", r),
		object{"type": "point", "size": 34, "strokeWidth": 1.6, "stroke": colour, "opacity": 1},
		object{
			"x": p.across(), "y": p.y.channel("value"),
			"fill": object{"condition": object{"test": "datum.status == 'A'", "value": colour}, "value": p.look.Theme.Background},
			"shape": object{
				"condition": []any{
					object{"test": "datum.qualifier == 'over'", "value": "triangle-up"},
					object{"test": "datum.qualifier == 'under'", "value": "triangle-down"},
				},
				"value": "circle",
			},
			"tooltip": []any{
				object{"field": "series", "type": "nominal", "title": Text{"Series", "序列"}.In(l)},
				object{"field": "period", "type": "nominal", "title": Text{"Period", "时期"}.In(l)},
				object{"field": "shown", "type": "nominal", "title": Text{"Figure", "数值"}.In(l)},
			},
		})
}

// names are what stands at the right end of each line that has a name: the name
// and the last figure, with its period where the line ends before others.
func (c *Chart) names() map[string]string {
	_, last := c.span()
	out := map[string]string{}
	for _, s := range c.Series {
		if s.Role != Peer && len(s.Points) > 0 {
			p := s.Points[len(s.Points)-1]
			out[s.Key] = s.Name.In(c.Language) + " " + number(p, c.Decimals)
			if p.Period != last {
				out[s.Key] += " (" + p.Period + ")"
			}
		}
	}
	return out
}

// number is a figure without its unit, as axes and labels have it.
func number(p Point, decimals int) string {
	sign := map[string]string{"over": ">", "under": "<", "about": "≈"}[p.Qualifier]
	if sign != "" {
		decimals = -1
	}
	return sign + grouped(p.Value, decimals)
}

// endLabels writes names beside the last points, apart from each other.
func (c *Chart) endLabels(p plane, names map[string]string) object {
	var rows []any
	var places []float64
	for _, s := range c.Series {
		if names[s.Key] == "" {
			continue
		}
		places = append(places, p.y.at(s.Points[len(s.Points)-1].Value, p.height))
		rows = append(rows, object{"name": names[s.Key], "role": s.Role})
	}
	for i, y := range spread(places, labelStyle.height, 6, p.height-6) {
		rows[i].(object)["place"] = round(y) //nolint:forcetypeassert // made above
	}
	return object{
		"data": object{"values": rows},
		"mark": object{"type": "text", "align": "left", "baseline": "middle", "fontWeight": "bold", "fontSize": labelStyle.size, "aria": false},
		"encoding": object{
			"x": object{"value": p.width + 10}, "y": object{"field": "place", "type": "quantitative", "scale": nil},
			"text": object{"field": "name", "type": "nominal"}, "color": p.look.Theme.byRole(),
		},
	}
}

// byRole colours texts as the lines they name.
func (t Theme) byRole() object {
	var conditions []any
	for _, r := range []Role{Focus, Bench, Context} {
		conditions = append(conditions, object{"test": fmt.Sprintf("datum.role == '%s'", r), "value": t.colour(r)})
	}
	return object{"condition": conditions, "value": t.Peer}
}

// occasions are the vertical marks: breaks, between the last period on the old
// basis and the first on the new one, and events.
func (c *Chart) occasions(p plane) []any {
	var rows []any
	seen := map[float64]bool{}
	add := func(at float64, label, kind string) {
		if at <= float64(p.first) || at > float64(p.last) || seen[at] {
			return
		}
		seen[at] = true
		rows = append(rows, object{"year": at, "label": label, "kind": kind})
	}
	for _, b := range c.Breaks {
		add(when(b.At)-0.5, Text{"break", "口径变动"}.In(c.Language), "break")
	}
	for _, e := range c.Events {
		add(when(e.At), e.Label.In(c.Language), "event")
	}
	if len(rows) == 0 {
		return nil
	}
	p.stagger(rows)
	t := p.look.Theme
	data := object{"values": rows}
	rule := object{"data": data, "mark": object{"type": "rule", "color": t.Muted, "strokeWidth": 1, "aria": false}, "encoding": object{
		"x":          p.across(),
		"strokeDash": object{"condition": object{"test": "datum.kind == 'break'", "value": []int{2, 3}}, "value": []int{1, 0}},
	}}
	label := object{"data": data, "mark": object{"type": "text", "align": "left", "baseline": "top", "dx": 4, "fontSize": footStyle.size, "color": t.Muted, "aria": false}, "encoding": object{
		"x": p.across(), "y": object{"field": "row", "type": "quantitative", "scale": nil}, "text": object{"field": "label", "type": "nominal"},
	}}
	return []any{rule, label}
}

// stagger puts labels that would touch on lines of their own.
func (p plane) stagger(rows []any) {
	var ends []float64 // where the last label of each line ends
	for _, r := range rows {
		row, _ := r.(object)
		at, _ := row["year"].(float64)
		label, _ := row["label"].(string)
		start := (at - float64(p.first)) / float64(p.last-p.first) * p.width
		line := 0
		for line < len(ends) && ends[line] > start {
			line++
		}
		if line == len(ends) {
			ends = append(ends, 0)
		}
		ends[line] = start + p.measure.Width(label, footStyle.size, false) + 10
		row["row"] = float64(line) * footStyle.height
	}
}
