//go:build duckdb_arrow

package charts

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// grouped writes a number with so many decimals and commas between thousands; a
// negative number of decimals keeps what there are.
func grouped(v float64, decimals int) string {
	s := strconv.FormatFloat(math.Abs(v), 'f', decimals, 64)
	whole, fraction, hasFraction := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if hasFraction {
		whole += "." + fraction
	}
	if v < 0 && strings.Trim(whole, "0,.") != "" {
		whole = "−" + whole // a minus sign, as wide as a digit
	}
	return whole
}

// amount is a figure with its unit and how it bounds the truth.
func amount(p Point, decimals int, unit Text, l Language) string {
	words := map[string]Text{"about": {"about ", "约"}, "over": {"over ", "超过"}, "under": {"under ", "不足"}}
	if p.Qualifier != "exact" && p.Qualifier != "" {
		decimals = -1 // as it was printed: digits would claim more than was said
	}
	return words[p.Qualifier].In(l) + withUnit(grouped(p.Value, decimals), unit.In(l))
}

// withUnit writes a unit behind a number: signs and Chinese units close to it,
// "bn yuan" as 3bn yuan, other words after a space, and what begins with a digit, such
// as 100m yuan, as a factor.
func withUnit(number, unit string) string {
	first, _ := utf8.DecodeRuneInString(unit)
	if unicode.IsDigit(first) {
		return number + " × " + unit
	}
	if unit == "" || first > unicode.MaxLatin1 || first == '%' || strings.HasPrefix(unit, "bn ") || strings.HasPrefix(unit, "m ") {
		return number + unit
	}
	return number + " " + unit
}

// shown is the amount of a point of the chart.
func (c *Chart) shown(p Point) string { return amount(p, c.Decimals, c.Unit, c.Language) }

// gap is how far a value is from the benchmark's, without a sign: percent of the
// benchmark for levels, percentage points for rates and shares.
func (c *Chart) gap(own, other Point) (text string, sign int) {
	difference, unit, decimals := own.Value-other.Value, Text{" percentage points", "个百分点"}, c.Decimals
	if !c.Percent {
		if other.Value == 0 {
			return "", 0
		}
		difference, unit, decimals = (own.Value/other.Value-1)*100, Text{"%", "%"}, 1
	}
	text = grouped(math.Abs(difference), decimals)
	if strings.Trim(text, "0.,") == "" {
		return text + unit.In(c.Language), 0
	}
	if text == "1" || text == "1.0" {
		unit.EN = strings.TrimSuffix(unit.EN, "s")
	}
	if difference < 0 {
		return text + unit.In(c.Language), -1
	}
	return text + unit.In(c.Language), 1
}

// headline is the message of the chart: what its figures say, in a sentence.
func (c *Chart) headline() string {
	fill := map[string]string{"region": c.Region.Name.In(c.Language), "benchmark": c.Benchmark.In(c.Language), "unit": c.UnitName.In(c.Language)}
	text := c.Headlines.Lone
	focus := c.of(Focus)
	if focus != nil {
		if p, ok := focus.last(); ok {
			fill["period"], fill["value"] = p.Period, c.shown(p)
		}
	}
	if own, other, ok := c.common(); ok && (c.Kind == Lines || c.Kind == Gaps) {
		gap, sign := c.gap(own, other)
		fill["gap"], fill["period"], fill["value"] = gap, own.Period, c.shown(own)
		fill["base"], fill["rise"], fill["benchmark_rise"] = strconv.Itoa(c.Index), c.rise(own), c.rise(other)
		if variant := [...]Text{c.Headlines.Behind, c.Headlines.Level, c.Headlines.Ahead}[sign+1]; variant.EN != "" {
			text = variant
		}
	}
	switch c.Kind {
	case Ranking:
		fill["rank"], fill["members"] = c.rank(), strconv.Itoa(len(c.Series))
	case Claims:
		fill["sentence"], fill["verdict"] = c.held()
	case Revisions:
		said := slices.DeleteFunc(slices.Clone(focus.Points), func(p Point) bool { return !printable(p) })
		switch n := len(said); {
		case n == 0:
			return c.Title.In(c.Language)
		case n == 1:
			text = c.Headlines.Level
			fallthrough
		default:
			fill["revisions"], fill["period"] = strconv.Itoa(n), c.Period
			fill["first"], fill["last"] = c.exactly(said[0]), c.exactly(said[n-1])
		}
	case Lines, Gaps, Multiples:
	}
	return filled(text.In(c.Language), fill)
}

