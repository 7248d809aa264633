//go:build duckdb_arrow

package serve

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"citystats/data"
	"citystats/pipeline/provenance"
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
	unit, trim := p.pick(symbol), false
	if to, ok := p.thousands[symbol.EN]; ok && !p.Zh() {
		if shown, err := units.Convert(*v, to.from, to.to); err == nil {
			v, unit, decimals, trim = &shown, to.symbol, max(decimals+to.to.Mult-to.from.Mult, 0), true
		}
	}
	if rest, ok := strings.CutPrefix(unit, "十亿"); ok && p.Zh() { // Chinese counts in 亿
		shown := *v * 10
		v, unit, decimals = &shown, "亿"+rest, max(decimals-1, min(decimals, 0))
	}
	text := p.figure(v, qualifier, decimals)
	if trim && strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".") // the digits are of another unit
	}
	first, _ := utf8.DecodeRuneInString(unit)
	if unit == "" || first > unicode.MaxLatin1 || first == '%' || strings.HasPrefix(unit, "bn ") {
		return text + unit
	}
	return text + " " + unit
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

// roles are what inputs are to what was computed from them.
var roles = map[string]string{
	"figure": "数据", "region": "本地区", "benchmark": "比较对象", "member": "成员", "year": "年份", "growth": "增速", "comparison": "比较", "weight": "权重",
	"before": "修订前", "after": "修订后", "year before": "上年", "first year": "首年", "last year": "末年", "row": "定义",
}

// role is what an input is to what was computed from it.
func (p *page) role(r *provenance.Row) string {
	zh, ok := roles[r.Role]
	if !ok {
		zh = r.Role
	}
	out := p.say(r.Role, zh)
	if year := r.Values.Get("year"); year != nil {
		out += fmt.Sprintf(" %v", year)
	}
	return out
}

// columns are those of tables in Chinese, where explanations print them.
var columns = map[string]string{
	"ranking": "排名", "ranking_of": "参与排名数", "benchmark_members": "有数据的成员", "benchmark_members_declared": "成员总数", "years_missing": "缺失年份", "years_bridged": "以平均增速代替的年份",
	"threshold": "阈值", "margin": "余量", "value_low": "下限", "value_high": "上限", "percentile": "百分位", "ranking_tied": "并列", "benchmark_years_missing": "比较对象缺失年份", "benchmark_members_elsewhere": "成员数据另有口径", "benchmark_weights_missing": "缺少权重的成员", "index_100": "比较对象=100",
}

// columnName is what a figure of a computed row is called.
func (p *page) columnName(f provenance.Figure) string {
	name := f.Label
	if zh, ok := columns[f.Column]; ok && p.Zh() {
		name = zh
	}
	if strings.HasSuffix(f.Column, "_percent") {
		name += p.say(", %", "（%）")
	}
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(first)) + name[size:]
}

