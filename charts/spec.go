//go:build duckdb_arrow

package charts

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"citystats/charts/render"
)

// object is a part of a specification. Keys are written in alphabetical order, so
// that the same chart gives the same bytes.
type object = map[string]any

// schema is the version of Vega-Lite that specifications are written in.
const schema = "https://vega.github.io/schema/vega-lite/v6.json"

// Spec is the chart as a Vega-Lite specification with its data inside: the one
// definition that every picture of it is made from.
func (c *Chart) Spec(look Look, m Measure) ([]byte, error) {
	f := c.frame(look, m)
	var body object
	switch c.Kind {
	case Lines:
		body = c.lines(f)
	case Gaps:
		body = c.bars(f)
	case Ranking:
		body = c.ranked(f)
	case Multiples:
		body = c.multiples(f)
	case Revisions:
		body = c.dated(f)
	case Claims:
		body = c.readings(f)
	default:
		return nil, fmt.Errorf("chart %s: the kind %q cannot be drawn", c.ID, c.Kind)
	}
	body["$schema"] = schema
	body["description"] = c.Alt()
	body["background"] = look.Theme.Background
	body["config"] = f.config()
	body["usermeta"] = object{
		"chart": c.ID, "release": c.Release, "as_of": c.AsOf, "region": c.Region.Code, "source": c.SourceLine(),
		"licence": c.Licence(), "language": c.Language, "theme": look.Theme.ID,
		"embedOptions": object{"actions": false, "renderer": "svg"},
	}
	return json.Marshal(body)
}

// frame is where everything stands in a picture.
type frame struct {
	look                     Look
	language                 Language
	measure                  Measure
	headline, subtitle, foot []string
	notes                    []string // one text for each language
	source                   []string // lines
	width, height            float64  // of the plot
	left, right, top, bottom float64  // around it
}

const margin = 16

// frame lays the words around the plot out. The plot gets what is left of a
// picture of fixed height; otherwise the picture is as high as it must be.
func (c *Chart) frame(look Look, m Measure) *frame {
	f := &frame{look: look, language: c.Language, measure: m, left: margin, right: margin}
	across := float64(look.Size.Width) - 2*margin
	wrapped := func(text func(*Chart) string, s style) (lines []string) {
		for _, t := range c.each(text) {
			lines = append(lines, wrap(m, t, s, across)...)
		}
		return lines
	}
	for _, t := range c.each((*Chart).headline) {
		f.headline = append(f.headline, balanced(m, t, headlineStyle, across)...)
	}
	f.subtitle = wrapped((*Chart).subtitle, subtitleStyle)
	f.source = wrapped((*Chart).sourceLine, footStyle)
	f.notes = c.each(func(c *Chart) string { return strings.Join(c.notes(), Text{" ", ""}.In(c.Language)) })
	f.top = margin + float64(len(f.headline))*headlineStyle.height + float64(len(f.subtitle))*subtitleStyle.height + 14
	f.width, f.height = across, 300
	f.stand("")
	return f
}

// stand puts what stands in the foot together, with what must be said before the
// notes, and gives the plot what is left.
func (f *frame) stand(before string) {
	f.foot = nil
	said := before
	for _, text := range f.notes {
		f.foot = append(f.foot, wrap(f.measure, strings.TrimSpace(before+" "+text), footStyle, float64(f.look.Size.Width)-2*margin)...)
		before = ""
	}
	f.foot = append(f.foot, f.source...)
	f.bottom = axisRoom + float64(len(f.foot))*footStyle.height + margin
	if f.look.Size.Height == 0 {
		return
	}
	f.height = float64(f.look.Size.Height) - f.top - f.bottom
	elsewhere := Text{"Notes: see the chart's page.", "注释见图表页面。"}.In(f.language)
	if f.height < 0.45*float64(f.look.Size.Height) && !slices.Contains(f.notes, elsewhere) && strings.Join(f.notes, "") != "" {
		// A picture of fixed size keeps the source line, and says where the notes are
		// when they would take too much of it.
		f.notes = []string{elsewhere}
		f.stand(said)
	}
}

