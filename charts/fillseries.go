//go:build duckdb_arrow

package charts

import (
	"strings"

	"citystats/internal/fault"
)

func (f *filler) focus() error {
	c := f.chart
	s := Series{Key: key(c.Region.Name.EN), Name: c.Region.Name, Role: Focus, Unit: c.Unit}
	err := f.ask("SELECT "+columns+` FROM preferred_observations AS o
WHERE o.region_code = ? AND o.indicator = ? AND o.frequency = 'A' AND extract(YEAR FROM o.period_start) >= ? ORDER BY o.period_start`,
		[]any{c.Region.Code, c.Indicator, c.From}, func(r rows) { s.Points = append(s.Points, f.point(r)) })
	if err != nil {
		return err
	}
	if len(s.Points) == 0 {
		return f.nothing()
	}
	c.Series = append(c.Series, s)
	return nil
}

// nothing is the error for a region that has no figure, with those that have.
func (f *filler) nothing() error {
	which, from := "figure", "preferred_observations"
	if f.chart.Kind == Revisions {
		which, from = "dated figure", "(SELECT * FROM observation_vintages WHERE published_at IS NOT NULL AND standing = 3)"
	}
	var others []string
	err := f.ask("SELECT r.name_en, count(*) AS n FROM regions AS r JOIN "+from+" AS o ON o.region_code = r.code WHERE o.indicator = ? AND o.frequency = 'A' GROUP BY r.name_en ORDER BY n DESC, r.name_en LIMIT 8",
		[]any{f.chart.Indicator}, func(r rows) { others = append(others, r.text("name_en")) })
	if err != nil {
		return err
	}
	return fault.New(fault.Usage, "", "these have some: "+strings.Join(others, ", "),
		"the chart %s has no %s of %s", f.chart.ID, which, f.chart.Region.Name.EN)
}

// benchmark adds the benchmark's figures, with what is not like for like.
func (f *filler) benchmark() error {
	c := f.chart
	if c.Definition.Benchmark == "" {
		return nil
	}
	s := Series{Key: c.Definition.Benchmark, Role: Bench, Unit: c.Unit}
	if err := f.named(&s, c.Definition.Benchmark); err != nil {
		return err
	}
	if s.Name.EN == "" {
		return fault.New(fault.Usage, "", "name one that data/benchmarks.csv holds", "there is no benchmark %q", c.Definition.Benchmark)
	}
	c.Benchmark = s.Name
	relation, err := f.relation(c.Definition.Benchmark)
	if err != nil {
		return err
	}
	if relation.kind == "context" || relation.indicator != c.Indicator {
		c.Caveats = append(c.Caveats, relation.caveat(s.Name))
		return nil
	}
	if err := f.against(&s, c.Definition.Benchmark, c.Indicator); err != nil || len(s.Points) == 0 {
		return err
	}
	c.Series = append(c.Series, s)
	return f.unlike(s.Name)
}

// named gives a benchmark's series its name: that of the region whose figure it
// is, with "urban" before it where only urban residents count, or the benchmark's own.
func (f *filler) named(s *Series, benchmark string) error {
	return f.ask(`SELECT b.name_en, b.name_zh, coalesce(b.population_scope, '') AS scope, b.scope = 'country' AND r.code = 'CHN' AS home, r.name_en AS region_en, r.name_zh AS region_zh
FROM benchmarks AS b JOIN regions AS me ON me.code = ? LEFT JOIN region_countries AS c ON c.region_code = me.code
LEFT JOIN regions AS r ON r.code = CASE b.scope WHEN 'parent' THEN me.parent WHEN 'country' THEN c.country WHEN 'region' THEN b.region END
WHERE b.id = ?`, []any{f.chart.Region.Code, benchmark}, func(r rows) {
		s.Name = Text{r.text("name_en"), r.text("name_zh")}
		if r.text("region_en") == "" {
			return
		}
		s.Name = Text{r.text("region_en"), short(r.text("region_zh"))}
		switch r.text("scope") {
		case "urban":
			s.Name = Text{"urban " + s.Name.EN, s.Name.ZH + "城镇"}
		case "rural":
			s.Name = Text{"rural " + s.Name.EN, s.Name.ZH + "农村"}
		}
		if home, _ := r.get("home").(bool); home {
			s.Name.ZH = r.text("name_zh") // 全国, as Chinese readers call their own country
		}
	})
}

