//go:build duckdb_arrow

package serve

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"

	"go.uber.org/zap"

	"citystats/charts"
	"citystats/internal/fault"
	"citystats/pipeline/provenance"
	"citystats/serve/news"
)

// explainParameters name a number: by region, indicator and period, by a growth
// window, as a point of a chart, as the verdict of a claim, or by the id of a row.
var explainParameters = []string{"region", "indicator", "period", "benchmark", "window", "chart", "row", "column", "claim", "reading", "id", "as_of"}

// explanation is what stands behind a number. It is found by package provenance, as
// citystats explain finds it, so that the page and the command say the same.
func (p *page) explanation(ctx context.Context) (*provenance.Explainer, *provenance.Explanation, error) {
	e := &provenance.Explainer{
		Release: p.release.ID, Reader: p.release, Queries: p.Queries, Catalog: p.Catalog, Sources: p.Sources, Archive: filepath.Join(p.State, "archive"),
	}
	if !p.names() {
		return nil, nil, fault.New(fault.Usage, "", "ask for /explain?region=hefei&indicator=gdp&period=2018", "a figure is named by a region, an indicator and a period")
	}
	x, err := p.lookUp(ctx, e)
	switch {
	case fault.KindOf(err) == fault.Usage && !isMissing(err):
		return nil, nil, missing{told(err)}
	case err != nil:
		return nil, nil, err
	}
	if fault.KindOf(x.Err()) == fault.Storage {
		p.Log.Error("the archive does not bear out a release", zap.String("release", p.release.ID), zap.Error(x.Err()))
	}
	if !p.release.Whole() {
		// What stands beside a figure in its document may be under embargo.
		for _, o := range x.Observations {
			o.Quote = ""
		}
	}
	return e, x, nil
}

// lookUp puts the question of the address to the explainer.
func (p *page) lookUp(ctx context.Context, e *provenance.Explainer) (*provenance.Explanation, error) {
	switch {
	case p.drawing != "":
		return p.point(ctx, e)
	case p.verdictOf != "":
		return e.Claim(ctx, p.verdictOf, p.reading)
	case p.id != "":
		return e.Reference(ctx, p.id, p.asOf)
	}
	return e.Figure(ctx, provenance.Question{Region: p.region, Indicator: p.indicator, Period: p.period, Against: p.benchmark, Window: p.window, AsOf: p.asOf})
}

// names says whether a number is named in any of the ways.
func (a asked) names() bool {
	return a.drawing != "" || a.verdictOf != "" || a.id != "" || (a.region != "" && (a.window != "" || (a.indicator != "" && a.period != "")))
}

// point explains a cell of a chart's table.
func (p *page) point(ctx context.Context, e *provenance.Explainer) (*provenance.Explanation, error) {
	d, err := p.chart(p.drawing)
	if err != nil {
		return nil, err
	}
	c, err := resolve(ctx, p.release, d, ofChart(d, p.asked))
	if err != nil {
		return nil, err
	}
	ids, err := c.StandsOn(p.row, p.column)
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, notFound("see /chart/"+p.drawing, "nothing stands behind %s in %s", p.column, p.row)
	}
	return e.References(ctx, ids, p.asOf)
}

// told is the part of an error that a person is told.
func told(err error) *fault.Error {
	var f *fault.Error
	if errors.As(err, &f) {
		return f
	}
	return fault.New(fault.Usage, "", "", "%s", err.Error())
}

// explainJSON answers with what citystats explain --format json prints.
func (s *Server) explainJSON(w http.ResponseWriter, r *http.Request) {
	a, err := s.inOne(r, explainParameters...)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	a.lang = charts.English // its keys and words are in one language
	s.known(w, r, "explain.json", jsonType, a, func(ctx context.Context, p *page) ([]byte, error) {
		_, x, err := p.explanation(ctx)
		if err != nil {
			return nil, err
		}
		return indented(x)
	})
}

// fact is a line of an explanation.
type fact struct{ Name, Text, Link, Code string }

// explained is a row of a table as its page tells it.
type explained struct {
	Title, Figure, Standing, SQL string
	Facts                        []fact
	Inputs                       grid
}

