//go:build duckdb_arrow

package serve

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"citystats/serve/news"
	"citystats/serve/rows"
)

// claimLine is a claim in a list.
type claimLine struct {
	Sentence, Link, Verdict, Word, Figure, Explained, Tally string
}

// claims are all claims with their verdicts.
func (p *page) claims(ctx context.Context) ([]claimLine, error) {
	found, err := rows.Ask(ctx, p.release, `SELECT c.*, v.*, k.value, u.symbol_en, u.symbol_zh
FROM claims AS c JOIN claim_verdicts AS v ON v.claim = c.id
LEFT JOIN claim_checks AS k ON k.claim = c.id AND k.reading = v.reading
JOIN units AS u ON u.id = c.unit ORDER BY c.position`)
	if err != nil {
		return nil, err
	}
	var out []claimLine
	for _, r := range found {
		explained := ""
		if r.Get("value") != nil {
			explained = p.explainVerdict(r.Text("id"), r.Text("reading"))
		}
		out = append(out, claimLine{
			p.say(r.Text("sentence_en"), r.Text("sentence_zh")), p.Link("/claim/" + r.Text("id")), r.Text("verdict"), p.verdict(r.Text("verdict")),
			p.amount(r.Number("value"), "", r.Whole("decimals"), symbol(r)), explained, p.tally(r),
		})
	}
	return out, nil
}

func symbol(r rows.Row) news.Text {
	return news.Text{EN: r.Text("symbol_en"), ZH: r.Text("symbol_zh")}
}

// tally counts the verdicts of a claim's readings.
func (p *page) tally(r rows.Row) string {
	var out []string
	for _, v := range []string{"holds", "weakened", "reversed", "undefined"} {
		if n := r.Whole(v); n > 0 {
			out = append(out, fmt.Sprintf(p.say("%d %s", "%d种%s"), n, p.verdict(v)))
		}
	}
	return strings.Join(out, p.say(", ", "，"))
}

func listClaims(ctx context.Context, p *page, _ string) ([]byte, error) {
	all, err := p.claims(ctx)
	if err != nil {
		return nil, err
	}
	return p.html("claims.html", view{
		Title: p.say("What was printed, and whether it holds", "见报论断及其是否成立"), Path: "/claims",
		Description: p.say("Each claim is held against the figures of this release under every reading that the sentence allows.", "每条论断都按句子允许的各种口径与本版数据核对。"),
		Body:        all,
	})
}

// claimBody is the page of a claim.
type claimBody struct {
	Verdict, Word, Tally, Printed, PrintedAt, Turns, Note, Sought string
	Paraphrase                                                    bool
	Readings, Others, Inputs                                      grid
	History                                                       []turnLine
}

type turnLine struct {
	Date, From, FromWord, To, ToWord string
	Texts                            []string // of readings that turned together
	Causes                           []cell
}

func aboutClaim(ctx context.Context, p *page, id string) ([]byte, error) {
	found, err := rows.Ask(ctx, p.release, `SELECT c.*, v.*, u.symbol_en, u.symbol_zh, b.name_en AS printed_en, b.name_zh AS printed_zh, g.label_en AS turns_en, g.label_zh AS turns_zh
FROM claims AS c JOIN claim_verdicts AS v ON v.claim = c.id JOIN units AS u ON u.id = c.unit JOIN publishers AS b ON b.id = c.publisher
LEFT JOIN claim_readings AS g ON g.claim = c.id AND g.reading = v.flips_at WHERE c.id = ?`, id)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, notFound("see /claims", "there is no claim %q", id)
	}
	r := found[0]
	body := claimBody{
		Verdict: r.Text("verdict"), Word: p.verdict(r.Text("verdict")), Tally: p.tally(r), Paraphrase: r.Is("paraphrase"),
		Printed:   p.say(r.Text("printed_en"), r.Text("printed_zh")) + p.say(", “", "，“") + r.Text("title") + p.say("”, ", "”，") + r.Text("published_at"),
		PrintedAt: r.Text("url"), Note: p.say(r.Text("note_en"), r.Text("note_zh")), Sought: p.say(r.Text("looked_for_en"), r.Text("looked_for_zh")),
	}
	if turns := p.say(r.Text("turns_en"), r.Text("turns_zh")); turns != "" {
		body.Turns = fmt.Sprintf(p.say("The verdict turns to “%s” at this reading: %s.", "按此口径结论变为“%s”：%s。"), p.verdict(r.Text("flips_to")), turns)
		if !r.Is("flip_admissible") {
			body.Turns += p.say(" The sentence does not allow it.", "该句不允许此口径。")
		}
	}
	if body.Readings, body.Others, err = p.readings(ctx, id); err != nil {
		return nil, err
	}
	if body.Inputs, err = p.inputs(ctx, id, r.Text("reading")); err != nil {
		return nil, err
	}
	if body.History, err = p.history(ctx, id); err != nil {
		return nil, err
	}
	sentence := p.say(r.Text("sentence_en"), r.Text("sentence_zh"))
	return p.html("claim.html", view{
		Title: sentence, Path: "/claim/" + id, Description: sentence + " " + p.say("Verdict: ", "结论：") + body.Word + ".", LD: p.review(r, body.Word), Body: body,
	})
}

