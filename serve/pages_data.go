//go:build duckdb_arrow

package serve

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"citystats/charts"
	"citystats/data"
	"citystats/serve/news"
	"citystats/serve/rows"
)

// listing is a page that is one table with words above it.
type listing struct {
	Lead  string
	Table grid
	Feeds []feedLink
	Picks *picker
	Cards []chartCard
}

func listRegions(ctx context.Context, p *page, _ string) ([]byte, error) {
	found, err := rows.Ask(ctx, p.release, `SELECT g.code, g.level, g.parent, count(*) AS figures, count(DISTINCT o.indicator) AS indicators, max(o.time_period) FILTER (WHERE o.frequency = 'A' AND o.standing = 3) AS latest
FROM preferred_observations AS o JOIN regions AS g ON g.code = o.region_code GROUP BY g.code, g.level, g.parent ORDER BY CASE g.level WHEN 'country' THEN 1 WHEN 'province' THEN 2 ELSE 3 END, g.code`)
	if err != nil {
		return nil, err
	}
	g := grid{Heads: []head{{p.say("Region", "地区"), false}, {p.say("Belongs to", "所属"), false}, {p.say("Indicators", "指标数"), true}, {p.say("Figures", "数据数"), true}, {p.say("Latest year", "最新年份"), true}}}
	for _, r := range found {
		code := r.Text("code")
		name := linked(p.regionName(code), p.Link("/region/"+code))
		name.Head = true
		g.Rows = append(g.Rows, []cell{name, text(p.regionName(r.Text("parent"))), {Text: decimal(float64(r.Whole("indicators")), 0), Number: true}, {Text: decimal(float64(r.Whole("figures")), 0), Number: true}, {Text: r.Text("latest"), Number: true}})
	}
	title := p.say("Regions", "地区")
	return p.html("list.html", view{Title: title, Path: "/regions", Description: p.say("Regions with figures in this release.", "本版中有数据的地区。"), Body: listing{Table: g}})
}

func listIndicators(ctx context.Context, p *page, _ string) ([]byte, error) {
	found, err := rows.Ask(ctx, p.release, `SELECT i.id, i.definition_en, i.definition_zh, u.name_en, u.name_zh, count(DISTINCT o.region_code) AS regions, min(o.time_period) AS first, max(o.time_period) AS last
FROM indicators AS i JOIN units AS u ON u.id = i.unit JOIN preferred_observations AS o ON o.indicator = i.id GROUP BY i.id, i.definition_en, i.definition_zh, u.name_en, u.name_zh`)
	if err != nil {
		return nil, err
	}
	p.byIndicator(found, "id")
	g := grid{Heads: []head{{p.say("Indicator", "指标"), false}, {p.say("What it is", "含义"), false}, {p.say("Unit", "单位"), false}, {p.say("Regions", "地区数"), true}, {p.say("Periods", "时期"), false}}}
	for _, r := range found {
		id := r.Text("id")
		name := linked(p.measureName(id), p.Link("/indicator/"+id))
		name.Head = true
		g.Rows = append(g.Rows, []cell{
			name, text(p.say(r.Text("definition_en"), r.Text("definition_zh"))), text(p.say(r.Text("name_en"), r.Text("name_zh"))),
			{Text: decimal(float64(r.Whole("regions")), 0), Number: true},
			text(ends(r.Text("first"), r.Text("last"))),
		})
	}
	return p.html("list.html", view{Title: p.say("Indicators", "指标"), Path: "/indicators", Description: p.say("What is measured, in which unit, and for how many regions.", "指标含义、单位与覆盖地区。"), Body: listing{Table: g}})
}

// ends is a range of periods.
func ends(first, last string) string {
	if first == last {
		return span(first)
	}
	return span(first) + " – " + span(last)
}

// byIndicator puts rows in the order in which the definitions list indicators.
func (p *page) byIndicator(all []rows.Row, column string) {
	place := func(r rows.Row) int {
		return slices.IndexFunc(p.Catalog.Indicators, func(i data.Indicator) bool { return i.ID == r.Text(column) })
	}
	slices.SortStableFunc(all, func(a, b rows.Row) int { return cmp.Compare(place(a), place(b)) })
}

// latest are the figures of a region or of an indicator that were measured last,
// each beside the benchmark's of the same period.
const latest = `SELECT o.*, c.benchmark, c.benchmark_value, c.benchmark_qualifier, c.benchmark_region, c.gap, c.gap_percent, c.relation, c.reason, q.reason_zh,
	i.decimals, u.symbol_en, u.symbol_zh
FROM (
	SELECT *, row_number() OVER (PARTITION BY region_code, indicator ORDER BY CASE WHEN standing = 3 THEN 1 ELSE 2 END, period_start DESC, time_period) AS place
	FROM preferred_observations WHERE frequency = 'A' AND %s = ?
) AS o
JOIN indicators AS i ON i.id = o.indicator JOIN units AS u ON u.id = i.unit
LEFT JOIN comparisons AS c ON c.region_code = o.region_code AND c.indicator = o.indicator AND c.frequency = o.frequency AND c.time_period = o.time_period AND c.benchmark = ?
LEFT JOIN benchmark_pairs AS q ON q.benchmark = c.benchmark AND q.indicator = c.indicator
WHERE o.place = 1 ORDER BY o.value DESC, o.region_code, o.indicator`

