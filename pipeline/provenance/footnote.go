//go:build duckdb_arrow

package provenance

import (
	"fmt"
	"strings"
)

// Footnotes are the explanation as Markdown footnotes, ready to paste: one for each
// row, and under a computed one a line for each figure it stands on.
func (e *Explainer) Footnotes(x *Explanation, lang Language) string {
	var b strings.Builder
	for _, r := range x.Rows {
		if o := x.Single(r); o != nil {
			fmt.Fprintf(&b, "[^%s]: %s\n", label(o.ID), e.sentence(x, o, lang))
			continue
		}
		fmt.Fprintf(&b, "[^%s]: %s\n\n", label(r.ID), e.computed(x, r, lang))
		for _, leaf := range r.leaves(nil) {
			fmt.Fprintf(&b, "    - %s\n", e.sentence(x, x.Observations[leaf-1], lang))
		}
		for _, gap := range r.gaps(nil) {
			fmt.Fprintf(&b, "    - %s%s\n", escape(e.Subject(gap, lang)), lang.pick(": no figure is known.", "：无数据。"))
		}
	}
	return b.String()
}

// label is the footnote's name.
func label(id string) string {
	return "citystats-" + strings.Map(func(r rune) rune {
		if r == ':' || r == '/' || r == ' ' {
			return '-'
		}
		return r
	}, id)
}

// leaves are the places of the observations below a row, each once, in order.
func (r *Row) leaves(before []int) []int {
	if r.Observation > 0 {
		for _, n := range before {
			if n == r.Observation {
				return before
			}
		}
		return append(before, r.Observation)
	}
	for _, i := range r.Inputs {
		before = i.leaves(before)
	}
	return before
}

// gaps are the rows below that stand on nothing.
func (r *Row) gaps(before []*Row) []*Row {
	for _, i := range r.Inputs {
		if len(i.Inputs) == 0 && i.Computed() {
			before = append(before, i)
		}
		before = i.gaps(before)
	}
	return before
}

// computed says what a row holds and what computed it.
func (e *Explainer) computed(x *Explanation, r *Row, lang Language) string {
	var figures []string
	for _, f := range e.Figures(r, lang) {
		if f.Count {
			continue
		}
		text := f.Text
		if f.Label != "" {
			text = f.Label + lang.pick(" ", "") + text
		}
		figures = append(figures, text)
	}
	if len(figures) == 0 {
		figures = []string{lang.pick("no figure", "无数据")}
	}
	out := escape(e.Subject(r, lang)) + lang.pick(": ", "：") + strings.Join(figures, lang.pick("; ", "；")) + lang.pick(". ", "。")
	if relation := e.Relation(r, lang); relation != "" {
		out += escape(relation) + lang.pick(". ", "。")
	}
	out += fmt.Sprintf(lang.pick("Computed by citystats (sql/%s), release %s", "由citystats计算（sql/%s），版本%s"), r.model.File, x.Release)
	if x.AsOf != "" {
		out += fmt.Sprintf(lang.pick(", as one would have read it on %s", "，按%s当日可见的数据"), lang.date(x.AsOf))
	}
	return out + fmt.Sprintf(lang.pick(", row %s, from:", "，行%s，依据："), "`"+r.ID+"`")
}

// Relation says how far a comparison compares like with like; empty for rows that
// compare nothing.
func (e *Explainer) Relation(r *Row, lang Language) string {
	words := map[string][2]string{
		"like_for_like":     {"Like for like", "口径一致"},
		"not_like_for_like": {"Not like for like", "口径不同"},
		"context":           {"Another measure, no gap", "另一指标，不计差距"},
	}
	relation, known := words[r.Values.Text("relation")]
	if !known {
		return ""
	}
	out, reason := lang.pick(relation[0], relation[1]), r.Values.Text("reason")
	if reason != "" {
		out += lang.pick(": ", "：") + lang.pick(reason, strings.TrimSuffix(e.defined("benchmark_pairs", "reason_zh", map[string]string{"reason_en": reason}), "。"))
	}
	return out
}

// sentence cites one observation.
func (e *Explainer) sentence(x *Explanation, o *Observation, lang Language) string {
	d := o.Document
	var b strings.Builder
	b.WriteString(escape(o.Subject(lang)) + lang.pick(": ", "：") + o.Amount(lang) + lang.pick(" (", "（") + o.Standing(lang) + lang.pick("). ", "）。"))
	b.WriteString(escape(o.Maker(lang)))
	if d.Publisher != o.Origin {
		b.WriteString(lang.pick(", as printed by ", "，转引自") + escape(d.Printer(lang)))
	}
	b.WriteString(lang.pick(", “", "《") + escape(d.Title) + lang.pick("”, ", "》，"))
	if d.Published == "" {
		b.WriteString(lang.pick("publication date not known, received ", "发布日期不详，收录于") + lang.date(d.KnownAt[:len("2006-01-02")]))
	} else {
		b.WriteString(lang.date(d.Published))
	}
	if d.URL != "" {
		b.WriteString(lang.pick(", ", "，") + "<" + d.URL + ">")
	}
	b.WriteString(lang.pick(", ", "，") + escape(o.Whereabouts(lang)) + lang.pick(". ", "。"))
	for _, c := range o.caveats(lang) {
		b.WriteString(escape(c) + lang.pick(". ", "。"))
	}
	fmt.Fprintf(&b, lang.pick("citystats release %s, observation %s, document SHA-256 %s.", "citystats版本%s，观测%s，文件SHA-256 %s。"), x.Release, o.ID, d.SHA256[:min(len(d.SHA256), 16)])
	return b.String()
}

// caveats are what must be printed with a figure.
func (o *Observation) caveats(lang Language) []string {
	var out []string
	switch o.Confidence {
	case "medium":
		out = append(out, lang.pick("Read one step removed from its publisher", "非发布机构原件，经转载"))
	case "low":
		out = append(out, lang.pick("A single weak copy, not to be cited alone", "仅有一处不可靠的转载，不宜单独引用"))
	}
	if o.Derivation != "" {
		out = append(out, lang.pick("Derived: ", "推算：")+o.Derivation)
	}
	if o.Note != "" {
		out = append(out, strings.TrimSuffix(o.Note, "."))
	}
	if o.SupersededBy != "" {
		out = append(out, lang.pick("Superseded since by observation ", "已被观测")+o.SupersededBy+lang.pick("", "取代"))
	}
	if !o.Verified {
		out = append(out, lang.pick("NOT VERIFIED: ", "未经核实：")+o.Problem)
	}
	return out
}

// Caveats are what must be printed with a figure, in English.
func (o *Observation) Caveats() []string { return o.caveats(English) }

// escape keeps names and titles from being Markdown.
func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, ">", `\>`).Replace(s)
}