// review is the verdict as schema.org has it.
func (p *page) review(r rows.Row, word string) any {
	out := map[string]any{
		"@context": "https://schema.org", "@type": "ClaimReview", "url": p.address("/claim/" + r.Text("id")), "claimReviewed": p.say(r.Text("sentence_en"), r.Text("sentence_zh")), "inLanguage": p.tongue(),
		"datePublished": p.AsOf(), "author": map[string]any{"@type": "Organization", "name": "citystats", "url": p.address("/")}, "reviewRating": map[string]any{"@type": "Rating", "alternateName": word},
		"itemReviewed": map[string]any{"@type": "Claim", "datePublished": r.Text("published_at"), "author": map[string]any{"@type": "Organization", "name": r.Text("printed_en")}, "appearance": r.Text("url")},
	}
	return out
}

// readings are the verdicts by reading: those the sentence allows, and the others.
func (p *page) readings(ctx context.Context, id string) (allowed, others grid, err error) {
	found, err := rows.Ask(ctx, p.release, `SELECT k.*, g.label_en, g.label_zh, g.is_default, g.admissible, g.inadmissible_en, g.inadmissible_zh, g.looked_for_en, g.looked_for_zh, c.decimals, u.symbol_en, u.symbol_zh
FROM claim_checks AS k JOIN claim_readings AS g ON g.claim = k.claim AND g.reading = k.reading JOIN claims AS c ON c.id = k.claim JOIN units AS u ON u.id = k.unit
WHERE k.claim = ? ORDER BY g.position`, id)
	if err != nil {
		return allowed, others, err
	}
	heads := []head{{p.say("Reading", "口径"), false}, {p.say("Figure", "数据"), true}, {p.say("Margin", "余量"), true}, {p.say("Verdict", "结论"), false}, {p.say("Why", "理由"), false}}
	allowed = grid{Caption: p.say("Readings that the sentence allows", "句子允许的口径"), Heads: heads}
	others = grid{Caption: p.say("No readings of the sentence, shown for what they are and never counted", "句子不允许的口径，仅供参考，不计入"), Heads: heads}
	for _, r := range found {
		name := cell{Text: p.say(r.Text("label_en"), r.Text("label_zh")), Head: true}
		if r.Is("is_default") {
			name.Note = p.say("the natural reading", "自然口径")
		}
		decimals := r.Whole("decimals")
		figure := numeric(p.amount(r.Number("value"), "", decimals, symbol(r)), p.explainVerdict(id, r.Text("reading")), "")
		if low, high := r.Number("value_low"), r.Number("value_high"); low != nil && high != nil && *low != *high {
			figure.Note = decimal(*low, decimals) + "–" + decimal(*high, decimals)
		}
		why := p.pick(reasons[r.Text("why")])
		if !r.Is("admissible") {
			why = p.say(r.Text("inadmissible_en"), r.Text("inadmissible_zh"))
		} else if sought := p.say(r.Text("looked_for_en"), r.Text("looked_for_zh")); r.Text("verdict") == "undefined" && sought != "" {
			why = p.say("Looked for: ", "已查找：") + sought
		}
		row := []cell{name, figure, {Text: signed(r.Number("margin"), decimals+1, ""), Number: true}, {Text: p.verdict(r.Text("verdict")), Class: "verdict " + r.Text("verdict")}, text(why)}
		if r.Is("admissible") {
			allowed.Rows = append(allowed.Rows, row)
		} else {
			others.Rows = append(others.Rows, row)
		}
	}
	return allowed, others, nil
}

