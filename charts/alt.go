//go:build duckdb_arrow

package charts

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// alt describes the chart for who cannot see it: what kind it is, what it shows,
// between which values, and what it says. Every number in it is in the CSV.
func (c *Chart) alt() string {
	kind := map[Kind]Text{
		Lines: {"Line chart", "折线图"}, Gaps: {"Bar chart", "柱状图"}, Ranking: {"Bar chart", "条形图"},
		Multiples: {"Small line charts", "分面折线图"}, Revisions: {"Dot chart", "点图"}, Claims: {"Dot chart", "点图"},
	}[c.Kind]
	parts := []string{kind.In(c.Language) + Text{": ", "："}.In(c.Language) + c.subtitle() + Text{".", "。"}.In(c.Language)}
	switch c.Kind {
	case Lines, Multiples:
		for _, s := range c.Series {
			if s.Role != Peer {
				parts = append(parts, c.course(s))
			}
		}
		if n := c.peersN(); n == 1 {
			parts = append(parts, Text{"Beside it: another city.", "另有1个城市。"}.In(c.Language))
		} else if n > 1 {
			parts = append(parts, fmt.Sprintf(Text{"Beside it: %d other cities.", "另有%d个城市。"}.In(c.Language), n))
		}
	case Gaps:
		parts = append(parts, c.extremes())
	case Ranking:
		parts = append(parts, c.ends())
	case Revisions:
		parts = append(parts, c.statements())
	case Claims:
		parts = append(parts, c.recital())
	}
	parts = append(parts, c.headline()+Text{".", "。"}.In(c.Language))
	return strings.Join(parts, Text{" ", ""}.In(c.Language))
}

func (c *Chart) peersN() int {
	n := 0
	for _, s := range c.Series {
		if s.Role == Peer {
			n++
		}
	}
	return n
}

// course tells where a series begins and ends, as far as a sentence may rest on its
// figures; where none is such, what each is stands behind it.
func (c *Chart) course(s Series) string {
	points := slices.DeleteFunc(slices.Clone(s.Points), func(p Point) bool { return !printable(p) })
	if len(points) == 0 {
		points = s.Points
	}
	tell := func(p Point) string {
		word := ""
		if !printable(p) {
			word = statusWord(p, c.Language)
			if p.Confidence == "low" {
				word += Text{" (single weak copy)", "（单一转载）"}.In(c.Language)
			}
		}
		return amount(p, c.Decimals, s.Unit, c.Language) + word
	}
	name, first, last := upper(s.Name.In(c.Language)), points[0], points[len(points)-1]
	if len(points) == 1 {
		return fmt.Sprintf(Text{"%s: %s in %s.", "%s：%[3]s年%[2]s。"}.In(c.Language), name, tell(last), last.Period)
	}
	return fmt.Sprintf(Text{"%s: from %s in %s to %s in %s.", "%s：%[3]s年%[2]s，%[5]s年%[4]s。"}.In(c.Language), name, tell(first), first.Period, tell(last), last.Period)
}

// upper begins a sentence.
func upper(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// extremes tells the widest gaps.
func (c *Chart) extremes() string {
	gaps := c.gaps()
	if len(gaps) == 0 {
		return Text{"There is no period that both have.", "双方没有共同的年份。"}.In(c.Language)
	}
	low, high := gaps[0], gaps[0]
	for _, g := range gaps {
		if g.value < low.value {
			low = g
		}
		if g.value > high.value {
			high = g
		}
	}
	if len(gaps) == 1 {
		return fmt.Sprintf(Text{"The difference is %s in %s.", "差距为%s（%s年）。"}.In(c.Language), c.points(low.value), low.period)
	}
	return fmt.Sprintf(Text{"The difference runs from %s in %s to %s in %s.", "差距最小%s（%s年），最大%s（%s年）。"}.In(c.Language),
		c.points(low.value), low.period, c.points(high.value), high.period)
}

// points is a difference with its unit.
func (c *Chart) points(v float64) string {
	unit := c.Unit
	if c.Percent {
		unit = Text{"percentage points", "个百分点"}
	}
	return withUnit(grouped(v, c.Decimals), unit.In(c.Language))
}

// ends tells the first, the last and the focus of a ranking.
func (c *Chart) ends() string {
	first, last, own := c.Series[0], c.Series[len(c.Series)-1], c.of(Focus)
	return fmt.Sprintf(Text{"First is %s with %s, last %s with %s; %s has %s.", "最高为%s（%s），最低为%s（%s）；%s为%s。"}.In(c.Language),
		first.Name.In(c.Language), c.shown(first.Points[0]), last.Name.In(c.Language), c.shown(last.Points[0]), own.Name.In(c.Language), c.shown(own.Points[0]))
}

// statements tells each figure with its date.
func (c *Chart) statements() string {
	var out []string
	for _, p := range c.of(Focus).Points {
		out = append(out, c.exactly(p)+Text{" on ", "（"}.In(c.Language)+p.Said.Format("2006-01-02")+Text{"", "）"}.In(c.Language))
	}
	return Text{"Stated as ", "公布数："}.In(c.Language) + strings.Join(out, Text{", ", "、"}.In(c.Language)) + Text{".", "。"}.In(c.Language)
}

// difference is the focus less the benchmark in one period.
type difference struct {
	period     string
	own, other Point
	value      float64
}

func (c *Chart) gaps() []difference {
	focus, bench := c.of(Focus), c.of(Bench)
	if focus == nil || bench == nil {
		return nil
	}
	var out []difference
	for _, p := range focus.Points {
		if q, ok := bench.at(p.Period); ok && comparable(p) && comparable(q) {
			out = append(out, difference{p.Period, p, q, p.Value - q.Value})
		}
	}
	return out
}

// periods are those that any series has, in order.
func (c *Chart) periods() []string {
	starts := map[string]time.Time{}
	for _, s := range c.Series {
		for _, p := range s.Points {
			starts[p.Period] = p.Start
		}
	}
	return slices.SortedFunc(maps.Keys(starts), func(a, b string) int { return starts[a].Compare(starts[b]) })
}
