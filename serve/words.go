//go:build duckdb_arrow

package serve

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"citystats/data"
	"citystats/serve/news"
	"citystats/serve/rows"
	"citystats/transforms/units"
)

func sorted(s []string) []string {
	slices.Sort(s)
	return s
}

// printer writes numbers: both languages group thousands alike.
var printer = message.NewPrinter(language.English)

// decimal is a number with so many decimals; a negative number of them keeps what
// there are.
func decimal(v float64, decimals int) string {
	scale := number.Scale(decimals)
	if decimals < 0 {
		scale = number.MaxFractionDigits(6)
	}
	s := printer.Sprint(number.Decimal(math.Abs(v), scale))
	if v < 0 && strings.Trim(s, "0.,") != "" {
		return "−" + s // a minus sign, as wide as a digit
	}
	return s
}

// none stands where a figure is missing.
const none = "—"

// figure is a value as it was said: about, over and under are part of it, and digits
// that were not printed are not added.
func (p *page) figure(v *float64, qualifier string, decimals int) string {
	if v == nil {
		return none
	}
	words := map[string]news.Text{"about": {EN: "about ", ZH: "约"}, "over": {EN: "over ", ZH: "超过"}, "under": {EN: "under ", ZH: "不足"}}
	if w, ok := words[qualifier]; ok {
		return p.pick(w) + decimal(*v, -1)
	}
	return decimal(*v, decimals)
}

// amount is a figure with its unit, in the unit that readers of the language expect.
func (p *page) amount(v *float64, qualifier string, decimals int, symbol news.Text) string {
	if v == nil {
		return none
	}
	unit := p.pick(symbol)
	if to, ok := p.thousands[symbol.EN]; ok && !p.Zh() {
		if shown, err := units.Convert(*v, to.from, to.to); err == nil {
			v, unit, decimals = &shown, to.symbol, max(decimals+to.to.Mult-to.from.Mult, 0)
		}
	}
	first, _ := utf8.DecodeRuneInString(unit)
	if unit == "" || first > unicode.MaxLatin1 || first == '%' || strings.HasPrefix(unit, "bn ") {
		return p.figure(v, qualifier, decimals) + unit
	}
	return p.figure(v, qualifier, decimals) + " " + unit
}

// scaled is a unit that counts in ten thousands or hundred millions, and the one of
// the same measure that readers expect who count in thousands.
type scaled struct {
	from, to units.Unit
	symbol   string
}

// inThousands finds, by its symbol, the unit to show in English instead of each that
// counts in myriads: the next larger one in steps of a thousand, or else the next
// smaller one.
func inThousands(all map[string]data.Unit) map[string]scaled {
	out := map[string]scaled{}
	for _, u := range all {
		if u.Mult%3 == 0 {
			continue
		}
		best := scaled{}
		for _, o := range all {
			if o.Measure != u.Measure || o.Mult%3 != 0 {
				continue
			}
			if better := best.symbol == "" || distance(u.Mult, o.Mult) < distance(u.Mult, best.to.Mult); better {
				best = scaled{u.Unit, o.Unit, o.SymbolEN}
			}
		}
		if best.symbol != "" {
			out[u.SymbolEN] = best
		}
	}
	return out
}

// distance puts every larger scale before every smaller one.
func distance(from, to int) int {
	if to > from {
		return to - from
	}
	return 100 + from - to
}

// signed is a difference.
func signed(v *float64, decimals int, unit string) string {
	if v == nil {
		return none
	}
	s := decimal(*v, decimals)
	if *v > 0 && strings.Trim(s, "0.,") != "" {
		s = "+" + s
	}
	return s + unit
}

// gap is how far a figure is from the benchmark's: percent for levels, points for
// rates and shares.
func (p *page) gap(r rows.Row) string {
	if r.Get("gap_percent") != nil {
		return signed(r.Number("gap_percent"), 1, "%")
	}
	return signed(r.Number("gap"), max(r.Whole("decimals"), 1), p.say(" pp", "个百分点"))
}

// statuses are SDMX's OBS_STATUS in words; a settled figure needs none.
var statuses = map[string]news.Text{
	"P": {EN: "provisional", ZH: "初步数"}, "E": {EN: "derived", ZH: "推算"}, "F": {EN: "forecast or target", ZH: "预计或目标"},
}

