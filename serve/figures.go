//go:build duckdb_arrow

package serve

import (
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"citystats/charts"
	"citystats/internal/fault"
)

// frames are the sizes of pictures that pages show: for phones and for cards, where
// the text of the standard one would be too small. They are no files of the chart:
// they are the pages' business.
var frames = map[string]charts.Size{"narrow": {ID: "narrow", Width: 400}, "card": {ID: "card", Width: 560}}

// pictureOf reads a name like income.narrow.dark.svg.
func pictureOf(name string) (id string, look charts.Look, spec, ok bool) {
	id, rest, _ := strings.Cut(name, ".")
	size, rest, _ := strings.Cut(rest, ".")
	look = charts.Look{Theme: charts.Light}
	look.Size, ok = frames[size]
	if after, dark := strings.CutPrefix(rest, "dark."); dark {
		look.Theme, rest = charts.Dark, after
	}
	return id, look, rest == "vl.json", ok && (rest == "svg" || rest == "vl.json")
}

// picture answers /picture/{file}.
func (s *Server) picture(w http.ResponseWriter, r *http.Request) {
	id, look, isSpec, ok := pictureOf(r.PathValue("file"))
	if !ok {
		s.fail(w, r, notFound("see /charts for the files of a chart", "there is no picture %q", r.PathValue("file")))
		return
	}
	d, err := s.chart(id)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	a, err := s.asks(r, "region", "benchmark", "lang", "as_of")
	if err != nil {
		s.fail(w, r, err)
		return
	}
	media := "image/svg+xml"
	if isSpec {
		media = jsonType
	} else {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox")
	}
	s.ofChartToo(w, r, "picture/"+r.PathValue("file"), d, ofChart(d, a), media, func(ctx context.Context, _ *page, c *charts.Chart) ([]byte, error) {
		spec, err := c.Spec(look, s.renderer.Fonts())
		if err != nil || isSpec {
			return spec, err
		}
		return s.renderer.SVG(ctx, spec)
	})
}

// picture is a chart as a page shows it.
type picture struct {
	*charts.Chart
	query         string
	Width, Height int
	First         bool // it is in the first view
	Card          bool // it stands beside another
}

// pictured makes a picture of a resolved chart.
func (p *page) pictured(c *charts.Chart, a asked, size charts.Size) picture {
	a.mark, a.period, a.indicator = false, "", ""
	out := picture{Chart: c, query: a.query(), Width: size.Width, Height: size.Width * 3 / 4, Card: size == frames["card"]}
	spec, err := c.Spec(charts.Look{Theme: charts.Light, Size: size}, p.renderer.Fonts())
	if err != nil {
		return out
	}
	// The frame is in the specification where the picture is one plot; it keeps the page from moving.
	var frame struct {
		Height  float64 `json:"height"`
		Padding struct{ Top, Bottom float64 }
	}
	if json.Unmarshal(spec, &frame) == nil && frame.Height > 0 {
		out.Height = int(frame.Height + frame.Padding.Top + frame.Padding.Bottom)
	}
	return out
}

// File is the address of a file of the chart.
func (c picture) File(ending string) string { return "/charts/" + c.ID + "." + ending + c.query }

// Small is the address of a picture for phones.
func (c picture) Small(ending string) string {
	return "/picture/" + c.ID + ".narrow." + ending + c.query
}

// Wide is the address of a picture where there is room.
func (c picture) Wide(ending string) string {
	if c.Card {
		return "/picture/" + c.ID + ".card." + ending + c.query
	}
	return c.File(ending)
}

// Page is the chart's own page.
func (c picture) Page() string { return "/chart/" + c.ID + c.query }

// pictures resolves those of some charts that have figures for what is asked.
func (p *page) pictures(ctx context.Context, defs []charts.Definition, a asked) ([]picture, error) {
	var out []picture
	for _, d := range defs {
		own := ofChart(d, a)
		c, err := resolve(ctx, p.release, d, own)
		if fault.KindOf(err) == fault.Usage {
			continue // it has no figure of this region
		}
		if err != nil {
			return nil, err
		}
		out = append(out, p.pictured(c, own, frames["card"]))
	}
	if len(out) > 0 {
		out[0].First = true
	}
	return out, nil
}

// frame is the HTML that embeds a chart elsewhere.
func (p *page) frame(c *charts.Chart, height int) string {
	return fmt.Sprintf(`<iframe src="%s" title="%s" data-citystats width="100%%" height="%d" frameborder="0" scrolling="no" loading="lazy"></iframe><script src="%s" defer></script>`,
		template.HTMLEscapeString(p.address("/embed/"+url.PathEscape(c.ID)+p.query())), template.HTMLEscapeString(c.Headline()), height, template.HTMLEscapeString(p.address("/embed.js")))
}

// grid is a table of a page.
type grid struct {
	Caption string
	Heads   []head
	Rows    [][]cell
}

// Wide says whether the table is too wide for a phone, where each row then stands as a
// list.
func (g grid) Wide() bool { return len(g.Heads) > 4 }

type head struct {
	Text   string
	Number bool
}

// cell is a cell of a page's table: text, what it links to, what stands small under
// it, how it looks, and more of the same below.
type cell struct {
	Text, Link, Note, Class string
	Number, Head            bool
	More                    []cell
}

func text(s string) cell { return cell{Text: s} }

func linked(s, link string) cell { return cell{Text: s, Link: link} }

// numeric is a figure that links to its explanation; one that is missing has none.
func numeric(s, explain, note string) cell {
	c := cell{Text: s, Link: explain, Note: note, Number: true, Class: "figure"}
	if s == none {
		c.Link = ""
	}
	return c
}
