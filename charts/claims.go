//go:build duckdb_arrow

package charts

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"citystats/internal/fault"
	"citystats/transforms/units"
)

// Said is the printed sentence that a chart of its readings is about.
type Said struct {
	Sentence  Text
	Operator  string // over, at_least, under, at_most or about the threshold
	Threshold float64
	Verdict   string // under the natural reading
	Where     Text   // who printed it, and when
}

// Reading is one way of reading it, with the figure that it is held against.
type Reading struct {
	ID         string
	Label      Text
	Value      *float64 // nil when there is none
	Low, High  *float64 // bounds it is known to lie between
	Margin     *float64 // how far the figure is on the claim's side; of about, the tolerance less the distance
	Verdict    string   // holds, weakened, reversed or undefined
	Why        string
	Missing    string // what lacks, where there is no figure
	LookedFor  Text
	Natural    bool // whether its verdict is the claim's
	Admissible bool // whether the sentence can be read so
}

// verdicts are the words for them, and the shape of each in a picture.
var verdicts = map[string]struct {
	word  Text
	told  Text // of the claim as a whole
	shape string
}{
	"holds":     {Text{"holds", "成立"}, Text{"It holds", "成立"}, "circle"},
	"weakened":  {Text{"weakened", "存疑"}, Text{"It is weakened", "存疑"}, "diamond"},
	"reversed":  {Text{"reversed", "不成立"}, Text{"It is reversed", "不成立"}, "square"},
	"undefined": {Text{"no figure", "无数据"}, Text{"There is no figure to hold it against", "没有数据可核对"}, ""},
}

// operators are the words before a claim's number.
var operators = map[string]Text{
	"over": {"more than ", "超过"}, "at_least": {"at least ", "不低于"}, "under": {"less than ", "低于"},
	"at_most": {"at most ", "不超过"}, "about": {"about ", "约"},
}

// claim reads the sentence and its verdict.
func (f *filler) claim() error {
	c := f.chart
	unit := ""
	if c.Language != Both {
		unit = c.Definition.Unit.In(c.Language)
	}
	region := ""
	err := f.ask(`SELECT c.sentence_en, c.sentence_zh, c.operator, c.threshold, c.decimals, c.region_code, v.verdict, u.id, u.unit_measure, u.unit_mult,
	s.id AS shown, s.unit_mult AS shown_mult, s.symbol_en, s.symbol_zh, s.name_en, s.name_zh,
	c.paraphrase, c.published_at, p.name_en AS by_en, coalesce(p.name_zh, p.name_en) AS by_zh
FROM claims AS c JOIN publishers AS p ON p.id = c.publisher JOIN claim_verdicts AS v ON v.claim = c.id JOIN units AS u ON u.id = c.unit JOIN units AS s ON s.id = coalesce(nullif(?, ''), c.unit)
WHERE c.id = ?`, []any{unit, c.Claim}, func(r rows) {
		region = r.text("region_code")
		f.from = units.Unit{ID: r.text("id"), Measure: r.text("unit_measure"), Mult: r.whole("unit_mult")}
		f.to = units.Unit{ID: r.text("shown"), Measure: f.from.Measure, Mult: r.whole("shown_mult")}
		c.Unit, c.UnitName = Text{r.text("symbol_en"), r.text("symbol_zh")}, Text{r.text("name_en"), r.text("name_zh")}
		c.Percent, c.Decimals = r.text("symbol_en") == "%", max(0, r.whole("decimals")+f.to.Mult-f.from.Mult)
		c.Said = Said{Text{r.text("sentence_en"), r.text("sentence_zh")}, r.text("operator"), *f.restated(r.get("threshold")), r.text("verdict"), Text{}}
		day := r.day("published_at").Format(time.DateOnly)
		c.Said.Where = Text{"Printed by " + r.text("by_en") + " on " + day, r.text("by_zh") + day + "刊载"}
		if ours, _ := r.get("paraphrase").(bool); ours {
			c.Said.Where.EN, c.Said.Where.ZH = c.Said.Where.EN+"; told in our words", c.Said.Where.ZH+"，此处为转述"
		}
	})
	switch {
	case err != nil:
		return err
	case region == "":
		return fault.New(fault.Definition, "data/"+File, "name a claim of the release, or run citystats run", "the chart %s: the release has no claim %s", c.ID, c.Claim)
	case region != c.Region.Code:
		return fault.New(fault.Usage, "", "leave the region out", "the chart %s is of the region that its claim names, not of %s", c.ID, c.Region.Name.EN)
	}
	return f.readings()
}

