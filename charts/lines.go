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
				"line": fmt.Sprintf("%s %d", s.Key, p.Segment), "status": p.Status, "qualifier": p.Qualifier, "alone": s.alone(p),
				"shown": amount(p, c.Decimals, s.Unit, l) + statusWord(p, l),
			})
		}
	}
	return out
}

// alone says whether a point is joined to no other, so that no line shows it.
func (s *Series) alone(p Point) bool {
	n := 0
	for _, q := range s.Points {
		if q.Segment == p.Segment {
			n++
		}
	}
	return n == 1
}

// prospects are the steps from what is known to what is only expected, each as two
// rows of the specification.
func (c *Chart) prospects() []any {
	var out []any
	for _, s := range c.Series {
		for i := 1; i < len(s.Points); i++ {
			from, to := s.Points[i-1], s.Points[i]
			if to.Status != "F" || to.Basis != from.Basis || to.Start.Year() != from.Start.Year()+1 {
				continue
			}
			for _, p := range []Point{from, to} {
				out = append(out, object{"role": s.Role, "year": p.Start.Year(), "value": p.Value, "line": s.Key + " " + to.Period})
			}
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
	occasions   []any // rows of their dataset
}

// across is the horizontal channel.
func (p plane) across() object {
	return p.between(float64(p.first), float64(p.last))
}

// between is the horizontal channel from one place to another, with the years that
// are drawn as its names.
func (p plane) between(from, to float64) object {
	return object{
		"field": "year", "type": "quantitative",
		"scale": object{"domain": []float64{from, to}, "nice": false, "zero": false},
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
	if c.Growth || low > 0 && low < 0.4*high && c.Index == 0 && !c.Log {
		low, high = min(low, 0), max(high, 0) // what begins near nothing is drawn from nothing
	}
	p := plane{frame: f, first: first, last: max(last, first+1), y: f.axis(low, high, c.Log)}
	names := c.names()
	f.left += p.y.labels + 6
	for _, name := range names {
		f.right = max(f.right, margin+10+f.measure.Width(name, labelStyle.size, true))
	}
	f.width = float64(f.look.Size.Width) - f.left - f.right
	layers := c.occasions(&p)
	if low < 0 {
		layers = append(layers, p.zero())
	}
	for _, role := range []Role{Peer, Context, Bench, Focus} {
		if c.of(role) != nil {
			layers = append(layers, p.line(role))
		}
	}
	data := object{"figures": c.figures(), "occasions": p.occasions}
	if p.occasions == nil {
		delete(data, "occasions")
	}
	if expected := c.prospects(); len(expected) > 0 {
		data["expected"] = expected
		layers = append(layers, p.expected())
	}
	for _, role := range []Role{Peer, Context, Bench, Focus} {
		if c.of(role) != nil {
			layers = append(layers, p.points(role))
		}
	}
	layers = append(layers, c.endLabels(p, names))
	body := f.whole(layers)
	body["datasets"] = data
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

// zero is the line between growth and decline.
func (p plane) zero() object {
	return object{
		"data": object{"values": []any{object{}}}, "mark": object{"type": "rule", "color": p.look.Theme.Muted, "aria": false},
		"encoding": object{"y": object{"datum": 0, "type": "quantitative", "scale": object{"domain": []float64{p.y.low, p.y.high}, "nice": false}}},
	}
}

// expected are thin dashes to what is only expected.
func (p plane) expected() object {
	return layer("expected", "", object{"type": "line", "strokeWidth": 1.2, "strokeDash": []int{3, 4}, "aria": false}, object{
		"x": p.across(), "y": p.y.channel("value"), "detail": object{"field": "line", "type": "nominal"}, "stroke": p.look.Theme.byRole(),
	})
}

// points are the figures of a role: filled when settled, hollow when provisional,
// derived or expected, and a triangle when the number is a bound. Of peers only
// those that no line shows.
func (p plane) points(r Role) object {
	l := p.language
	colour := p.look.Theme.colour(r)
	filter, size := fmt.Sprintf("datum.role == '%s'", r), 34
	if r == Peer {
		filter, size = filter+" && datum.alone", 10
	}
	return layer("figures", filter,
		object{"type": "point", "size": size, "strokeWidth": 1.6, "stroke": colour, "opacity": 1},
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
