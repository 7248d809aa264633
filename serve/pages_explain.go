//go:build duckdb_arrow

package serve

import (
	"context"
	"fmt"
	"strings"

	"citystats/internal/fault"
	"citystats/serve/rows"
)

// fact is a line of an explanation.
type fact struct{ Name, Text, Link, Code string }

// explanation is where a number comes from.
type explanation struct {
	Figure, Standing, Period, Note string
	Facts                          []fact
	Others                         *grid // every vintage
	Against                        string
	AgainstFacts                   []fact
	Members                        *grid
	Years                          []grid
	Command                        string
}

// explain says where the figure of a region, an indicator and a period comes from,
// and with a benchmark where that of the other side does.
func explain(ctx context.Context, p *page, _ string) ([]byte, error) {
	if p.region == "" || p.indicator == "" || p.period == "" {
		return nil, fault.New(fault.Usage, "", "ask for /explain?region=hefei&indicator=gdp&period=2018", "a figure is named by a region, an indicator and a period")
	}
	body := explanation{Period: span(p.period), Figure: none, Command: fmt.Sprintf("citystats sql \"SELECT * FROM observation_vintages WHERE region_code = '%s' AND indicator = '%s' AND time_period = '%s'\"", p.region, p.indicator, strings.ReplaceAll(p.period, "'", "''"))}
	found, err := p.vintages(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range found {
		if r.Is("preferred") {
			body.Figure = p.amount(r.Number("value"), r.Text("qualifier"), r.Whole("decimals"), symbol(r))
			body.Standing = p.standing(r.Text("obs_status"), r.Text("confidence"))
			body.Facts = p.provenance(r)
		}
	}
	if len(found) > 0 {
		body.Others = p.vintageTable(found)
	}
	if body.Years, err = p.years(ctx); err != nil {
		return nil, err
	}
	if p.benchmark != "" {
		if err := p.against(ctx, &body); err != nil {
			return nil, err
		}
	}
	if len(found) == 0 && len(body.Years) == 0 && body.Against == "" {
		return nil, notFound("see /region/"+p.region+" for those there are", "%s has no figure of %s for %s", p.regionName(p.region), p.measureName(p.indicator), p.period)
	}
	title := p.regionName(p.region) + p.say(": ", "：") + p.measureName(p.indicator) + p.say(", ", "，") + span(p.period)
	return p.html("explain.html", view{Title: title, Path: "/explain", Description: p.say("Where this number comes from.", "该数据的出处。"), Body: body})
}

// vintages are all that was ever said of the figure, the one that counts first.
func (p *page) vintages(ctx context.Context) ([]rows.Row, error) {
	return rows.Ask(ctx, p.release, `SELECT v.*, q.document_id IS NOT NULL AS preferred, i.decimals, u.symbol_en, u.symbol_zh,
	b.name_en AS origin_en, b.name_zh AS origin_zh, d.title AS document_title, d.url AS document_url, d.sha256, d.source, d.name AS document_name, m.name_en AS publisher_en, m.name_zh AS publisher_zh
FROM observation_vintages AS v
JOIN indicators AS i ON i.id = v.indicator JOIN units AS u ON u.id = v.unit
LEFT JOIN preferred_observations AS q ON q.region_code = v.region_code AND q.indicator = v.indicator AND q.time_period = v.time_period AND q.document_id = v.document_id AND q.record = v.record
LEFT JOIN publishers AS b ON b.id = v.origin
LEFT JOIN release.store.documents AS d ON d.document_id = v.document_id
LEFT JOIN publishers AS m ON m.id = d.publisher
WHERE v.region_code = ? AND v.indicator = ? AND v.time_period = ?
ORDER BY preferred DESC, v.vintage DESC, v.document_id DESC, v.record`, p.region, p.indicator, p.period)
}

// provenance is the document of a figure and the place in it.
func (p *page) provenance(r rows.Row) []fact {
	published := r.Text("published_at")
	if published == "" {
		published = p.say("not known", "不详")
	}
	out := []fact{
		{p.say("Made by", "数据来源"), p.say(r.Text("origin_en"), r.Text("origin_zh")), "", ""},
		{p.say("Read in", "文件"), r.Text("document_title"), httpOnly(r.Text("document_url")), ""},
		{p.say("Published by", "发布者"), p.say(r.Text("publisher_en"), r.Text("publisher_zh")), "", ""},
		{p.say("Published on", "发布日期"), published, "", ""},
		{p.say("Standing", "阶段"), p.stage(r.Text("status")), "", ""},
		{p.say("As stored", "存储值"), "", "", r.Text("value") + " " + r.Text("unit")},
		{p.say("Received here", "收录时间"), r.Text("known_at"), "", ""},
		{p.say("Place", "位置"), fmt.Sprintf(p.say("record %s of document %s", "文件%[2]s的第%[1]s条记录"), r.Text("record"), r.Text("document_id")), "", r.Text("document_id") + ":" + r.Text("record")},
		{p.say("Address", "网址"), r.Text("document_url"), httpOnly(r.Text("document_url")), ""},
		{"SHA-256", "", "", r.Text("sha256")},
		{p.say("How it was derived", "推算方法"), r.Text("derivation"), "", ""},
		{p.say("Note", "备注"), r.Text("note"), "", ""},
	}
	kept := out[:0]
	for _, f := range out {
		if f.Text != "" || f.Code != "" {
			kept = append(kept, f)
		}
	}
	return kept
}

// httpOnly is an address that a page may link to.
func httpOnly(address string) string { return document("", address).Link }

func (p *page) vintageTable(all []rows.Row) *grid {
	g := &grid{Caption: p.say("Everything that was said of it", "历次公布"), Heads: []head{{p.say("Published", "发布日期"), false}, {p.say("Figure", "数据"), true}, {p.say("Standing", "阶段"), false}, {p.say("Made by", "数据来源"), false}, {p.say("Document", "文件"), false}, {p.say("Place", "位置"), false}}}
	for _, r := range all {
		published := r.Text("published_at")
		if published == "" {
			published = none
		}
		value := cell{Text: p.amount(r.Number("value"), r.Text("qualifier"), r.Whole("decimals"), symbol(r)), Number: true, Note: p.standing(r.Text("obs_status"), r.Text("confidence"))}
		if r.Is("preferred") {
			value.Class = "chosen"
		}
		g.Rows = append(g.Rows, []cell{
			{Text: published, Head: true},
			value, text(p.stage(r.Text("status"))), text(p.say(r.Text("origin_en"), r.Text("origin_zh"))),
			document(r.Text("document_title"), r.Text("document_url")),
			{Text: r.Text("document_id") + ":" + r.Text("record"), Class: "code"},
		})
	}
	return g
}

// against adds where the benchmark's figure comes from.
func (p *page) against(ctx context.Context, body *explanation) error {
	// The other side may have a figure where the region has none to compare with it.
	found, err := rows.Ask(ctx, p.release, `SELECT b.benchmark, b.value AS benchmark_value, b.qualifier AS benchmark_qualifier, b.obs_status, b.confidence, b.benchmark_region, b.indicator AS benchmark_indicator,
	b.members, b.members_declared, b.document_id, b.record, b.note AS benchmark_note, c.gap, c.gap_percent, q.relation, q.reason_en AS reason, q.reason_zh,
	i.decimals, u.symbol_en, u.symbol_zh, d.title AS document_title, d.url AS document_url, d.sha256
FROM benchmark_observations AS b JOIN indicators AS i ON i.id = b.indicator JOIN units AS u ON u.id = b.unit
LEFT JOIN benchmark_pairs AS q ON q.benchmark = b.benchmark AND q.indicator = ?
LEFT JOIN comparisons AS c ON c.region_code = b.region_code AND c.benchmark = b.benchmark AND c.indicator = ? AND c.time_period = b.time_period
LEFT JOIN release.store.documents AS d ON d.document_id = b.document_id
WHERE b.region_code = ? AND b.indicator = coalesce((SELECT benchmark_indicator FROM benchmark_pairs WHERE benchmark = ? AND indicator = ?), ?) AND b.time_period = ? AND b.benchmark = ? AND b.value IS NOT NULL`,
		p.indicator, p.indicator, p.region, p.benchmark, p.indicator, p.indicator, p.period, p.benchmark)
	if err != nil || len(found) == 0 {
		return err
	}
	r := found[0]
	body.Against = p.benchmarkName(p.benchmark) + p.say(": ", "：") + p.amount(r.Number("benchmark_value"), r.Text("benchmark_qualifier"), r.Whole("decimals"), symbol(r))
	add := func(name, text, link, code string) {
		if text != "" || code != "" {
			body.AgainstFacts = append(body.AgainstFacts, fact{name, text, link, code})
		}
	}
	if region := r.Text("benchmark_region"); region != "" {
		add(p.say("Figure of", "数据"), p.regionName(region)+p.say(", ", "，")+p.measureName(r.Text("benchmark_indicator")), p.explainPath(region, r.Text("benchmark_indicator"), p.period), "")
	}
	add(p.say("Standing", "阶段"), p.standing(r.Text("obs_status"), r.Text("confidence")), "", "")
	if r.Get("gap") != nil {
		add(p.say("Gap", "差距"), p.gap(r), "", "")
	}
	add(p.say("Note", "说明"), p.mind(r), "", "")
	add(p.say("Read in", "文件"), r.Text("document_title"), httpOnly(r.Text("document_url")), "")
	if r.Text("document_id") != "" {
		add(p.say("Place", "位置"), "", "", r.Text("document_id")+":"+r.Text("record"))
	}
	add("SHA-256", "", "", r.Text("sha256"))
	add(p.say("Note", "备注"), r.Text("benchmark_note"), "", "")
	if r.Whole("members") > 0 && r.Text("document_id") == "" {
		add(p.say("Members", "成员"), fmt.Sprintf(p.say("%d of %d have a figure", "%[2]d个中有%[1]d个有数据"), r.Whole("members"), r.Whole("members_declared")), "", "")
		body.Members, err = p.members(ctx, r.Text("benchmark_indicator"))
	}
	return err
}

// members are the figures that a benchmark was computed from.
func (p *page) members(ctx context.Context, indicator string) (*grid, error) {
	found, err := rows.Ask(ctx, p.release, `SELECT o.*, i.decimals, u.symbol_en, u.symbol_zh FROM benchmark_members AS m
JOIN preferred_observations AS o ON o.region_code = m.region JOIN indicators AS i ON i.id = o.indicator JOIN units AS u ON u.id = o.unit
WHERE m.benchmark = ? AND o.region_code <> ? AND o.indicator = ? AND o.time_period = ? ORDER BY o.value DESC, o.region_code`, p.benchmark, p.region, indicator, p.period)
	if err != nil {
		return nil, err
	}
	g := &grid{Caption: p.say("Its members with a figure, the highest first", "有数据的成员，由高到低"), Heads: []head{{p.say("Region", "地区"), false}, {p.say("Figure", "数据"), true}}}
	for _, r := range found {
		g.Rows = append(g.Rows, []cell{
			{Text: p.regionName(r.Text("region_code")), Head: true},
			numeric(p.amount(r.Number("value"), r.Text("qualifier"), r.Whole("decimals"), symbol(r)), p.explainPath(r.Text("region_code"), indicator, p.period), p.standing(r.Text("obs_status"), r.Text("confidence"))),
		})
	}
	return g, nil
}

// years are the rates that averages over the period were chained from, one table for
// each window of these years.
func (p *page) years(ctx context.Context) ([]grid, error) {
	found, err := rows.Ask(ctx, p.release, `SELECT w.id, w.title_en, w.title_zh, g.average_growth, g.years_missing, y.year, y.kind, y.rate, y.obs_status, y.confidence, y.document_id, y.record
FROM growth_windows AS w JOIN growth AS g ON g.window_id = w.id JOIN growth_years AS y ON y.window_id = g.window_id AND y.region_code = g.region_code
WHERE g.region_code = ? AND ? = 'gdp_growth_real' AND concat(w.first_year, '/', w.last_year) = ? ORDER BY w.id, y.year`, p.region, p.indicator, p.period)
	if err != nil {
		return nil, err
	}
	var out []grid
	last := ""
	for _, r := range found {
		if id := r.Text("id"); id != last {
			last = id
			caption := p.say(r.Text("title_en"), r.Text("title_zh")) + p.say(": ", "：")
			if v := r.Number("average_growth"); v != nil {
				caption += decimal(*v, 2) + "%"
			} else {
				caption += fmt.Sprintf(p.say("no average, %d years have no published rate", "无平均值，%d个年份无公布增速"), r.Whole("years_missing"))
			}
			out = append(out, grid{Caption: caption, Heads: []head{{p.say("Year", "年份"), false}, {p.say("Rate", "增速"), true}, {p.say("Place", "位置"), false}}})
		}
		g := &out[len(out)-1]
		year := r.Text("year")
		value := numeric(p.amount(r.Number("rate"), "", 1, percent), p.explainPath(p.region, p.indicator, year), p.standing(r.Text("obs_status"), r.Text("confidence")))
		if r.Text("kind") == "bridge" {
			value.Note = p.say("the published average of several years", "公布的多年平均增速")
		}
		place := cell{Class: "code"}
		if r.Text("document_id") != "" {
			place.Text = r.Text("document_id") + ":" + r.Text("record")
		}
		g.Rows = append(g.Rows, []cell{{Text: year, Head: true}, value, place})
	}
	return out, nil
}