// restated is a figure in the chart's unit; nil for none.
func (f *filler) restated(v any) *float64 {
	x, ok := v.(float64)
	if !ok {
		return nil
	}
	y, err := units.Convert(x, f.from, f.to)
	if err != nil {
		f.failed = fmt.Errorf("chart %s: %w", f.chart.ID, err)
	}
	return &y
}

// readings reads the claim's readings, the natural one first, those that the
// sentence does not allow last.
func (f *filler) readings() error {
	c := f.chart
	err := f.ask(`SELECT g.reading, g.label_en, g.label_zh, g.is_default, g.admissible, g.looked_for_en, g.looked_for_zh,
	k.verdict, k.why, k.value, k.value_low, k.value_high, k.margin, k.missing
FROM claim_readings AS g JOIN claim_checks AS k ON k.claim = g.claim AND k.reading = g.reading
WHERE g.claim = ? ORDER BY g.is_default DESC, g.admissible DESC, g.position`, []any{c.Claim}, func(r rows) {
		natural, _ := r.get("is_default").(bool)
		admissible, _ := r.get("admissible").(bool)
		c.Readings = append(c.Readings, Reading{
			ID: r.text("reading"), Label: Text{r.text("label_en"), r.text("label_zh")}, Natural: natural, Admissible: admissible,
			Verdict: r.text("verdict"), Why: r.text("why"), Missing: r.text("missing"), LookedFor: Text{r.text("looked_for_en"), r.text("looked_for_zh")},
			Value: f.restated(r.get("value")), Low: f.restated(r.get("value_low")), High: f.restated(r.get("value_high")), Margin: f.restated(r.get("margin")),
		})
	})
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(c.Readings, func(r Reading) bool { return r.Value != nil }) {
		return fault.New(fault.Usage, "", "see citystats claims "+c.Claim, "the chart %s has no figure under any reading", c.ID)
	}
	// Whose figures they are: of figures the origin, of rows of definitions who printed them.
	return f.ask(`SELECT p.name_en, coalesce(p.name_zh, p.name_en) AS name_zh, p.licence, count(*) AS n
FROM claim_inputs AS i LEFT JOIN events AS e ON i.defined_in = 'events' AND e.id = i.row_id
JOIN publishers AS p ON p.id = coalesce(i.origin, e.publisher)
WHERE i.claim = ? GROUP BY ALL ORDER BY n DESC, p.name_en`, []any{c.Claim}, func(r rows) {
		c.Sources = append(c.Sources, Source{Text{r.text("name_en"), r.text("name_zh")}, r.text("licence")})
	})
}

// held is the sentence without its stop, and what becomes of it.
func (c *Chart) held() (sentence, verdict string) {
	l := c.Language
	return strings.TrimRight(c.Said.Sentence.In(l), ".。"), verdicts[c.Said.Verdict].told.In(l)
}

// threshold is the claim's number with the words before it.
func (c *Chart) threshold() string {
	return operators[c.Said.Operator].In(c.Language) + withUnit(grouped(c.Said.Threshold, -1), c.Unit.In(c.Language))
}

// margin is a margin with its sign; it has one digit more than the figure, since it
// may be small.
func (c *Chart) margin(r Reading) string {
	text := grouped(*r.Margin, c.Decimals+1)
	if strings.HasPrefix(text, "−") {
		return text
	}
	return "+" + text
}

// answered are the readings that have a figure.
func (c *Chart) answered() []Reading {
	return slices.DeleteFunc(slices.Clone(c.Readings), func(r Reading) bool { return r.Value == nil })
}