// explainVerdict is where the verdict of a reading is explained.
func (p *page) explainVerdict(claim, reading string) string {
	return "/explain" + asked{lang: p.lang, naming: naming{verdictOf: claim, reading: reading}}.query()
}

// reasons are what a verdict was given for.
var reasons = map[string]news.Text{
	"the margin is clear": {EN: "the margin is clear", ZH: "余量明确"}, "no figure": {EN: "no figure", ZH: "无数据"},
	"within the tolerance": {EN: "within the tolerance", ZH: "在容差之内"}, "weak evidence": {EN: "weak evidence", ZH: "证据薄弱"},
}

// inputs are the figures that a reading stands on.
func (p *page) inputs(ctx context.Context, id, reading string) (grid, error) {
	g := grid{Caption: p.say("What the natural reading stands on", "自然口径所依据的数据"), Heads: []head{{p.say("Figure of", "数据"), false}, {p.say("Period", "时期"), false}, {p.say("Figure", "数值"), true}, {p.say("Document", "文件"), false}}}
	found, err := rows.Ask(ctx, p.release, `SELECT n.*, i.decimals, u.symbol_en, u.symbol_zh, d.title AS document_title, d.url AS document_url
FROM claim_inputs AS n LEFT JOIN indicators AS i ON i.id = n.indicator LEFT JOIN units AS u ON u.id = n.unit LEFT JOIN release.store.documents AS d ON d.document_id = n.document_id
WHERE n.claim = ? AND n.reading = ? ORDER BY n.position`, id, reading)
	if err != nil {
		return g, err
	}
	for _, r := range found {
		if r.Text("indicator") == "" {
			g.Rows = append(g.Rows, []cell{{Text: r.Text("defined_in") + " " + r.Text("row_id"), Head: true}, text(r.Text("time_period")), numeric(p.amount(r.Number("value"), r.Text("qualifier"), -1, symbol(r)), p.explainID(strings.Join([]string{"claim_inputs", id, reading, r.Text("position")}, ":")), ""), text(r.Text("document_title"))})
			continue
		}
		name := cell{Text: p.regionName(r.Text("region_code")) + p.say(", ", "，") + p.measureName(r.Text("indicator")), Head: true}
		value := numeric(p.amount(r.Number("value"), r.Text("qualifier"), r.Whole("decimals"), symbol(r)), p.explainPath(r.Text("region_code"), r.Text("indicator"), r.Text("time_period")), p.standing(r.Text("obs_status"), r.Text("confidence")))
		g.Rows = append(g.Rows, []cell{name, text(span(r.Text("time_period"))), value, document(r.Text("document_title"), r.Text("document_url"))})
	}
	return g, nil
}

// document is a document's name, with its address where that is one.
func document(title, address string) cell {
	if strings.HasPrefix(address, "http://") || strings.HasPrefix(address, "https://") {
		return cell{Text: cmp.Or(title, address), Link: address}
	}
	return text(title)
}

// with says whether two readings turned on a day alike and by the same figures.
func (l turnLine) with(o turnLine) bool {
	return l.Date == o.Date && l.From == o.From && l.To == o.To && slices.EqualFunc(l.Causes, o.Causes, func(a, b cell) bool { return a.Text == b.Text && a.Link == b.Link })
}

// causes are the figures that turned a verdict, with where they are explained and the
// documents that they came in.
func (p *page) causes(t news.Turn) []cell {
	var out []cell
	for _, c := range t.Causes {
		line := text(p.cause(c))
		if c.Document.ID > 0 {
			line = linked(line.Text, p.explainID(fmt.Sprintf("%d:%d", c.Document.ID, c.Record)))
			line.More = []cell{document(c.Document.Title, c.Document.URL)}
		}
		out = append(out, line)
	}
	return out
}

// history are the days on which the claim's verdict changed.
func (p *page) history(ctx context.Context, id string) ([]turnLine, error) {
	all, err := news.Turns(ctx, p.release)
	if err != nil {
		return nil, err
	}
	var out []turnLine
	for _, t := range all {
		if t.Claim == id {
			line := turnLine{t.Date, t.From, p.verdict(t.From), t.To, p.verdict(t.To), []string{p.turnedIn(t)}, p.causes(t)}
			if n := slices.IndexFunc(out, line.with); n >= 0 {
				out[n].Texts = append(out[n].Texts, line.Texts...)
				continue
			}
			out = append(out, line)
		}
	}
	slices.SortStableFunc(out, func(a, b turnLine) int { return strings.Compare(b.Date, a.Date) })
	return out, nil
}
