//go:build duckdb_arrow

package serve

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"citystats/charts"
	"citystats/data"
)

// chartCard is a chart in a list.
type chartCard struct {
	picture
	Name string
}

func listCharts(ctx context.Context, p *page, _ string) ([]byte, error) {
	all, err := p.pictures(ctx, p.visible(), asked{region: p.region, lang: p.lang})
	if err != nil {
		return nil, err
	}
	var cards []chartCard
	for _, c := range all {
		cards = append(cards, chartCard{c, p.chartName(c.Definition)})
	}
	regions, err := p.regionChoice(ctx, "", p.region)
	if err != nil {
		return nil, err
	}
	regions.Options = append([]option{{"", p.say("as printed", "默认"), p.region == ""}}, regions.Options...)
	return p.html("list.html", view{
		Title: p.say("Charts", "图表"), Path: "/charts", Interactive: true,
		Description: p.say("Charts of any region, with figures, pictures and specification.", "各地区图表，含数据、图片与规格。"),
		Body:        listing{Cards: cards, Picks: &picker{"/charts", p.keepLanguage(), []choice{regions}}},
	})
}

// chartName tells charts of one indicator apart.
func (p *page) chartName(d charts.Definition) string {
	name := d.Title.In(p.lang)
	switch {
	case d.Index != 0:
		return name + fmt.Sprintf(p.say(", %d = 100", "（%d年=100）"), d.Index)
	case d.Kind == charts.Gaps:
		return name + p.say(", gap", "（差距）")
	case d.Kind == charts.Ranking:
		return name + p.say(", ranking", "（排名）")
	case d.Kind == charts.Multiples:
		return name + p.say(", city by city", "（各城市）")
	case d.Kind == charts.Revisions:
		return name + p.say(", revisions", "（修订）")
	}
	return name
}

func aboutChart(ctx context.Context, p *page, id string) ([]byte, error) {
	d, err := p.chart(id)
	if err != nil {
		return nil, err
	}
	p.asked = ofChart(d, p.asked)
	c, err := resolve(ctx, p.release, d, p.asked)
	if err != nil {
		return nil, err
	}
	region := p.region
	if region == "" {
		region = d.Region
	}
	hidden := p.keepLanguage()
	if p.asOf != "" {
		hidden = append(hidden, option{"as_of", p.asOf, false})
	}
	picks := picker{Action: "/chart/" + id, Hidden: hidden}
	if d.Kind != charts.Claims {
		regions, err := p.regionChoice(ctx, d.Indicator, region)
		if err != nil {
			return nil, err
		}
		picks.Selects = append(picks.Selects, regions)
	}
	if d.Benchmark != "" {
		chosen := p.benchmark
		if chosen == "" {
			chosen = d.Benchmark
		}
		picks.Selects = append(picks.Selects, p.benchmarkChoice(chosen))
	}
	shown := p.pictured(c, p.asked, charts.Standard)
	shown.First = true
	frozen := "/v/" + p.release.ID + "/charts/" + id + "."
	place, _ := p.place(region)
	v := view{
		Title: c.Headline(), Path: "/chart/" + id, Interactive: true, Description: c.Alt(),
		Picture: p.address(shown.File("social.png")), PictureAlt: c.Alt(), OEmbed: p.address("/oembed?url=" + url.QueryEscape(p.address(shown.Page()))),
		Body: struct {
			Chart    picture
			Picker   picker
			Table    grid
			Formats  []charts.Format
			Frozen   string
			Snippets []snippet
			Embed    string
			Query    string
		}{shown, picks, p.chartTable(c), charts.Formats(), frozen, p.snippets(shown), p.frame(c, shown.Height), shown.query},
	}
	v.LD = p.chartDataset(c, v.Path+p.query(), shown, place)
	return p.html("chart.html", v)
}

// chartTable is the chart's figures for people, without the columns that its notes
// put into words, each figure with its explanation.
func (p *page) chartTable(c *charts.Chart) grid {
	g := grid{Caption: c.Subtitle()}
	t := c.Table()
	var columns []int
	for i, col := range t.Columns {
		if strings.HasSuffix(col.Name, "_status") || strings.HasSuffix(col.Name, "_qualifier") || (col.Name == "date" && c.Kind != charts.Revisions) || (col.Name == "region_zh" && !p.Zh()) || (col.Name == "region" && p.Zh()) {
			continue
		}
		columns = append(columns, i)
		g.Heads = append(g.Heads, head{p.columnTitle(col), col.Datatype == "number"})
	}
	for _, row := range t.Rows {
		var cells []cell
		for n, i := range columns {
			out := cell{Text: none, Number: t.Columns[i].Datatype == "number", Head: n == 0}
			switch v := row[i].(type) {
			case string:
				out.Text = span(v)
			case float64:
				out.Text = decimal(v, -1)
				if out.Link = p.figureLink(c, t, row, i); out.Link != "" {
					out.Class = "figure"
				}
			}
			cells = append(cells, out)
		}
		g.Rows = append(g.Rows, cells)
	}
	return g
}

// columnTitle is what a column of a chart's table is called. A gap is in percent or in
// points whatever the chart is in.
func (p *page) columnTitle(c charts.Column) string {
	title := c.Title.In(p.lang)
	switch {
	case strings.HasSuffix(c.Name, "_percent"):
		return title + p.say(", %", "（%）")
	case strings.HasSuffix(c.Name, "_points"):
		return title + p.say(", points", "（百分点）")
	}
	return title
}