// compared are the cells of a figure beside a benchmark's: period, figure, other, gap, mind.
func (p *page) compared(r rows.Row) []cell {
	symbol := news.Text{EN: r.Text("symbol_en"), ZH: r.Text("symbol_zh")}
	explain := p.explainPath(r.Text("region_code"), r.Text("indicator"), r.Text("time_period"))
	other := cell{Text: none, Number: true}
	if b := r.Number("benchmark_value"); b != nil && r.Text("relation") != "context" {
		other = numeric(p.amount(b, r.Text("benchmark_qualifier"), r.Whole("decimals"), symbol), p.explainRow(r), "")
	}
	gap := cell{Text: none, Number: true}
	if r.Get("gap") != nil {
		gap = numeric(p.gap(r), p.explainRow(r), "")
	}
	return []cell{
		text(span(r.Text("time_period"))),
		numeric(p.amount(r.Number("value"), r.Text("qualifier"), r.Whole("decimals"), symbol), explain, p.standing(r.Text("obs_status"), r.Text("confidence"))),
		other, gap, text(p.mind(r)),
	}
}

func (p *page) comparedHeads(first, benchmark string) []head {
	return []head{{first, false}, {p.say("Period", "时期"), false}, {p.say("Figure", "数据"), true}, {p.benchmarkName(benchmark), true}, {p.say("Gap", "差距"), true}, {p.say("Note", "说明"), false}}
}

func aboutRegion(ctx context.Context, p *page, code string) ([]byte, error) {
	if known, err := p.regions.Find(code); err == nil {
		code = known // a name is as good as a code
	}
	region, ok := p.place(code)
	if !ok {
		return nil, notFound("see /regions", "there is no region %q", code)
	}
	benchmark := cmp.Or(p.benchmark, "national")
	path := "/region/" + code
	if p.indicator != "" {
		return p.regionSeries(ctx, region, benchmark)
	}
	found, err := rows.Ask(ctx, p.release, fmt.Sprintf(latest, "region_code"), code, benchmark)
	if err != nil {
		return nil, err
	}
	p.byIndicator(found, "indicator")
	g := grid{Caption: p.say("The last measured figure of each indicator", "各指标最新数据"), Heads: p.comparedHeads(p.say("Indicator", "指标"), benchmark)}
	for _, r := range found {
		id := r.Text("indicator")
		series := asked{indicator: id, benchmark: p.benchmark, lang: p.lang}
		name := linked(p.measureName(id), path+series.query())
		name.Head = true
		g.Rows = append(g.Rows, append([]cell{name}, p.compared(r)...))
	}
	var defs []charts.Definition
	for _, d := range p.visible() {
		if d.Kind != charts.Multiples {
			defs = append(defs, d)
		}
	}
	pictures, err := p.pictures(ctx, defs, asked{region: code, lang: p.lang})
	if err != nil {
		return nil, err
	}
	title := p.regionName(code)
	return p.html("region.html", view{
		Title: title, Path: path, Interactive: true, LD: p.dataset(title, path, namesOf(region), ""),
		Description: fmt.Sprintf(p.say("Figures of %s with their sources, beside a benchmark of your choice.", "%s的数据及其出处，可选比较对象。"), title),
		Body: struct {
			Picker   picker
			Table    grid
			Pictures []picture
			Parent   string
			ParentAt string
		}{picker{path, p.keepLanguage(), []choice{p.benchmarkChoice(benchmark)}}, g, pictures, p.regionName(region.Parent), p.Link("/region/" + region.Parent)},
	})
}

// regionSeries is every period of one indicator of a region.
func (p *page) regionSeries(ctx context.Context, region data.Region, benchmark string) ([]byte, error) {
	found, err := rows.Ask(ctx, p.release, `SELECT o.*, c.benchmark, c.benchmark_value, c.benchmark_qualifier, c.benchmark_region, c.gap, c.gap_percent, c.relation, c.reason, q.reason_zh, i.decimals, u.symbol_en, u.symbol_zh
FROM preferred_observations AS o JOIN indicators AS i ON i.id = o.indicator JOIN units AS u ON u.id = i.unit
LEFT JOIN comparisons AS c ON c.region_code = o.region_code AND c.indicator = o.indicator AND c.frequency = o.frequency AND c.time_period = o.time_period AND c.benchmark = ?
LEFT JOIN benchmark_pairs AS q ON q.benchmark = c.benchmark AND q.indicator = c.indicator
WHERE o.region_code = ? AND o.indicator = ? ORDER BY o.period_start DESC, o.time_period`, benchmark, region.Code, p.indicator)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, notFound("see /region/"+region.Code+" for those it has", "%s has no figure of %s", region.NameEN, p.indicator)
	}
	heads := p.comparedHeads("", benchmark)[1:]
	g := grid{Heads: heads}
	for _, r := range found {
		cells := p.compared(r)
		cells[0].Head = true
		g.Rows = append(g.Rows, cells)
	}
	about, err := rows.Ask(ctx, p.release, "SELECT definition_en, definition_zh FROM indicators WHERE id = ?", p.indicator)
	if err != nil || len(about) == 0 {
		return nil, cmp.Or(err, notFound("see /indicators", "the release does not have %s", p.indicator))
	}
	title := p.regionName(region.Code) + p.say(": ", "：") + p.measureName(p.indicator)
	path := "/region/" + region.Code
	hidden := append([]option{{"indicator", p.indicator, false}}, p.keepLanguage()...)
	return p.html("list.html", view{
		Title: title, Path: path, Description: p.say(about[0].Text("definition_en"), about[0].Text("definition_zh")), LD: p.dataset(title, path+p.query(), namesOf(region), p.indicator),
		Body: listing{Table: g, Picks: &picker{path, hidden, []choice{p.benchmarkChoice(benchmark)}}},
	})
}

