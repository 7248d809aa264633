//go:build duckdb_arrow

package serve

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"citystats/serve/news"
)

// revised are the revisions of the release, the last known first, with what they move.
func (p *page) revised(ctx context.Context) ([]news.Revision, error) {
	all, err := news.Revisions(ctx, p.release)
	if err != nil {
		return nil, err
	}
	figures, err := p.release.Revised(ctx)
	if err != nil {
		return nil, err
	}
	news.Moved(all, figures)
	return all, nil
}

// listRevisions is ranked as citystats revisions is: those first that turn a
// comparison over, and those of one figure together.
func listRevisions(ctx context.Context, p *page, _ string) ([]byte, error) {
	all, err := p.revised(ctx)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(v news.Revision) bool { return p.asked.kind != "" && v.Type != p.asked.kind })
	slices.SortStableFunc(all, func(a, b news.Revision) int { return cmp.Or(a.Rank-b.Rank, a.VintageNumber-b.VintageNumber) })
	g := grid{
		Caption: p.say("Ranked by what they move", "按影响大小排序"),
		Heads:   []head{{p.say("Figure", "数据"), false}, {p.say("Before", "修订前"), true}, {p.say("After", "修订后"), true}, {p.say("Type", "类型"), false}, {p.say("Document", "文件"), false}, {p.say("What it moves", "影响"), false}},
	}
	for _, v := range all[:min(len(all), 500)] {
		g.Rows = append(g.Rows, p.revisionRow(v))
	}
	q := p.langOnly()
	return p.html("list.html", view{
		Title: p.say("Figures that were revised", "数据修订"), Path: "/revisions",
		Description: p.say("Every figure that its maker said anew and otherwise: why, in which document, and which comparisons and claims it moves.", "发布机构修订过的每个数据：修订原因、所在文件，以及受影响的比较与论断。"),
		Body: listing{
			Table: g, Picks: &picker{"/revisions", p.keepLanguage(), []choice{p.typeChoice()}},
			Feeds: []feedLink{{"alternate", "application/atom+xml", "/revisions.atom" + q}, {"alternate", "application/json", "/revisions.json"}},
		},
	})
}

// typeChoice lists the types of revision.
func (p *page) typeChoice() choice {
	out := choice{Name: "type", Label: p.say("Type", "类型"), Options: []option{{"", p.say("all", "全部"), p.asked.kind == ""}}}
	for _, k := range []string{"update", "correction", "methodology", "census"} {
		out.Options = append(out.Options, option{k, p.pick(kinds[k]), p.asked.kind == k})
	}
	return out
}

func (p *page) revisionRow(v news.Revision) []cell {
	before, after := p.apart(v)
	change := signed(v.ChangePercent, 2, "%")
	if v.ChangePercent == nil {
		change = signed(&v.Change, max(v.Decimals, 1), p.say(" pp", "个百分点"))
	}
	said := document(v.Document.Title, v.Document.URL)
	said.Note = v.PublishedAt
	if v.OldDocument.Title != "" && v.OldDocument.ID != v.Document.ID {
		earlier := document(v.OldDocument.Title, v.OldDocument.URL)
		earlier.Text = p.say("before: ", "此前：") + earlier.Text
		said.More = []cell{earlier}
	}
	kind := cell{Text: p.kind(v), Note: p.pick(v.EventTitle)}
	moved := cell{}
	if v.Moves != nil {
		for _, m := range p.moves(v.Moves) {
			moved.More = append(moved.More, text(m))
		}
		for _, c := range v.Moves.Claims {
			moved.More = append(moved.More, linked(c, p.Link("/claim/"+c)))
		}
	}
	return []cell{
		{Text: p.pick(v.Region) + p.say(", ", "，") + p.pick(v.Title) + p.say(", ", "，") + span(v.Period), Head: true, Note: p.pick(v.OriginName)},
		numeric(before, p.explainID(fmt.Sprintf("%d:%d", v.OldDocument.ID, v.OldRecord)), p.stage(v.OldStatus)),
		{Text: after, Link: p.explainID(fmt.Sprintf("%d:%d", v.Document.ID, v.Record)), Class: "figure", Note: p.stage(v.NewStatus), Number: true, More: []cell{text(change)}},
		kind, said, moved,
	}
}

// apart writes the two figures of a revision with as many digits as it takes to see
// that they differ.
func (p *page) apart(v news.Revision) (before, after string) {
	for d := v.Decimals; ; d++ {
		before, after = p.amount(&v.Old, "", d, v.Symbol), p.amount(&v.New, "", d, v.Symbol)
		if before != after || d > v.Decimals+4 {
			return before, after
		}
	}
}
