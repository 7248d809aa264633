//go:build duckdb_arrow

package serve

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"citystats/charts"
	"citystats/internal/fault"
)

// datawrapper answers /dw/{chart}.csv with the figures and /dw/{chart}.json with the
// words.
func (s *Server) datawrapper(w http.ResponseWriter, r *http.Request) {
	id, words := strings.CutSuffix(r.PathValue("file"), ".json")
	if !words {
		s.table(w, r)
		return
	}
	d, err := s.chart(id)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	a, err := s.asks(r, chartParameters...)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.ofChartToo(w, r, "dw", d, ofChart(d, a), jsonType, func(_ context.Context, p *page, c *charts.Chart) ([]byte, error) {
		return indented(p.datawrapperWords(c))
	})
}

// datawrapperWords are the keys that Datawrapper is to change, and no others: a
// section that is sent replaces the whole section, and what is sent cannot be edited
// there any more.
func (p *page) datawrapperWords(c *charts.Chart) any {
	// Datawrapper writes "Source" itself.
	named := c.SourceLine()
	for _, label := range []string{"Source: ", "Sources: ", "资料来源："} {
		named = strings.TrimPrefix(named, label)
	}
	return map[string]any{
		"title": c.Headline(),
		"describe": map[string]any{
			"intro": c.Subtitle(), "source-name": named, "source-url": p.address(p.chartPath(c.ID)), "aria-description": c.Alt(),
		},
		"annotate": map[string]any{"notes": strings.Join(c.Notes(), " ")},
	}
}

// table answers with a chart's CSV at an address that a tool is given.
func (s *Server) table(w http.ResponseWriter, r *http.Request) {
	id, ok := strings.CutSuffix(r.PathValue("file"), ".csv")
	if !ok {
		s.fail(w, r, notFound("end it in .csv", "%q is no table", r.PathValue("file")))
		return
	}
	d, err := s.chart(id)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	f, err := charts.FormatOf("csv")
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.sendChart(w, r, d, f)
}

// ofChartToo makes an answer about one chart of the live release.
func (s *Server) ofChartToo(w http.ResponseWriter, r *http.Request, route string, d charts.Definition, a asked, media string, work func(context.Context, *page, *charts.Chart) ([]byte, error)) {
	release, err := s.shelf.Live()
	if err != nil {
		s.fail(w, r, err)
		return
	}
	defer release.Done()
	out, err := s.cache.get(r.Context(), question{release: release.View(), embargo: s.embargo(), route: route, subject: d.ID, asked: a}, func(ctx context.Context) (*answer, error) {
		defer s.meters.making(route)()
		c, err := resolve(ctx, release, d, a)
		if err != nil {
			return nil, err
		}
		body, err := work(ctx, &page{Server: s, release: release, asked: a}, c)
		if err != nil {
			return nil, err
		}
		return newAnswer(body, media, s.since(release))
	})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("X-Release", release.ID)
	send(w, r, out, forNow)
}

// How large an embedded chart is before it says so itself.
const (
	embedWidth  = 696
	embedHeight = 560
)

// oembed answers for the page of a chart, as oEmbed 1.0 has it.
func (s *Server) oembed(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if f := q.Get("format"); f != "" && f != "json" {
		s.refuse(w, r, Problem{"about:blank", http.StatusText(http.StatusNotImplemented), http.StatusNotImplemented, "only json is answered", "leave format out", r.URL.Path})
		return
	}
	d, a, err := s.embeddable(q.Get("url"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	size := [2]int{embedWidth, embedHeight}
	for i, name := range []string{"maxwidth", "maxheight"} {
		v := q.Get(name)
		if v == "" {
			continue
		}
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 {
			s.fail(w, r, fault.New(fault.Usage, "", "write a number of pixels", "%s is %q", name, v))
			return
		}
		size[i] = min(size[i], n)
	}
	// The sizes are part of the question, and there are only so many.
	s.ofChartToo(w, r, "oembed/"+strconv.Itoa(size[0])+"x"+strconv.Itoa(size[1]), d, ofChart(d, a), jsonType, func(_ context.Context, p *page, c *charts.Chart) ([]byte, error) {
		return indented(p.oembedOf(c, size))
	})
}

// embeddable finds the chart that an address of this site is the page of.
func (s *Server) embeddable(address string) (charts.Definition, asked, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != s.base.Scheme || u.Host != s.base.Host {
		return charts.Definition{}, asked{}, notFound("give the address of a chart's page on this site", "the address is not of this site")
	}
	id, ok := strings.CutPrefix(u.Path, "/chart/")
	if !ok {
		id, ok = strings.CutPrefix(u.Path, "/embed/")
	}
	if !ok {
		return charts.Definition{}, asked{}, notFound("give the address of a chart's page on this site", "%s is not the page of a chart", u.Path)
	}
	d, err := s.chart(id)
	if err != nil {
		return d, asked{}, err
	}
	a, err := s.asks(&http.Request{URL: u}, chartParameters...)
	return d, a, err
}

func (p *page) oembedOf(c *charts.Chart, size [2]int) any {
	q := p.query()
	return map[string]any{
		"version": "1.0", "type": "rich", "title": c.Headline(), "width": size[0], "height": size[1],
		"provider_name": "citystats", "provider_url": p.address("/"), "author_name": "citystats", "cache_age": 300,
		"thumbnail_url": p.address("/charts/" + c.ID + ".social.png" + q), "thumbnail_width": 1200, "thumbnail_height": 630,
		"html": p.frame(c, size[1]),
	}
}

// sitemap lists every page in both languages.
func (s *Server) sitemap(w http.ResponseWriter, r *http.Request) {
	s.known(w, r, "sitemap", "application/xml; charset=utf-8", asked{}, func(ctx context.Context, p *page) ([]byte, error) {
		paths, err := p.paths(ctx)
		if err != nil {
			return nil, err
		}
		var b strings.Builder
		b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">` + "\n")
		changed := p.release.CreatedAt.UTC().Format("2006-01-02")
		for _, path := range paths {
			for _, l := range []string{"", "?lang=zh"} {
				b.WriteString("<url><loc>" + escaped(p.address(path+l)) + "</loc><lastmod>" + changed + "</lastmod>" +
					`<xhtml:link rel="alternate" hreflang="en" href="` + escaped(p.address(path)) + `"/>` +
					`<xhtml:link rel="alternate" hreflang="zh-Hans" href="` + escaped(p.address(path+"?lang=zh")) + `"/></url>` + "\n")
			}
		}
		b.WriteString("</urlset>\n")
		return []byte(b.String()), nil
	})
}

// robots tells robots where the pages are, and leaves out what is made for each
// question anew.
func (s *Server) robots(w http.ResponseWriter, r *http.Request) {
	a, err := newAnswer([]byte("User-agent: *\nDisallow: /v/\nDisallow: /explain\nDisallow: /download/\nAllow: /\nSitemap: "+s.address("/sitemap.xml")+"\n"), "text/plain; charset=utf-8", time.Time{})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	send(w, r, a, forNow)
}