// exactly is a figure with all its digits, where a rounded one would hide a revision.
func (c *Chart) exactly(p Point) string { return amount(p, -1, c.Unit, c.Language) }

// rise is how far an indexed figure is from its base, in percent of it.
func (c *Chart) rise(p Point) string { return grouped(p.Value-100, c.Decimals) + "%" }

func filled(text string, with map[string]string) string {
	for name, value := range with {
		text = strings.ReplaceAll(text, "{"+name+"}", value)
	}
	return text
}

// rank is the place of the focus in a ranking, in words; members with the same
// value share it.
func (c *Chart) rank() string {
	place, shared := c.placeOf(*c.of(Focus))
	words := Text{"number %d", "第%d位"}
	if shared {
		words = Text{"joint number %d", "并列第%d位"}
	}
	return fmt.Sprintf(words.In(c.Language), place)
}

// placeOf is the place of a member among all, and whether others share it.
func (c *Chart) placeOf(s Series) (place int, shared bool) {
	place, same := 1, 0
	for _, o := range c.Series {
		switch own, other := s.Points[0].Value, o.Points[0].Value; {
		case other > own:
			place++
		case other == own:
			same++
		}
	}
	return place, same > 1
}

// subtitle says what is drawn, in which unit, for which periods.
func (c *Chart) subtitle() string {
	unit := c.UnitName.In(c.Language)
	switch {
	case c.Index != 0:
		unit = fmt.Sprintf(Text{"%d = 100", "%d年=100"}.In(c.Language), c.Index)
	case c.Kind == Gaps && c.Percent:
		unit = Text{"percentage points", "个百分点"}.In(c.Language)
	case c.Percent:
		unit = Text{"percent", "%"}.In(c.Language)
	}
	if c.Log {
		unit += Text{", logarithmic scale", "，对数刻度"}.In(c.Language)
	}
	first, last := c.span()
	span := first
	if last != first {
		span += "–" + last
	}
	if c.Kind == Revisions {
		span = c.Period
	}
	if c.Language == Chinese {
		if span != "" {
			span = "，" + span + "年"
		}
		return c.Title.ZH + "，" + unit + span
	}
	if span != "" {
		span = ", " + span
	}
	return c.Title.EN + ", " + unit + span
}

// span is the first and last period drawn.
func (c *Chart) span() (first, last string) {
	var periods []string
	for _, s := range c.Series {
		for _, p := range s.Points {
			periods = append(periods, p.Period)
		}
	}
	if c.Kind == Gaps {
		periods = nil
		for _, g := range c.gaps() {
			periods = append(periods, g.period)
		}
	}
	if len(periods) == 0 {
		return "", ""
	}
	return slices.Min(periods), slices.Max(periods)
}

// sourceLine names whose figures are drawn, and the day up to which the release
// they are from knew what publishers had said.
func (c *Chart) sourceLine() string {
	var names []string
	for _, s := range c.Sources {
		names = append(names, s.Name.In(c.Language))
	}
	text := Text{"Sources: ", "资料来源："}.In(c.Language) + strings.Join(names, Text{"; ", "；"}.In(c.Language)) + Text{".", "。"}.In(c.Language)
	if len(names) == 1 && c.Language == English {
		text = strings.Replace(text, "Sources", "Source", 1)
	}
	if c.AsOf != "" {
		text += Text{" As one would have read it on " + c.AsOf + ".", "按" + c.AsOf + "可见数据。"}.In(c.Language)
	} else if len(c.Release) >= len(time.DateOnly) {
		day := c.Release[:len(time.DateOnly)]
		text += Text{" Data as of " + day + ".", "数据截至" + day + "。"}.In(c.Language)
	}
	return text
}

// licence says under which terms the figures may be used.
func (c *Chart) licence() string {
	seen := map[string]bool{}
	var out []string
	for _, s := range c.Sources {
		if s.Licence == "" || seen[s.Licence] {
			continue
		}
		seen[s.Licence] = true
		licence := s.Licence
		if licence == "not stated" {
			licence = Text{"no terms stated by some publishers: quote figures with their source", "部分发布机构未说明使用条款，引用请注明来源"}.In(c.Language)
		}
		out = append(out, licence)
	}
	return strings.Join(out, Text{"; ", "；"}.In(c.Language))
}
