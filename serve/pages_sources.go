//go:build duckdb_arrow

package serve

import (
	"context"
	"fmt"
	"time"

	"citystats/serve/news"
	"citystats/serve/rows"
)

var percent = news.Text{EN: "%", ZH: "%"}

// sourcesBody is the page of the sources.
type sourcesBody struct{ Sources, Documents grid }

func listSources(ctx context.Context, p *page, _ string) ([]byte, error) {
	found, err := rows.Ask(ctx, p.release, `SELECT s.*, h.last_good_at, h.last_tried_at, h.last_error, h.stale, p.name_en, p.name_zh, d.documents, d.latest
FROM sources AS s LEFT JOIN source_health AS h ON h.source = s.id LEFT JOIN publishers AS p ON p.id = s.publisher
LEFT JOIN (SELECT source, count(*) AS documents, max(published_at) AS latest FROM release.store.documents GROUP BY source) AS d ON d.source = s.id ORDER BY d.documents DESC NULLS LAST, s.id`)
	if err != nil {
		return nil, err
	}
	g := grid{Caption: p.say("Freshness and terms", "更新情况与使用条款"), Heads: []head{{p.say("Source", "来源"), false}, {p.say("State", "状态"), false}, {p.say("Last answered", "最近应答"), false}, {p.say("Documents", "文件数"), true}, {p.say("Last published", "最近发布"), false}, {p.say("Terms", "条款"), false}}}
	for _, r := range found {
		name := document(p.say(r.Text("title_en"), r.Text("title_zh")), r.Text("url"))
		name.Head, name.Note = true, p.say(r.Text("name_en"), r.Text("name_zh"))
		g.Rows = append(g.Rows, []cell{name, p.freshness(r), {Text: moment(r.Text("last_good_at")), Class: "moment"}, {Text: decimal(float64(r.Whole("documents")), 0), Number: true}, {Text: r.Text("latest"), Class: "moment"}, text(r.Text("licence"))})
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

// moment is a time as people read it.
func moment(at string) string {
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return at
	}
	return t.UTC().Format("2006-01-02 15:04 UTC")
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
