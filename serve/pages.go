//go:build duckdb_arrow

package serve

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"citystats/charts"
	"citystats/data"
	"citystats/serve/news"
	"citystats/serve/rows"
)

// home is the region that the first page is about, and what it is compared with.
const home = "340100"

// pages adds the pages.
func (s *Server) pages(mux *http.ServeMux) {
	for _, p := range []struct {
		path, route string
		names       []string
		work        func(context.Context, *page, string) ([]byte, error)
	}{
		{"/{$}", "home", nil, glance},
		{"/regions", "regions", nil, listRegions},
		{"/region/{id}", "region", []string{"benchmark", "indicator"}, aboutRegion},
		{"/indicators", "indicators", nil, listIndicators},
		{"/indicator/{id}", "indicator", []string{"benchmark"}, aboutIndicator},
		{"/charts", "charts", []string{"region"}, listCharts},
		{"/chart/{id}", "chart", []string{"region", "benchmark", "as_of"}, aboutChart},
		{"/embed/{id}", "embed", []string{"region", "benchmark", "as_of"}, embedded},
		{"/claims", "claims", nil, listClaims},
		{"/claim/{id}", "claim", nil, aboutClaim},
		{"/revisions", "revisions", []string{"type"}, listRevisions},
		{"/sources", "sources", nil, listSources},
		{"/explain", "explain", explainParameters, explain},
	} {
		mux.HandleFunc("GET "+p.path, s.paged(p.route, p.names, p.work))
	}
	mux.HandleFunc("GET /picture/{file}", s.picture)
}

// place is a region with its names.
func (p *page) place(code string) (data.Region, bool) {
	i := slices.IndexFunc(p.Catalog.Regions, func(r data.Region) bool { return r.Code == code })
	if i < 0 {
		return data.Region{}, false
	}
	return p.Catalog.Regions[i], true
}

// regionName is what a region is called on the page.
func (p *page) regionName(code string) string {
	r, ok := p.place(code)
	if !ok {
		return code
	}
	return p.say(r.NameEN, r.NameZH)
}

// measure is an indicator with its names.
func (p *page) measure(id string) (data.Indicator, bool) {
	i := slices.IndexFunc(p.Catalog.Indicators, func(r data.Indicator) bool { return r.ID == id })
	if i < 0 {
		return data.Indicator{}, false
	}
	return p.Catalog.Indicators[i], true
}

func (p *page) measureName(id string) string {
	m, ok := p.measure(id)
	if !ok {
		return id
	}
	return p.say(m.TitleEN, m.TitleZH)
}

// benchmarkName is what a benchmark is called on the page.
func (p *page) benchmarkName(id string) string {
	for _, b := range p.Catalog.Benchmarks {
		if b.ID == id {
			return p.say(b.NameEN, b.NameZH)
		}
	}
	return id
}

// option is an entry of a picker.
type option struct {
	Value, Name string
	Chosen      bool
}

// picker lets a reader choose, with and without scripts: what is chosen stands in
// the address.
type picker struct {
	Action  string
	Hidden  []option // what else the address says
	Selects []choice
}

type choice struct {
	Name, Label string
	Options     []option
}

// benchmarkChoice lists the benchmarks.
func (p *page) benchmarkChoice(chosen string) choice {
	out := choice{Name: "benchmark", Label: p.say("Compared with", "比较对象")}
	for _, b := range p.Catalog.Benchmarks {
		out.Options = append(out.Options, option{b.ID, p.say(b.NameEN, b.NameZH), b.ID == chosen})
	}
	return out
}

// regionChoice lists the regions that have figures, of one indicator or of any.
func (p *page) regionChoice(ctx context.Context, indicator, chosen string) (choice, error) {
	out := choice{Name: "region", Label: p.say("Region", "地区")}
	found, err := p.release.Query(ctx, "SELECT DISTINCT region_code FROM preferred_observations WHERE (indicator = ? OR ? = '') AND frequency = 'A'", indicator, indicator)
	if err != nil {
		return out, err
	}
	for _, r := range found.Rows {
		code, _ := r[0].(string)
		out.Options = append(out.Options, option{code, p.regionName(code), code == chosen})
	}
	slices.SortFunc(out.Options, func(a, b option) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Value, b.Value))
	})
	return out, nil
}