// relation is how a benchmark's figure for the chart's indicator relates to it.
type relation struct {
	kind, indicator string
	reason          Text
}

func (r relation) caveat(name Text) Text {
	return Text{name.EN + ": " + r.reason.EN + ".", name.ZH + "：" + strings.TrimSuffix(r.reason.ZH, "。") + "。"}
}

func (f *filler) relation(benchmark string) (relation, error) {
	out := relation{kind: "like_for_like", indicator: f.chart.Indicator}
	err := f.ask("SELECT relation, benchmark_indicator, reason_en, reason_zh FROM benchmark_pairs WHERE benchmark = ? AND indicator = ?",
		[]any{benchmark, f.chart.Indicator}, func(r rows) {
			out = relation{r.text("relation"), r.text("benchmark_indicator"), Text{r.text("reason_en"), r.text("reason_zh")}}
		})
	return out, err
}

func (f *filler) against(s *Series, benchmark, indicator string) error {
	c := f.chart
	return f.ask("SELECT "+columns+` FROM benchmark_observations AS o
WHERE o.benchmark = ? AND o.region_code = ? AND o.indicator = ? AND o.frequency = 'A' AND o.value IS NOT NULL
	AND extract(YEAR FROM o.period_start) >= ? ORDER BY o.period_start`,
		[]any{benchmark, c.Region.Code, indicator, c.From}, func(r rows) { s.Points = append(s.Points, f.point(r)) })
}

// unlike adds a caveat for the periods whose comparison is labelled.
func (f *filler) unlike(name Text) error {
	c := f.chart
	return f.ask(`SELECT reason, min(time_period) AS first, max(time_period) AS last FROM comparisons
WHERE region_code = ? AND benchmark = ? AND indicator = ? AND frequency = 'A' AND relation = 'not_like_for_like' AND benchmark_value IS NOT NULL
	AND extract(YEAR FROM period_start) >= ? GROUP BY reason ORDER BY first`,
		[]any{c.Region.Code, c.Definition.Benchmark, c.Indicator, c.From}, func(r rows) {
			span := r.text("first")
			if last := r.text("last"); last != span {
				span += "–" + last
			}
			c.Caveats = append(c.Caveats, Text{
				span + " not like for like with " + name.EN + ": " + r.text("reason") + ".",
				span + "年与" + name.ZH + "口径不同。",
			})
		})
}

// context adds another measure that stands beside the chart's.
func (f *filler) context() error {
	c := f.chart
	if c.Context == "" {
		return nil
	}
	relation, err := f.relation(c.Context)
	if err != nil || relation.kind != "context" {
		return err
	}
	s := Series{Key: c.Context + "_" + relation.indicator, Role: Context}
	if err := f.named(&s, c.Context); err != nil {
		return err
	}
	title := Text{}
	err = f.ask("SELECT i.title_en, i.title_zh, u.symbol_en, u.symbol_zh FROM indicators AS i JOIN units AS u ON u.id = i.unit WHERE i.id = ?",
		[]any{relation.indicator}, func(r rows) {
			title, s.Unit = Text{r.text("title_en"), r.text("title_zh")}, Text{r.text("symbol_en"), r.text("symbol_zh")}
		})
	if err != nil {
		return err
	}
	c.Caveats = append(c.Caveats, Text{
		"Another measure, " + s.Name.EN + ": " + title.EN + "; " + relation.reason.EN + ".",
		"另一指标，" + s.Name.ZH + "：" + title.ZH + "。" + relation.reason.ZH,
	})
	s.Name = Text{s.Name.EN + ", share of GDP", s.Name.ZH + "（占GDP）"}
	if err := f.against(&s, c.Context, relation.indicator); err != nil || len(s.Points) == 0 {
		return err
	}
	c.Series = append(c.Series, s)
	return nil
}
