//go:build duckdb_arrow

package serve

import (
	"context"
	"fmt"

	"citystats/serve/news"
	"citystats/serve/rows"
)

var percent = news.Text{EN: "%", ZH: "%"}

func listRevisions(ctx context.Context, p *page, _ string) ([]byte, error) {
	all, err := news.Revisions(ctx, p.release)
	if err != nil {
		return nil, err
	}
	g := grid{Heads: []head{{p.say("Figure", "数据"), false}, {p.say("Period", "时期"), false}, {p.say("Before", "修订前"), true}, {p.say("After", "修订后"), true}, {p.say("Change", "变动"), true}, {p.say("Said in", "出处"), false}}}
	for _, v := range all[:min(len(all), 500)] {
		change := cell{Text: signed(&v.Change, max(v.Decimals, 0), ""), Number: true, Note: p.kind(v)}
		if v.ChangePercent != nil {
			change.Note = signed(v.ChangePercent, 1, "%")
		}
		said := document(v.Document.Title, v.Document.URL)
		said.Note = v.PublishedAt
		g.Rows = append(g.Rows, []cell{
			{Text: p.pick(v.Region) + p.say(", ", "，") + p.pick(v.Title), Head: true, Note: p.pick(v.OriginName)},
			text(span(v.Period)),
			{Text: p.amount(&v.Old, "", v.Decimals, v.Symbol), Number: true, Note: p.stage(v.OldStatus)},
			numeric(p.amount(&v.New, "", v.Decimals, v.Symbol), p.explainPath(v.RegionCode, v.Indicator, v.Period), p.stage(v.NewStatus)),
			change, said,
		})
	}
	q := p.langOnly()
	return p.html("list.html", view{
		Title: p.say("Figures that were revised", "数据修订"), Path: "/revisions",
		Description: p.say("Every figure that its publisher said anew and otherwise, the last known first.", "发布机构修订过的每个数据，最新在前。"),
		Body:        listing{Table: g, Feeds: []feedLink{{"alternate", "application/atom+xml", "/revisions.atom" + q}, {"alternate", "application/json", "/revisions.json"}}},
	})
}

// sourcesBody is the page of the sources.
type sourcesBody struct{ Sources, Documents grid }

func listSources(ctx context.Context, p *page, _ string) ([]byte, error) {
	found, err := rows.Ask(ctx, p.release, `SELECT s.*, h.last_good_at, h.last_tried_at, h.last_error, h.stale, p.name_en, p.name_zh, d.documents, d.latest
FROM sources AS s LEFT JOIN source_health AS h ON h.source = s.id LEFT JOIN publishers AS p ON p.id = s.publisher
LEFT JOIN (SELECT source, count(*) AS documents, max(published_at) AS latest FROM release.store.documents GROUP BY source) AS d ON d.source = s.id ORDER BY d.documents DESC NULLS LAST, s.id`)
	if err != nil {
		return nil, err
	}
	g := grid{Caption: p.say("Freshness and terms", "更新情况与使用条款"), Heads: []head{{p.say("Source", "来源"), false}, {p.say("State", "状态"), false}, {p.say("Last answered", "最近应答"), false}, {p.say("Documents", "文件数"), true}, {p.say("Terms", "条款"), false}}}
	for _, r := range found {
		name := document(p.say(r.Text("title_en"), r.Text("title_zh")), r.Text("url"))
		name.Head, name.Note = true, p.say(r.Text("name_en"), r.Text("name_zh"))
		g.Rows = append(g.Rows, []cell{name, p.freshness(r), text(r.Text("last_good_at")), {Text: decimal(float64(r.Whole("documents")), 0), Number: true}, text(r.Text("licence"))})
	}
	documents, err := p.documents(ctx)
	if err != nil {
		return nil, err
	}
	return p.html("sources.html", view{
		Title: p.say("Sources", "来源"), Path: "/sources",
		Description: p.say("Whose figures these are, how fresh they are, and under which terms.", "数据来自何处、更新情况与使用条款。"),
		Body:        sourcesBody{g, documents},
	})
}

// freshness is how a source stands.
func (p *page) freshness(r rows.Row) cell {
	switch {
	case r.Is("stale"):
		return cell{Text: p.say("stale", "已过期"), Class: "verdict reversed"}
	case r.Text("last_error") != "":
		return cell{Text: p.say("failed last time", "上次失败"), Class: "verdict weakened"}
	case r.Text("last_good_at") == "":
		return cell{Text: p.say("not asked yet", "尚未查询"), Class: "verdict undefined"}
	}
	return cell{Text: p.say("fresh", "正常"), Class: "verdict holds"}
}

// most is how many documents the page lists.
const most = 300

func (p *page) documents(ctx context.Context) (grid, error) {
	g := grid{Heads: []head{{p.say("Document", "文件"), false}, {p.say("Published", "发布日期"), false}, {p.say("Figures", "数据数"), true}, {"SHA-256", false}}}
	found, err := rows.Ask(ctx, p.release, fmt.Sprintf(`SELECT d.*, p.name_en, p.name_zh, o.figures FROM release.store.documents AS d LEFT JOIN publishers AS p ON p.id = d.publisher
LEFT JOIN (SELECT document_id, count(*) AS figures FROM observation_vintages GROUP BY document_id) AS o ON o.document_id = d.document_id
ORDER BY d.published_at DESC NULLS LAST, d.document_id LIMIT %d`, most))
	if err != nil {
		return g, err
	}
	g.Caption = fmt.Sprintf(p.say("The documents, the last published first (up to %d)", "文件，最新发布在前（至多%d份）"), most)
	for _, r := range found {
		published := r.Text("published_at")
		if published == "" {
			published = none
		}
		name := document(r.Text("title"), r.Text("url"))
		name.Head, name.Note = true, p.say(r.Text("name_en"), r.Text("name_zh"))
		g.Rows = append(g.Rows, []cell{name, text(published), {Text: decimal(float64(r.Whole("figures")), 0), Number: true}, {Text: r.Text("sha256"), Class: "code hash"}})
	}
	return g, nil
}