// keepLanguage keeps a form's answer in the page's language.
func (p *page) keepLanguage() []option {
	if p.Zh() {
		return []option{{"lang", "zh", false}}
	}
	return nil
}

// tile is a figure that stands large on the first page.
type tile struct {
	Label, Value, Against, Gap, Link, Compared, Status string
}

// gallery is charts side by side.
type gallery struct {
	*page
	Pictures []picture
}

// glance is the first page.
func glance(ctx context.Context, p *page, _ string) ([]byte, error) {
	found, err := rows.Ask(ctx, p.release, `SELECT a.*, i.decimals, u.symbol_en, u.symbol_zh, b.name_en AS benchmark_en, b.name_zh AS benchmark_zh, q.reason_zh
FROM article_comparison AS a JOIN indicators AS i ON i.id = a.indicator JOIN units AS u ON u.id = a.unit JOIN benchmarks AS b ON b.id = a.benchmark
LEFT JOIN benchmark_pairs AS q ON q.benchmark = a.benchmark AND q.indicator = a.indicator
WHERE a.region_code = ? ORDER BY a.position`, home)
	if err != nil {
		return nil, err
	}
	var defs []charts.Definition
	for _, d := range p.visible() {
		if d.Region == home && slices.Contains([]charts.Kind{charts.Lines, charts.Gaps, charts.Ranking}, d.Kind) {
			defs = append(defs, d)
		}
	}
	pictures, err := p.pictures(ctx, defs, asked{lang: p.lang})
	if err != nil {
		return nil, err
	}
	claims, err := p.claims(ctx)
	if err != nil {
		return nil, err
	}
	title := p.say("Hefei against China, at a glance", "合肥与全国：一览")
	v := view{
		Title: title, Path: "/", Interactive: true, Picture: p.address("/charts/income.social.png" + p.langOnly()), LD: p.dataset(title, "/", nil, ""),
		Description: p.say("What is known of Hefei's growth, incomes and industries beside China's, each figure with its source.", "合肥与全国的增长、收入与产业对比，每个数据都有出处。"),
		Body: struct {
			Tiles       []tile
			Table       grid
			First, Rest gallery
			Claims      []claimLine
		}{p.tiles(found), p.articleTable(found), gallery{p, pictures[:min(2, len(pictures))]}, gallery{p, pictures[min(2, len(pictures)):]}, claims},
	}
	if len(pictures) > 0 {
		v.PictureAlt = pictures[0].Alt()
	}
	return p.html("home.html", v)
}

// tiles are the last row with a figure of each indicator, context left out.
func (p *page) tiles(all []rows.Row) []tile {
	last := map[string]rows.Row{}
	var order []string
	for _, r := range all {
		id := r.Text("indicator")
		if r.Get("value") == nil || r.Text("relation") == "not_like_for_like" {
			continue
		}
		if _, ok := last[id]; !ok {
			order = append(order, id)
		}
		last[id] = r
	}
	var out []tile
	for _, id := range order {
		r := last[id]
		symbol := news.Text{EN: r.Text("symbol_en"), ZH: r.Text("symbol_zh")}
		decimals := r.Whole("decimals")
		if r.Text("kind") == "growth" {
			decimals = 2
		}
		t := tile{
			Label: p.say(r.Text("label"), r.Text("label_zh")), Value: p.amount(r.Number("value"), r.Text("qualifier"), decimals, symbol),
			Link: p.explainOwn(r), Status: p.standing(r.Text("obs_status"), r.Text("confidence")),
		}
		if b := r.Number("benchmark_value"); b != nil {
			t.Against = p.benchmarkRegion(r) + " " + p.amount(b, r.Text("benchmark_qualifier"), decimals, symbol)
			t.Gap, t.Compared = p.gap(r), p.explainRow(r)
		}
		out = append(out, t)
	}
	return out
}