// explanationBody is the page of an explanation.
type explanationBody struct {
	Rows              []explained
	List, Vintages    grid
	Wrong             []string // figures that their documents do not bear out
	Note              string
	Footnotes         string
	Command, JSONPath string
}

func explain(ctx context.Context, p *page, _ string) ([]byte, error) {
	e, x, err := p.explanation(ctx)
	if err != nil {
		return nil, err
	}
	body := explanationBody{Footnotes: e.Footnotes(x, p.tongueOfNotes()), Command: p.explainCommand(), JSONPath: "/explain.json" + p.inEnglish().query()}
	for _, o := range x.Unverified() {
		body.Wrong = append(body.Wrong, o.Subject(p.tongueOfNotes())+p.say(": ", "：")+o.Problem)
	}
	if len(x.Rows) > few {
		body.List = grid{Caption: p.say("What it stands on", "所依据的数据"), Heads: p.inputHeads()}
		p.addInputs(&body.List, e, x, &provenance.Row{Inputs: x.Rows}, 0)
	} else {
		for _, r := range x.Rows {
			body.Rows = append(body.Rows, p.explained(e, x, r))
		}
	}
	if p.indicator != "" && p.benchmark != "" && x.Rows[0].Table == "benchmark_observations" {
		body.Note = p.say("The region has no figure for this period; the benchmark's stands alone.", "该地区此期无数据，仅列比较对象。")
	}
	if single := x.Single(x.Rows[0]); single != nil && len(x.Rows) == 1 {
		if body.Vintages, err = p.vintages(ctx, e, single); err != nil {
			return nil, err
		}
	}
	title := p.explainTitle(body)
	return p.html("explain.html", view{Title: title, Path: "/explain", Description: p.say("Where this number comes from: ", "该数据的出处：") + title, Body: body})
}

// few is how many rows are told one by one; more are listed.
const few = 3

// explainTitle is what the number is.
func (p *page) explainTitle(body explanationBody) string {
	switch d, err := p.chart(p.drawing); {
	case p.drawing != "" && err == nil && len(body.Rows) != 1:
		return p.chartName(d) + p.say(", ", "，") + p.row
	case p.verdictOf != "":
		if c, ok := p.Catalog.Claims.Find(p.verdictOf); ok {
			return p.say(c.Sentence.EN, c.Sentence.ZH)
		}
	case len(body.Rows) != 1:
		return p.say("A number made of several", "由多项数据得出")
	}
	return body.Rows[0].Title
}

// tongueOfNotes is the page's language as footnotes know it.
func (p *page) tongueOfNotes() provenance.Language { return provenance.Language(p.lang) }

// inEnglish is what was asked, in English.
func (a asked) inEnglish() asked {
	a.lang = charts.English
	return a
}

// explained tells a row: a figure by its document, a computed one by what it stands on.
func (p *page) explained(e *provenance.Explainer, x *provenance.Explanation, r *provenance.Row) explained {
	if o := x.Single(r); o != nil {
		return explained{Title: o.Subject(p.tongueOfNotes()), Figure: p.observed(o), Standing: p.standing(o.ObsStatus, o.Confidence), SQL: r.SQL, Facts: p.documented(o)}
	}
	out := explained{Title: e.Subject(r, p.tongueOfNotes()), Figure: none, SQL: r.SQL}
	if v := r.Values.Text("verdict"); v != "" {
		out.Facts = append(out.Facts, fact{Name: p.say("Verdict", "结论"), Text: p.verdict(v) + p.say(", ", "，") + p.pick(reasons[r.Values.Text("why")])})
	}
	for _, f := range e.Figures(r, p.tongueOfNotes()) {
		switch {
		case f.Count && f.Text == "0": // nobody asks how many there are of what there is not
		case f.Label == "":
			out.Figure = f.Text
		default:
			out.Facts = append(out.Facts, fact{Name: p.columnName(f), Text: f.Text})
		}
	}
	out.Facts = append(
		out.Facts,
		fact{Name: p.say("Comparison", "可比性"), Text: e.Relation(r, p.tongueOfNotes())},
		fact{Name: p.say("Computed as", "计算方式"), Text: p.say(r.Title, ""), Code: p.say("", r.Table)},
		fact{Name: p.say("Row", "行"), Code: r.ID},
	)
	out.Facts = said(out.Facts)
	out.Inputs = grid{Caption: p.say("What it stands on", "所依据的数据"), Heads: p.inputHeads()}
	p.addInputs(&out.Inputs, e, x, r, 0)
	return out
}

