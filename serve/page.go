//go:build duckdb_arrow

package serve

import (
	"bytes"
	"context"
	"embed"
	"encoding/xml"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"citystats/charts"
	"citystats/serve/live"
	"citystats/serve/news"
)

//go:embed templates
var templateFiles embed.FS

// templates are parsed once: a mistake in them stops every test and every start.
var templates = template.Must(template.New("").ParseFS(templateFiles, "templates/*.html"))

// page is one page for one reader: the release it is of and what was asked.
type page struct {
	*Server
	release *live.Release
	asked
}

// view is what the layout needs, and the body's own part.
type view struct {
	*page
	Title       string // of the window
	Description string // a sentence for search engines and previews
	Path        string // without language
	Picture     string // address of a picture for previews; empty for none
	PictureAlt  string
	OEmbed      string // address of the page's oEmbed; empty for none
	LD          any    // schema.org description
	Interactive bool   // charts may become interactive
	Body        any
}

// html writes a page.
func (p *page) html(name string, v view) ([]byte, error) {
	v.page = p
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, v); err != nil {
		return nil, fmt.Errorf("page %s: %w", name, err)
	}
	return b.Bytes(), nil
}

const htmlType = "text/html; charset=utf-8"

// say is one of two texts, in the page's language.
func (p *page) say(en, zh string) string {
	if p.lang == charts.Chinese {
		return zh
	}
	return en
}

// Say is say for templates.
func (p *page) Say(en, zh string) string { return p.say(en, zh) }

// pick is a text in the page's language.
func (p *page) pick(t news.Text) string { return p.say(t.EN, t.ZH) }

// Tongue is the page's language as HTML names it.
func (p *page) Tongue() string { return p.tongue() }

// Lang is the page's language as charts name it.
func (p *page) Lang() charts.Language { return p.lang }

// LangCode is the page's language as an address has it.
func (p *page) LangCode() string { return string(p.lang) }

// OtherLang is the language that the page links to.
func (p *page) OtherLang() string { return p.say("zh", "en") }

// Zh says whether the page is in Chinese.
func (p *page) Zh() bool { return p.lang == charts.Chinese }

// Release is the id of the release; empty when there is none.
func (p *page) Release() string {
	if p.release == nil {
		return ""
	}
	return p.release.ID
}

// AsOf is the day the release was built.
func (p *page) AsOf() string {
	if p.release == nil {
		return ""
	}
	return p.release.CreatedAt.UTC().Format(time.DateOnly)
}

// Asset is the address of a script or a style.
func (p *page) Asset(name string) string { return p.files.paths[name] }

// Address is the full address of a path.
func (p *page) Address(path string) string { return p.address(path) }

// Link is a path in the page's language.
func (p *page) Link(path string) string {
	if p.lang != charts.Chinese {
		return path
	}
	if strings.Contains(path, "?") {
		return path + "&lang=zh"
	}
	return path + "?lang=zh"
}

// langOnly is the query of a path that keeps nothing but the language.
func (p *page) langOnly() string { return asked{lang: p.lang}.query() }

// chartPath is the page of a chart as it was asked for.
func (p *page) chartPath(id string) string { return "/chart/" + id + p.query() }

// explainPath is where a figure is explained.
func (p *page) explainPath(region, indicator, period string) string {
	return "/explain" + asked{region: region, indicator: indicator, period: period, lang: p.lang}.query()
}

// explainID is where a row is explained, by its name.
func (p *page) explainID(id string) string {
	return "/explain" + asked{lang: p.lang, naming: naming{id: id}}.query()
}

// Here is the path and query of the page in a language.
func (v view) Here(lang string) string {
	a := v.asked
	a.lang = charts.Language(lang)
	return v.Path + a.query()
}

// Nav is what stands at the top of each page.
func (v view) Nav() []navItem {
	items := []navItem{
		{"/regions", v.say("Regions", "地区"), false},
		{"/indicators", v.say("Indicators", "指标"), false},
		{"/charts", v.say("Charts", "图表"), false},
		{"/claims", v.say("Claims", "论断"), false},
		{"/revisions", v.say("Revisions", "修订"), false},
		{"/sources", v.say("Sources", "来源"), false},
	}
	for i := range items {
		items[i].Here = items[i].Path == v.Path || strings.HasPrefix(v.Path, strings.TrimSuffix(items[i].Path, "s")+"/")
		items[i].Path = v.Link(items[i].Path)
	}
	return items
}

type navItem struct {
	Path, Name string
	Here       bool
}

// paged answers with a page of the live release.
func (s *Server) paged(route string, names []string, work func(ctx context.Context, p *page, subject string) ([]byte, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		a, err := s.inOne(r, names...)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		release, err := s.shelf.Live()
		if err != nil {
			s.fail(w, r, err)
			return
		}
		defer release.Done()
		p := &page{s, release, a}
		subject := r.PathValue("id")
		q := question{release: release.View(), embargo: s.embargo(), route: "page/" + route, subject: subject, asked: a}
		out, err := s.cache.get(r.Context(), q, func(ctx context.Context) (*answer, error) {
			defer s.meters.making("page")()
			body, err := work(ctx, p, subject)
			if err != nil {
				return nil, err
			}
			return newAnswer(body, htmlType, s.since(release))
		})
		if err != nil {
			s.fail(w, r, err)
			return
		}
		w.Header().Set("Content-Language", p.tongue())
		w.Header().Set("X-Release", release.ID)
		if route == "embed" {
			w.Header().Set("Content-Security-Policy", policy+"*")
		}
		send(w, r, out, forNow)
	}
}

// problemPage is a problem for people.
func (s *Server) problemPage(r *http.Request, problem Problem) ([]byte, error) {
	p := &page{Server: s, asked: asked{lang: charts.English}}
	if r.URL.Query().Get("lang") == string(charts.Chinese) {
		p.lang = charts.Chinese
	}
	return p.html("problem.html", view{Title: fmt.Sprintf("%d %s", problem.Status, problem.Title), Path: "/", Body: problem})
}

// escaped is text inside XML.
func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a builder takes everything
	return b.String()
}

// paths are the pages that a search engine should know.
func (p *page) paths(ctx context.Context) ([]string, error) {
	out := []string{"/", "/regions", "/indicators", "/charts", "/claims", "/revisions", "/sources"}
	for _, d := range p.visible() {
		out = append(out, "/chart/"+url.PathEscape(d.ID))
	}
	for prefix, query := range map[string]string{
		"/region/":    "SELECT DISTINCT region_code FROM preferred_observations ORDER BY 1",
		"/indicator/": "SELECT DISTINCT indicator FROM preferred_observations ORDER BY 1",
		"/claim/":     "SELECT id FROM claims ORDER BY position",
	} {
		found, err := p.release.Query(ctx, query)
		if err != nil {
			return nil, err
		}
		for _, r := range found.Rows {
			out = append(out, prefix+url.PathEscape(fmt.Sprint(r[0])))
		}
	}
	// Maps have no order, the answer has one.
	return sorted(out), nil
}