// benchmarkRegion is whose figure stands beside the region's.
func (p *page) benchmarkRegion(r rows.Row) string {
	name := p.regionName(r.Text("benchmark_region"))
	if r.Text("benchmark_region") == "" {
		name = p.benchmarkName(r.Text("benchmark"))
	}
	if r.Text("benchmark") == "national_urban" {
		name = p.say("urban ", "") + name + p.say("", "城镇")
	}
	return name
}

// explainRow is where a comparison is explained. An average over years is explained
// year by year.
func (p *page) explainRow(r rows.Row) string {
	a := ofRow(r)
	a.lang, a.benchmark = p.lang, r.Text("benchmark")
	return "/explain" + a.query()
}

// explainOwn is where the region's own figure of a comparison is explained.
func (p *page) explainOwn(r rows.Row) string {
	a := ofRow(r)
	a.lang = p.lang
	return "/explain" + a.query()
}

// ofRow names the figure of a row.
func ofRow(r rows.Row) asked {
	if window := r.Text("window_id"); window != "" {
		return asked{region: r.Text("region_code"), naming: naming{window: window}}
	}
	return asked{region: r.Text("region_code"), indicator: r.Text("indicator"), period: r.Text("time_period")}
}

// articleTable is the comparison that the article made, row by row.
func (p *page) articleTable(all []rows.Row) grid {
	g := grid{Caption: p.say("The article's comparison, from the figures of this release", "文章所作比较（本版数据）"), Heads: []head{
		{p.say("What", "项目"), false}, {p.regionName(home), true}, {p.say("Beside it", "对比"), true}, {p.say("Gap", "差距"), true},
	}}
	for _, r := range all {
		symbol := news.Text{EN: r.Text("symbol_en"), ZH: r.Text("symbol_zh")}
		decimals := r.Whole("decimals")
		if r.Text("kind") == "growth" {
			decimals = 2
		}
		other := cell{Text: none, Number: true}
		if b := r.Number("benchmark_value"); b != nil {
			other = numeric(p.amount(b, r.Text("benchmark_qualifier"), decimals, symbol), "", p.benchmarkRegion(r))
			other.Link = p.explainRow(r)
		}
		g.Rows = append(g.Rows, []cell{
			{Text: p.say(r.Text("label"), r.Text("label_zh")), Head: true, Note: p.mind(r)},
			numeric(p.amount(r.Number("value"), r.Text("qualifier"), decimals, symbol), p.explainOwn(r), p.standing(r.Text("obs_status"), r.Text("confidence"))),
			other,
			numeric(p.gap(r), p.explainRow(r), ""),
		})
	}
	return g
}

// mind is what must be kept in mind about a comparison.
func (p *page) mind(r rows.Row) string {
	var out []string
	switch r.Text("relation") {
	case "not_like_for_like":
		out = append(out, p.say("Not like for like: ", "口径不同：")+p.say(r.Text("reason"), cmp.Or(r.Text("reason_zh"), r.Text("reason"))))
	case "context":
		out = append(out, p.say("Another measure: ", "另一指标：")+p.say(r.Text("reason"), cmp.Or(r.Text("reason_zh"), r.Text("reason"))))
	}
	if n := r.Whole("years_missing"); n > 0 {
		out = append(out, decimal(float64(n), 0)+p.say(" years have no published rate", "个年份无公布增速"))
	}
	if low, high := r.Number("average_low"), r.Number("average_high"); low != nil && high != nil {
		out = append(out, p.say("rounding of the published rates leaves ", "公布值取整后介于")+decimal(*low, 2)+"–"+decimal(*high, 2))
	}
	return strings.Join(out, p.say("; ", "；"))
}