// said leaves out what there is nothing to say of.
func said(all []fact) []fact {
	kept := all[:0]
	for _, f := range all {
		if f.Text != "" || f.Code != "" {
			kept = append(kept, f)
		}
	}
	return kept
}

// httpOnly is an address that a page may link to.
func httpOnly(address string) string { return document("", address).Link }

// observed is a figure in the unit that readers of the language expect.
func (p *page) observed(o *provenance.Observation) string {
	i, _ := p.measure(o.Indicator)
	return p.amount(&o.Value, o.Qualifier, i.Decimals, news.Text{EN: o.Symbol(provenance.English), ZH: o.Symbol(provenance.Chinese)})
}

// documented is where a figure was read, and whether it still stands there.
func (p *page) documented(o *provenance.Observation) []fact {
	d, lang := o.Document, p.tongueOfNotes()
	published := d.Published
	if published == "" {
		published = p.say("not known", "不详")
	}
	checked := p.say("yes: the archived bytes have that SHA-256, and reading them again gives the stored figure", "一致：存档文件的SHA-256相符，重新读取得到相同数据")
	if !o.Verified {
		checked = p.say("NOT VERIFIED: ", "未经核实：") + o.Problem
	}
	return said([]fact{
		{p.say("Made by", "数据来源"), o.Maker(lang), "", ""},
		{p.say("Printed by", "发布者"), d.Printer(lang), "", ""},
		{p.say("Publication", "文件"), d.Title, httpOnly(d.URL), ""},
		{p.say("Published", "发布日期"), published, "", ""},
		{p.say("Place", "位置"), o.Whereabouts(lang), "", ""},
		{p.say("There it says", "原文"), o.Quote, "", ""},
		{p.say("As printed", "原始值"), printed(o.Printed), "", ""},
		{p.say("As stored", "存储值"), "", "", decimalsOf(o.Value) + " " + o.Unit},
		{p.say("Standing", "阶段"), o.Standing(lang), "", ""},
		{p.say("Looked up again", "复核"), checked, "", ""},
		{p.say("Derived", "推算方法"), o.Derivation, "", ""},
		{p.say("Note", "备注"), o.Note, "", ""},
		{p.say("Superseded by", "已被取代"), "", p.supersededAt(o), o.SupersededBy},
		{p.say("Received here", "收录时间"), d.KnownAt, "", ""},
		{p.say("Address", "网址"), d.URL, httpOnly(d.URL), ""},
		{p.say("Document", "文件编号"), "", "", fmt.Sprintf("%d, %s/%s", d.ID, d.Source, d.Name)},
		{"SHA-256", "", "", d.SHA256},
		{p.say("Observation", "观测"), "", "", o.ID},
	})
}

func (p *page) supersededAt(o *provenance.Observation) string {
	if o.SupersededBy == "" {
		return ""
	}
	return p.explainID(o.SupersededBy)
}

// printed is a figure in its publisher's codes, names and unit.
func printed(f *provenance.Printed) string {
	if f == nil {
		return ""
	}
	out := strings.Join([]string{f.Region, f.Indicator, f.Period}, ", ") + ": " + decimalsOf(f.Value) + " " + f.Unit
	if f.Mult != 0 {
		out += fmt.Sprintf(" × 10^%d", f.Mult)
	}
	return strings.TrimSpace(out)
}

func (p *page) inputHeads() []head {
	return []head{{p.say("Figure of", "数据"), false}, {p.say("Figure", "数值"), true}, {p.say("Document", "文件"), false}, {p.say("Place", "位置"), false}, {p.say("Looked up again", "复核"), false}}
}