// contents are the files of a chart in Chinese, by their endings.
var contents = map[string]string{
	"csv": "数据，每期一行", "metadata.json": "CSV说明（CSVW格式）", "xlsx": "电子表格，含数据与注释", "txt": "图表文字说明", "vl.json": "含数据的Vega-Lite规格", "dark.vl.json": "同上，用于深色页面",
	"svg": "图片，文字可选", "dark.svg": "同上，用于深色页面", "outlined.svg": "图片，文字转为轮廓", "png": "图片，宽696像素", "2x.png": "图片，宽1392像素", "dark.png": "深色页面图片，宽1392像素",
	"social.png": "图片，1200×630像素", "square.png": "图片，1080×1080像素",
}

// What says what a file of a chart holds.
func (p *page) What(f charts.Format) string {
	if zh, ok := contents[f.Ending]; ok && p.Zh() {
		return zh
	}
	return f.What
}

// figureLink is where a figure of a chart's table is explained; empty for what
// stands on nothing that could be.
func (p *page) figureLink(c *charts.Chart, t charts.Table, row []any, column int) string {
	at := slices.IndexFunc(t.Columns, func(col charts.Column) bool { return col.Name == c.RowName() })
	name, _ := row[at].(string)
	if ids, err := c.StandsOn(name, t.Columns[column].Name); err != nil || len(ids) == 0 {
		return ""
	}
	a := p.asked
	a.naming = naming{drawing: c.ID, row: name, column: t.Columns[column].Name}
	return "/explain" + a.query()
}

// snippet is how a program reads the chart's figures.
type snippet struct{ Language, Code string }

// snippets read the frozen file, so that what was computed once can be computed again.
func (p *page) snippets(c picture) []snippet {
	at := p.address("/v/" + p.release.ID + "/charts/" + c.ID + ".csv" + c.query)
	return []snippet{
		{"R", fmt.Sprintf("figures <- read.csv(%q)", at)},
		{"Python", fmt.Sprintf("import pandas as pd\nfigures = pd.read_csv(%q)", at)},
		{"Stata", fmt.Sprintf("import delimited %q, clear", at)},
		{"Excel", fmt.Sprintf("let\n  Source = Csv.Document(Web.Contents(%q), [Delimiter=\",\", Encoding=65001]),\n  Figures = Table.PromoteHeaders(Source)\nin\n  Figures", at)},
		{"Google Sheets", fmt.Sprintf("=IMPORTDATA(%q)", p.address("/sheets/"+c.ID+".csv"+c.query))},
		{"SQL (DuckDB)", fmt.Sprintf("SELECT * FROM '%s';", at)},
	}
}

// embedded is a chart alone, for a frame of another site.
func embedded(ctx context.Context, p *page, id string) ([]byte, error) {
	d, err := p.chart(id)
	if err != nil {
		return nil, err
	}
	p.asked = ofChart(d, p.asked)
	c, err := resolve(ctx, p.release, d, p.asked)
	if err != nil {
		return nil, err
	}
	shown := p.pictured(c, p.asked, charts.Standard)
	shown.First = true
	return p.html("embed.html", view{Title: c.Headline(), Path: "/embed/" + id, Description: c.Alt(), Body: shown})
}

// namesOf are all names of a region.
func namesOf(r data.Region) []string { return append([]string{r.NameEN, r.NameZH}, r.Aliases...) }

// dataset describes what a page shows as schema.org has it.
func (p *page) dataset(name, path string, places []string, indicator string) any {
	out := map[string]any{
		"@context": "https://schema.org", "@type": "Dataset", "name": name, "url": p.address(path), "inLanguage": p.tongue(), "version": p.release.ID,
		"description":  name + p.say(": figures of city statistics with their sources, statuses and vintages.", "：城市统计数据，含来源、状态与历次版本。"),
		"dateModified": p.AsOf(), "isAccessibleForFree": true, "license": p.address("/sources"), "creator": map[string]any{"@type": "Organization", "name": "citystats", "url": p.address("/")},
		"distribution": []any{map[string]any{"@type": "DataDownload", "encodingFormat": "application/vnd.duckdb", "contentUrl": p.address("/v/" + p.release.ID + "/citystats.duckdb")}},
	}
	if len(places) > 0 {
		out["spatialCoverage"] = map[string]any{"@type": "Place", "name": places[0], "alternateName": places[1:]}
	}
	if indicator != "" {
		out["variableMeasured"] = p.measureName(indicator)
	}
	return out
}

// chartDataset describes a chart's figures.
func (p *page) chartDataset(c *charts.Chart, path string, shown picture, place data.Region) any {
	out, ok := p.dataset(c.Headline(), path, namesOf(place), c.Indicator).(map[string]any)
	if !ok {
		return nil
	}
	out["description"] = c.Alt()
	out["creditText"] = c.SourceLine()
	out["image"] = p.address(shown.File("2x.png"))
	var files []any
	for _, f := range charts.Formats() {
		switch f.Ending {
		case "csv", "xlsx", "metadata.json", "vl.json":
			files = append(files, map[string]any{"@type": "DataDownload", "encodingFormat": strings.TrimSuffix(f.MediaType, "; charset=utf-8"), "contentUrl": p.address(shown.File(f.Ending))})
		}
	}
	out["distribution"] = files
	var periods []string
	for _, s := range c.Series {
		for _, q := range s.Points {
			periods = append(periods, q.Start.Format("2006"))
		}
	}
	if sorted(periods); len(periods) > 0 {
		out["temporalCoverage"] = periods[0] + "/" + periods[len(periods)-1]
	}
	return out
}