// standing says what a reader must know of a figure: its status and how sure it is.
func (p *page) standing(status, confidence string) string {
	var out []string
	if t, ok := statuses[status]; ok {
		out = append(out, p.pick(t))
	}
	switch confidence {
	case "medium":
		out = append(out, p.say("one step removed", "转引"))
	case "low":
		out = append(out, p.say("single weak copy", "仅见单一转载"))
	}
	return strings.Join(out, p.say(", ", "，"))
}

// verdicts in words.
var verdicts = map[string]news.Text{
	"holds": {EN: "holds", ZH: "成立"}, "weakened": {EN: "weakened", ZH: "存疑"}, "reversed": {EN: "reversed", ZH: "不成立"}, "undefined": {EN: "undefined", ZH: "无法判断"},
}

// verdict is a verdict in words.
func (p *page) verdict(v string) string {
	if t, ok := verdicts[v]; ok {
		return p.pick(t)
	}
	return v
}

// span is a period as people write it: 2013–2022 for 2013/2022.
func span(period string) string { return strings.ReplaceAll(period, "/", "–") }

// standings are those of a figure with its publisher, in words.
var standings = map[string]news.Text{
	"preliminary": {EN: "first release", ZH: "初步核算"}, "revised": {EN: "later vintage", ZH: "修订"}, "final": {EN: "final verification", ZH: "最终核实"},
	"derived": {EN: "derived", ZH: "推算"}, "forecast": {EN: "forecast", ZH: "预计"}, "target": {EN: "target", ZH: "规划目标"},
}

func (p *page) stage(status string) string {
	if t, ok := standings[status]; ok {
		return p.pick(t)
	}
	return status
}

// kinds of revision in words.
var kinds = map[string]news.Text{
	"update": {EN: "update", ZH: "例行更新"}, "correction": {EN: "correction", ZH: "更正"}, "methodology": {EN: "new method", ZH: "方法变更"}, "census": {EN: "census", ZH: "普查修订"},
}

func (p *page) kind(v news.Revision) string { return p.pick(kinds[v.Type]) }

// revisedInWords is the title of a revision.
func (p *page) revisedInWords(v news.Revision) string {
	return fmt.Sprintf(p.say("%s, %s, %s: %s became %s", "%s%s（%s）：%s修订为%s"), p.pick(v.Region), p.pick(v.Title), span(v.Period),
		p.amount(&v.Old, "", v.Decimals, v.Symbol), p.amount(&v.New, "", v.Decimals, v.Symbol))
}

// revisedBy says who revised a figure, when and how.
func (p *page) revisedBy(v news.Revision) string {
	out := fmt.Sprintf(p.say("%s instead of %s. Made by %s.", "%s取代%s。数据来源：%s。"), p.stage(v.NewStatus), p.stage(v.OldStatus), p.pick(v.OriginName))
	if k := p.kind(v); k != "" {
		out += p.say(" Kind: ", "类型：") + k + p.say(".", "。")
	}
	if v.Document.Title != "" {
		out += p.say(" “", "见“") + v.Document.Title + p.say("”", "”")
		if v.PublishedAt != "" {
			out += p.say(", ", "，") + v.PublishedAt
		}
		out += p.say(".", "。")
	}
	return strings.TrimSpace(out)
}

// turnInWords is the title of a change of verdict.
func (p *page) turnInWords(t news.Turn) string {
	return fmt.Sprintf(p.say("%s → %s: %s", "%s→%s：%s"), p.verdict(t.From), p.verdict(t.To), p.pick(t.Sentence))
}

// turnedBy says which figures turned a verdict.
func (p *page) turnedBy(t news.Turn) string {
	out := fmt.Sprintf(p.say("Reading: %s. From %s to %s, visible from %s.", "口径：%s。由%s变为%s，自%s可见。"), p.pick(t.Label),
		p.amount(t.FromValue, "", t.Decimals, t.Symbol), p.amount(t.ToValue, "", t.Decimals, t.Symbol), t.Date)
	for _, c := range t.Causes {
		if c.Indicator == "" {
			continue
		}
		out += fmt.Sprintf(p.say(" %s, %s, %s: %s → %s", "%s%s（%s）：%s→%s"), p.pick(c.Region), p.pick(c.Title), span(c.Period), p.figure(c.Old, "", -1), p.figure(c.New, "", -1))
		if c.Document.Title != "" {
			out += p.say(", “", "，见“") + c.Document.Title + "”"
		}
		out += p.say(".", "。")
	}
	return out
}