// addInputs adds what a row stands on, each level further in.
func (p *page) addInputs(g *grid, e *provenance.Explainer, x *provenance.Explanation, r *provenance.Row, depth int) {
	class := fmt.Sprintf("in%d", min(depth, 3))
	if len(r.Inputs) == 0 && r.Computed() {
		g.Rows = append(g.Rows, []cell{{Text: p.say("no figure is known", "无数据"), Class: class, Head: true}, {Text: none, Number: true}, {}, {}, {}})
	}
	for _, i := range r.Inputs {
		role := p.role(i)
		if o := x.Single(i); o != nil {
			paper := document(o.Document.Title, o.Document.URL)
			paper.Note = o.Document.Published
			checked := cell{Text: p.say("yes", "一致"), Class: "verdict holds"}
			if !o.Verified {
				checked = cell{Text: p.say("NOT VERIFIED", "未经核实"), Note: o.Problem, Class: "verdict reversed"}
			}
			g.Rows = append(g.Rows, []cell{
				{Text: o.Subject(p.tongueOfNotes()), Class: class, Head: true, Note: role},
				numeric(p.observed(o), p.explainID(o.ID), p.standing(o.ObsStatus, o.Confidence)), paper, text(o.Whereabouts(p.tongueOfNotes())), checked,
			})
			continue
		}
		figure := numeric(cmp.Or(e.Main(i, p.tongueOfNotes()), none), p.explainID(i.ID), "")
		g.Rows = append(g.Rows, []cell{{Text: e.Subject(i, p.tongueOfNotes()), Class: class, Head: true, Note: role}, figure, {}, {}, {}})
		p.addInputs(g, e, x, i, depth+1)
	}
}

// vintages are all that was ever said of a figure, when there is more than one.
func (p *page) vintages(ctx context.Context, e *provenance.Explainer, now *provenance.Observation) (grid, error) {
	g := grid{Caption: p.say("Everything that was said of it", "历次公布"), Heads: []head{
		{p.say("Published", "发布日期"), false}, {p.say("Figure", "数据"), true}, {p.say("Standing", "阶段"), false}, {p.say("Made by", "数据来源"), false}, {p.say("Document", "文件"), false}, {p.say("Observation", "观测"), false},
	}}
	q := provenance.Question{Region: now.RegionCode, Indicator: now.Indicator, Period: now.TimePeriod, AsOf: p.asOf, All: true}
	x, err := e.Figure(ctx, q)
	if err != nil || len(x.Observations) < 2 {
		return grid{}, err
	}
	for _, o := range x.Observations {
		published := o.Document.Published
		if published == "" {
			published = none
		}
		value := cell{Text: p.observed(o), Number: true, Note: p.standing(o.ObsStatus, o.Confidence)}
		if o.ID == now.ID {
			value.Class = "chosen"
		}
		g.Rows = append(g.Rows, []cell{
			{Text: published, Head: true},
			value, text(o.Standing(p.tongueOfNotes())), text(o.Maker(p.tongueOfNotes())), document(o.Document.Title, o.Document.URL),
			{Text: o.ID, Link: p.explainID(o.ID), Class: "code"},
		})
	}
	return g, nil
}

// explainCommand is how the command line is asked the same.
func (p *page) explainCommand() string {
	words := []string{"citystats", "explain"}
	option := func(name, value string) {
		if value != "" {
			words = append(words, name, value)
		}
	}
	switch {
	case p.drawing != "":
		words = append(words, "--chart", p.drawing, p.row)
		if p.column != "" {
			words = append(words, p.column)
		}
		option("--region", p.region)
		option("--against", p.benchmark)
		option("--as-of", p.asOf)
	case p.verdictOf != "" && p.reading != "":
		words = append(words, "--claim", p.verdictOf+":"+p.reading)
	case p.verdictOf != "":
		words = append(words, "--claim", p.verdictOf)
	case p.id != "":
		words = append(words, p.id)
		option("--as-of", p.asOf)
	default:
		words = append(words, p.region)
		if p.window == "" {
			words = append(words, p.indicator, p.period)
		}
		option("--window", p.window)
		option("--against", p.benchmark)
		option("--as-of", p.asOf)
	}
	for i, w := range words {
		if strings.Trim(w, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:/.-") != "" {
			words[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(words, " ")
}