func aboutIndicator(ctx context.Context, p *page, id string) ([]byte, error) {
	if known, err := p.indicators.Find(id); err == nil {
		id = known
	}
	measure, ok := p.measure(id)
	if !ok {
		return nil, notFound("see /indicators", "there is no indicator %q", id)
	}
	benchmark := cmp.Or(p.benchmark, "national")
	found, err := rows.Ask(ctx, p.release, fmt.Sprintf(latest, "indicator"), id, benchmark)
	if err != nil {
		return nil, err
	}
	about, err := rows.Ask(ctx, p.release, "SELECT i.*, u.name_en, u.name_zh FROM indicators AS i JOIN units AS u ON u.id = i.unit WHERE i.id = ?", id)
	if err != nil || len(about) == 0 {
		return nil, cmp.Or(err, notFound("see /indicators", "the release does not have %s", id))
	}
	g := grid{Caption: p.say("The last measured figure of each region, the highest first. Periods may differ.", "各地区最新数据，由高到低；时期可能不同。"), Heads: p.comparedHeads(p.say("Region", "地区"), benchmark)}
	for _, r := range found {
		code := r.Text("region_code")
		name := linked(p.regionName(code), "/region/"+code+asked{indicator: id, lang: p.lang}.query())
		name.Head = true
		g.Rows = append(g.Rows, append([]cell{name}, p.compared(r)...))
	}
	var defs []charts.Definition
	for _, d := range p.visible() {
		if d.Indicator == id {
			defs = append(defs, d)
		}
	}
	pictures, err := p.pictures(ctx, defs, asked{lang: p.lang})
	if err != nil {
		return nil, err
	}
	title, path := p.say(measure.TitleEN, measure.TitleZH), "/indicator/"+id
	definition := p.say(about[0].Text("definition_en"), about[0].Text("definition_zh"))
	return p.html("indicator.html", view{
		Title: title, Path: path, Interactive: true, Description: cmp.Or(definition, title), LD: p.dataset(title, path, nil, id),
		Body: struct {
			Definition string
			Facts      [][2]string
			Picker     picker
			Table      grid
			Pictures   []picture
		}{definition, p.facts(about[0]), picker{path, p.keepLanguage(), []choice{p.benchmarkChoice(benchmark)}}, g, pictures},
	})
}

// facts say what kind of figures an indicator has.
func (p *page) facts(r rows.Row) [][2]string {
	words := map[string]news.Text{
		"level": {EN: "level", ZH: "水平"}, "growth": {EN: "rate of change", ZH: "增速"}, "share": {EN: "share", ZH: "比重"}, "ratio": {EN: "ratio", ZH: "比值"}, "index": {EN: "index", ZH: "指数"},
		"current": {EN: "current prices", ZH: "现价"}, "constant": {EN: "constant prices", ZH: "不变价"}, "comparable": {EN: "comparable prices", ZH: "可比价"},
		"all": {EN: "all residents", ZH: "全体居民"}, "urban": {EN: "urban residents", ZH: "城镇居民"}, "rural": {EN: "rural residents", ZH: "农村居民"},
	}
	var out [][2]string
	for _, f := range []struct{ column, en, zh string }{{"measure", "Kind", "类型"}, {"price_basis", "Prices", "价格"}, {"population_scope", "Population", "人口范围"}, {"numerator", "Numerator", "分子"}, {"denominator", "Denominator", "分母"}} {
		v := r.Text(f.column)
		if v == "" || v == "none" {
			continue
		}
		if t, ok := words[v]; ok {
			v = p.pick(t)
		}
		out = append(out, [2]string{p.say(f.en, f.zh), strings.ReplaceAll(v, "_", " ")})
	}
	return append(out, [2]string{p.say("Unit", "单位"), p.say(r.Text("name_en"), r.Text("name_zh"))}, [2]string{p.say("Name in the data", "数据中的名称"), r.Text("id")})
}