// decimalsOf is a number with all its digits, as programs write it.
func decimalsOf(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// kinds of revision in words.
var kinds = map[string]news.Text{
	"update": {EN: "update", ZH: "例行更新"}, "correction": {EN: "correction", ZH: "更正"}, "methodology": {EN: "new method", ZH: "方法变更"}, "census": {EN: "census", ZH: "普查修订"},
}

func (p *page) kind(v news.Revision) string { return p.pick(kinds[v.Type]) }

// revisedInWords is the title of a revision.
func (p *page) revisedInWords(v news.Revision) string {
	before, after := p.apart(v)
	return fmt.Sprintf(p.say("%s, %s, %s: %s became %s", "%s%s（%s）：%s修订为%s"), p.pick(v.Region), p.pick(v.Title), span(v.Period), before, after)
}

// typed is the type of a revision in words, with the declared event it belongs to.
func (p *page) typed(v news.Revision) string {
	out := p.kind(v)
	if e := p.pick(v.EventTitle); e != "" {
		out += p.say(": ", "：") + e
	}
	return out
}

// paper is a document as it is cited in a sentence.
func (p *page) paper(d news.Document) string {
	return p.say("“", "《") + d.Title + p.say("”", "》")
}

// revisedBy says who revised a figure, when and how, and what that moves.
func (p *page) revisedBy(v news.Revision) string {
	out := fmt.Sprintf(p.say("%s instead of %s. Made by %s.", "%s取代%s。数据来源：%s。"), p.stage(v.NewStatus), p.stage(v.OldStatus), p.pick(v.OriginName))
	if k := p.typed(v); k != "" {
		out += p.say(" Type: ", "类型：") + k + p.say(".", "。")
	}
	if v.Document.Title != "" {
		out += p.say(" ", "见") + p.paper(v.Document)
		if v.PublishedAt != "" {
			out += p.say(", ", "，") + v.PublishedAt
		}
		if v.OldDocument.Title != "" && v.OldDocument.ID != v.Document.ID {
			out += p.say("; before, ", "；此前见") + p.paper(v.OldDocument)
		}
		out += p.say(".", "。")
	}
	if v.Moves != nil {
		out += p.say(" Moves: ", "影响：") + strings.Join(append(p.moves(v.Moves), v.Moves.Claims...), p.say("; ", "；")) + p.say(".", "。")
	}
	return strings.TrimSpace(out)
}

// moves says what a figure's revisions moved, but for the claims that rest on it.
func (p *page) moves(m *news.Moves) []string {
	var out []string
	if m.Comparisons > 0 {
		text := p.count(m.Comparisons, "comparison", "项比较")
		if m.SignsChanged > 0 {
			text += fmt.Sprintf(p.say(" (%d from one side of the benchmark to the other)", "（其中%d项高低易位）"), m.SignsChanged)
		}
		var most []string
		for _, g := range m.Most {
			unit := "%"
			if g.Unit != "percent" {
				unit = p.say(" pp", "个百分点")
			}
			most = append(most, fmt.Sprintf(p.say("%s against %s, %s: %s → %s", "%s与%s（%s）：%s→%s"), p.regionName(g.RegionCode), inside(p.benchmarkName(g.Benchmark)), span(g.Period), signed(&g.Before, 2, unit), signed(&g.Now, 2, unit)))
		}
		out = append(out, text+p.say(": ", "：")+strings.Join(most, p.say("; ", "；")))
	}
	if m.Averages > 0 {
		out = append(out, p.count(m.Averages, "average of growth", "项平均增速"))
	}
	if len(out) == 0 && m.Appeared > 0 {
		out = append(out, p.count(m.Appeared, "comparison that had no figure before", "项此前无数据的比较"))
	}
	if n := len(m.Claims); n > 0 {
		out = append(out, p.count(n, "claim", "条论断"))
	}
	if len(out) == 0 {
		out = append(out, p.say("no comparison and no claim", "不影响任何比较与论断"))
	}
	return out
}

// inside is a name as it stands inside a sentence.
func inside(name string) string {
	if rest, ok := strings.CutPrefix(name, "The "); ok {
		return "the " + rest
	}
	return name
}

// count is a number of things.
func (p *page) count(n int, en, zh string) string {
	if p.Zh() {
		return fmt.Sprint(n, zh)
	}
	if first, rest, ok := strings.Cut(en, " "); n != 1 && ok {
		return fmt.Sprintf("%d %ss %s", n, first, rest)
	} else if n != 1 {
		en += "s"
	}
	return fmt.Sprint(n, " ", en)
}

// turnInWords is the title of a change of verdict.
func (p *page) turnInWords(t news.Turn) string {
	return fmt.Sprintf(p.say("%s → %s: %s", "%s→%s：%s"), p.verdict(t.From), p.verdict(t.To), p.pick(t.Sentence))
}

// turnedIn says at which reading a verdict turned, and by how much.
func (p *page) turnedIn(t news.Turn) string {
	return fmt.Sprintf(p.say("Reading: %s. From %s to %s, visible from %s.", "口径：%s。由%s变为%s，自%s可见。"), p.pick(t.Label),
		p.amount(t.FromValue, "", t.Decimals, t.Symbol), p.amount(t.ToValue, "", t.Decimals, t.Symbol), t.Date)
}

// turnedBy says which figures turned a verdict.
func (p *page) turnedBy(t news.Turn) string {
	out := p.turnedIn(t)
	for _, c := range t.Causes {
		out += p.say(" ", "") + p.cause(c)
		if c.Document.Title != "" {
			out += p.say(", ", "，见") + p.paper(c.Document)
		}
		out += p.say(".", "。")
	}
	return out
}

// causes are how figures turn verdicts, in words.
var causes = map[string]news.Text{
	"first figure": {EN: "First figure", ZH: "首次公布"}, "revision": {EN: "Revision", ZH: "修订"}, "other series": {EN: "Another maker's figure", ZH: "改用另一来源"},
	"gone": {EN: "Figure gone", ZH: "数据撤下"}, "other figures": {EN: "Other figures", ZH: "其他数据"},
}

// cause is a figure that turned a verdict.
func (p *page) cause(c news.Cause) string {
	out := p.pick(causes[c.Kind])
	if c.Indicator == "" {
		return out
	}
	out += p.say(": ", "：") + fmt.Sprintf(p.say("%s, %s, %s: ", "%s%s（%s）："), p.pick(c.Region), p.pick(c.Title), span(c.Period))
	if c.Old != nil {
		out += p.amount(c.Old, "", -1, c.Symbol) + p.say(" → ", "→")
	}
	return out + p.amount(c.New, "", -1, c.Symbol)
}
