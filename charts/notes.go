//go:build duckdb_arrow

package charts

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// marked are the kinds of figures that a picture marks and a note explains.
var marked = []struct {
	is   func(Point) bool
	text Text
}{
	{func(p Point) bool { return p.Status == "P" }, Text{"Provisional (%s): %s.", "初步数（%s）：%s。"}},
	{func(p Point) bool { return p.Status == "E" && p.Document != 0 }, Text{"Derived from other published figures (%s): %s.", "由其他公布数推算（%s）：%s。"}},
	{func(p Point) bool { return p.Status == "F" }, Text{"Forecast or target, not measured (%s): %s.", "预计数或目标（%s）：%s。"}},
}

// labelled are the kinds that only a note tells of.
var labelled = []struct {
	is   func(Point) bool
	text Text
}{
	{func(p Point) bool { return p.Qualifier == "about" }, Text{"Printed as about: %s.", "约数：%s。"}},
	{func(p Point) bool { return p.Qualifier == "over" }, Text{"Printed as a lower bound (triangle up): %s.", "下限（上三角）：%s。"}},
	{func(p Point) bool { return p.Qualifier == "under" }, Text{"Printed as an upper bound (triangle down): %s.", "上限（下三角）：%s。"}},
	{func(p Point) bool { return p.Confidence == "low" }, Text{"From a single weak copy: %s.", "仅见于单一转载：%s。"}},
}

// notes are what must be printed with the chart: its standing caveats, then what
// its figures are: provisional, bounds, one step removed, broken, missing.
func (c *Chart) notes() []string {
	var out []string
	add := func(t Text) {
		if s := t.In(c.Language); s != "" {
			out = append(out, s)
		}
	}
	add(c.Note)
	for _, t := range c.Caveats {
		add(t)
	}
	if c.Kind == Claims {
		return append(out, c.readingNotes()...)
	}
	for _, b := range c.Breaks {
		add(c.breakNote(b))
	}
	if years := c.missing(); len(years) > 0 {
		list := strings.Join(runs(years), ", ")
		add(Text{"No figure: " + c.Region.Name.EN + " " + list + ".", "无数据：" + c.Region.Name.ZH + list + "年。"})
	}
	if years := c.undrawn(); len(years) > 0 {
		list := strings.Join(runs(years), ", ")
		add(Text{"Not drawn, since a figure is a bound, a forecast or a single weak copy: " + list + ".", "因属界限值、预计数或单一转载而未绘出：" + list + "年。"})
	}
	for _, kind := range marked {
		if list := c.listed(kind.is); list != "" {
			text := kind.text.In(c.Language)
			if mark := c.mark(kind.is).In(c.Language); mark != "" {
				out = append(out, fmt.Sprintf(text, mark, list))
			} else {
				out = append(out, fmt.Sprintf(strings.NewReplacer(" (%s)", "", "（%s）", "").Replace(text), list))
			}
		}
	}
	for _, kind := range labelled {
		if list := c.listed(kind.is); list != "" {
			out = append(out, fmt.Sprintf(kind.text.In(c.Language), list))
		}
	}
	return out
}

// mark is how the picture shows such figures, as far as it does.
func (c *Chart) mark(is func(Point) bool) Text {
	switch {
	case c.Kind == Gaps || c.Kind == Ranking:
		return Text{"hollow bars", "空心柱"}
	case c.Kind == Lines && is(Point{Status: "F"}):
		return Text{"hollow points, thin dashes", "空心点、细虚线"}
	case c.Kind == Lines || c.Kind == Revisions:
		return Text{"hollow points", "空心点"}
	}
	return Text{}
}

func (c *Chart) breakNote(b Break) Text {
	of := c.Region.Name
	switch {
	case b.Of == Bench:
		of = c.Benchmark
	case c.Kind == Multiples:
		of = Text{"all cities", "各城市"}
	}
	return Text{
		fmt.Sprintf("Break in %d, %s: %s; not comparable across it.", b.At.Year(), of.EN, b.Title.EN),
		fmt.Sprintf("%d年%s数据口径有变（%s），前后不可比。", b.At.Year(), of.ZH, b.Title.ZH),
	}
}

// missing are the years between the focus's first and last that it has no figure for.
func (c *Chart) missing() []string {
	focus := c.of(Focus)
	if focus == nil || c.Kind == Ranking || c.Kind == Revisions {
		return nil
	}
	var out []string
	for i := 1; i < len(focus.Points); i++ {
		for y := focus.Points[i-1].Start.Year() + 1; y < focus.Points[i].Start.Year(); y++ {
			out = append(out, strconv.Itoa(y))
		}
	}
	return out
}

// undrawn are the periods that both sides have and a chart of gaps leaves out.
func (c *Chart) undrawn() []string {
	focus, bench := c.of(Focus), c.of(Bench)
	if c.Kind != Gaps || focus == nil || bench == nil {
		return nil
	}
	var out []string
	for _, p := range focus.Points {
		if q, both := bench.at(p.Period); both && (!comparable(p) || !comparable(q)) {
			out = append(out, p.Period)
		}
	}
	return out
}

// listed names the series and periods of points that are drawn, with runs of years
// joined: "Hefei 2005–2014, 2019". Peers are not listed one by one when they are many.
func (c *Chart) listed(is func(Point) bool) string {
	const few = 3
	var out, peers []string
	figures := 0
	for _, s := range c.Series {
		var years []string
		for _, p := range s.Points {
			if is(p) && (c.Kind != Gaps || slices.ContainsFunc(c.gaps(), func(g difference) bool { return g.period == p.Period })) {
				if c.Kind == Revisions {
					years = append(years, p.Said.Format(time.DateOnly))
				} else {
					years = append(years, p.Period)
				}
			}
		}
		if len(years) == 0 {
			continue
		}
		name := s.Name.In(c.Language) + " " + strings.Join(runs(years), ", ")
		switch c.Kind {
		case Ranking:
			name = s.Name.In(c.Language)
		case Revisions:
			name = strings.Join(years, ", ")
		case Lines, Gaps, Multiples, Claims:
		}
		if s.Role == Peer {
			figures += len(years)
			peers = append(peers, name)
		} else {
			out = append(out, name)
		}
	}
	switch {
	case len(peers) <= few:
		out = append(out, peers...)
	default:
		out = append(out, fmt.Sprintf(Text{"%d figures of %d other cities", "其他%[2]d个城市的%[1]d个数据"}.In(c.Language), figures, len(peers)))
	}
	return strings.Join(out, Text{"; ", "；"}.In(c.Language))
}

// runs joins consecutive years.
func runs(years []string) []string {
	var out []string
	for i := 0; i < len(years); {
		j := i
		for j+1 < len(years) && next(years[j]) == years[j+1] {
			j++
		}
		if j > i {
			out = append(out, years[i]+"–"+years[j])
		} else {
			out = append(out, years[i])
		}
		i = j + 1
	}
	return out
}

func next(year string) string {
	n, err := strconv.Atoi(year)
	if err != nil {
		return ""
	}
	return strconv.Itoa(n + 1)
}