// axisRoom is what a horizontal axis takes between the plot and the foot.
const axisRoom = 34

// config is the dress that axes and texts wear.
func (f *frame) config() object {
	t := f.look.Theme
	return object{
		"font": render.Family,
		"view": object{"stroke": nil},
		"axis": object{
			"labelColor": t.Muted, "labelFontSize": labelStyle.size, "gridColor": t.Grid, "domain": false, "ticks": false,
			"title": nil, "labelPadding": 6, "labelOverlap": false,
		},
		"axisX": object{"grid": false, "domain": true, "domainColor": t.Muted, "ticks": true, "tickColor": t.Muted, "tickSize": 4},
		"text":  object{"fontSize": labelStyle.size, "color": t.Text},
	}
}

// whole is a specification of one plot with the words around it.
func (f *frame) whole(layers []any) object {
	return object{
		"width": f.width, "height": f.height, "autosize": object{"type": "none", "contains": "content"},
		"padding": object{"left": f.left, "right": f.right, "top": f.top, "bottom": f.bottom},
		"layer":   append(layers, f.words()...),
	}
}

// words are headline, subtitle and foot, at places outside of the plot.
func (f *frame) words() []any {
	t := f.look.Theme
	y := margin - f.top
	head := f.text(f.headline, headlineStyle, t.Text, -f.left+margin, y)
	y += float64(len(f.headline)) * headlineStyle.height
	sub := f.text(f.subtitle, subtitleStyle, t.Muted, -f.left+margin, y)
	foot := f.text(f.foot, footStyle, t.Muted, -f.left+margin, f.height+f.bottom-margin-float64(len(f.foot))*footStyle.height)
	return []any{head, sub, foot}
}

// text is a layer of lines of text at a place.
func (f *frame) text(lines []string, s style, colour string, x, y float64) object {
	weight := "normal"
	if s.bold {
		weight = "bold"
	}
	return object{
		"data": object{"values": []any{object{}}},
		"mark": object{
			"type": "text", "text": lines, "align": "left", "baseline": "top", "fontSize": s.size, "lineHeight": s.height,
			"fontWeight": weight, "color": colour, "aria": false,
		},
		"encoding": object{"x": object{"value": x}, "y": object{"value": y}},
	}
}

// axis is the vertical scale: where it begins and ends and what it names.
type axis struct {
	low, high float64
	ticks     []float64
	log       bool
	labels    float64 // width of the widest label
	decimals  int
}

func (f *frame) axis(low, high float64, log bool) axis {
	a := axis{log: log}
	if log {
		a.ticks = logTicks(low, high)
	} else {
		a.ticks = ticks(low, high, max(3, int(f.height/55)))
	}
	a.low, a.high = a.ticks[0], a.ticks[len(a.ticks)-1]
	a.decimals = digits(a.ticks)
	for _, t := range a.ticks {
		a.labels = max(a.labels, f.measure.Width(grouped(t, a.decimals), labelStyle.size, false))
	}
	return a
}

// at is where a value stands in the plot, in pixels from its top.
func (a axis) at(v, height float64) float64 {
	if a.log {
		return height * (1 - math.Log(v/a.low)/math.Log(a.high/a.low))
	}
	return height * (1 - (v-a.low)/(a.high-a.low))
}

// channel is the vertical channel of a layer.
func (a axis) channel(field string) object {
	scale := object{"domain": []float64{a.low, a.high}, "nice": false}
	if a.log {
		scale["type"] = "log"
	} else {
		scale["zero"] = false
	}
	return object{
		"field": field, "type": "quantitative", "scale": scale,
		"axis": object{"values": a.ticks, "format": fmt.Sprintf(",.%df", a.decimals), "title": nil},
	}
}

// layer is one layer of a plot.
func layer(dataset, filter string, mark, encoding object) object {
	out := object{"data": object{"name": dataset}, "mark": mark, "encoding": encoding}
	if filter != "" {
		out["transform"] = []any{object{"filter": filter}}
	}
	return out
}