// readingNotes are what must be printed with a chart of readings.
func (c *Chart) readingNotes() []string {
	l := c.Language
	where := c.Said.Where.In(l) + Text{".", "。"}.In(l)
	out := []string{Text{
		"The number behind a verdict is the margin: how far the figure is on the claim's side of its number, in the figure's unit.",
		"判断后的数字为余量：数据位于原文数字所述一侧的距离。",
	}.In(l)}
	if c.Said.Operator == "about" {
		out[0] = Text{
			"The number behind a verdict is the margin: the tolerance less the distance from the claim's number.", "判断后的数字为余量：容差减去与原文数字之差。",
		}.In(l)
	}
	out = append([]string{where}, out...)
	if slices.ContainsFunc(c.Readings, func(r Reading) bool { return r.Verdict == "weakened" }) {
		out = append(out, Text{"Weakened: rounding could decide, or the evidence is weak.", "存疑：四舍五入即可改变结论，或证据较弱。"}.In(l))
	}
	var none []string
	for _, r := range c.Readings {
		if r.Value == nil {
			none = append(none, r.Label.In(l))
		}
	}
	if len(none) > 0 {
		out = append(out, Text{"No figure: ", "无数据："}.In(l)+strings.Join(none, Text{"; ", "；"}.In(l))+Text{".", "。"}.In(l))
	}
	return out
}

// recital tells every reading that has a figure.
func (c *Chart) recital() string {
	l := c.Language
	parts := []string{Text{"The claim: ", "原文称："}.In(l) + c.threshold() + Text{".", "。"}.In(l)}
	for _, r := range c.answered() {
		label := r.Label.In(l)
		if !r.Admissible {
			label += Text{" (no reading of the sentence)", "（非原文之意）"}.In(l)
		}
		parts = append(parts, fmt.Sprintf(Text{"%s: %s, %s, margin %s.", "%s：%s，%s，余量%s。"}.In(l), upper(label),
			withUnit(grouped(*r.Value, c.Decimals), c.Unit.In(l)), verdicts[r.Verdict].word.In(l), c.margin(r)))
	}
	return strings.Join(parts, Text{" ", ""}.In(l))
}

// readingTable has a row for each reading.
func (c *Chart) readingTable() Table {
	t := Table{Columns: []Column{
		{"reading", Text{"Reading", "读法编号"}, "string", "Key of claim_readings"},
		{"label", Text{"How the sentence is read", "读法（英文）"}, "string", "In English"},
		{"label_zh", Text{"How it is read, in Chinese", "读法"}, "string", "In Chinese"},
		{"verdict", Text{"Verdict", "判断"}, "string", "holds, weakened, reversed or undefined"},
		{"value", Text{"Figure", "数据"}, "number", "In " + c.UnitName.EN},
		{"operator", Text{"The claim says", "原文用语"}, "string", "over, at_least, under, at_most or about the threshold"},
		{"threshold", Text{"The claim's number", "原文数字"}, "number", "In " + c.UnitName.EN},
		{"margin", Text{"Margin", "余量"}, "number", "How far the figure is on the claim's side, in " + c.UnitName.EN + "; of about, the tolerance less the distance"},
		{"why", Text{"What decided", "判断依据"}, "string", "In English"},
		{"missing", Text{"What lacks", "缺少"}, "string", "Where there is no figure"},
		{"natural", Text{"Natural reading", "自然读法"}, "string", "yes for the reading whose verdict is the claim's"},
		{"admissible", Text{"The sentence can be read so", "符合原文"}, "string", "no for what is shown for comparison only"},
	}}
	for _, r := range c.Readings {
		t.Rows = append(t.Rows, []any{
			r.ID, r.Label.EN, r.Label.ZH, r.Verdict, cellOf(r.Value), c.Said.Operator, c.Said.Threshold, cellOf(r.Margin),
			text(r.Why), text(r.Missing), yes(r.Natural), yes(r.Admissible),
		})
	}
	return t
}

func cellOf(v *float64) any {
	if v == nil {
		return nil
	}
	return round(*v)
}

func yes(is bool) any { return map[bool]string{true: "yes", false: "no"}[is] }
