//go:build duckdb_arrow

package charts

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"citystats/internal/fault"
	"citystats/pipeline/warehouse"
	"citystats/transforms/units"
)

// Store answers questions about one release, or about what one would have read on
// an earlier day: warehouse.Reader is one.
type Store interface {
	Query(ctx context.Context, text string, args ...any) (warehouse.Rows, error)
}

// Params are what may differ from the definition.
type Params struct {
	Region    string // key of regions; empty for the definition's
	Benchmark string // key of benchmarks; empty for the definition's
	Language  Language
	Release   string // id of the release, printed
	AsOf      string // the day the store looks back to, printed; empty for now
}

// Resolve fills a definition in. A region without any figure for the chart is an
// error of kind Usage that says which regions have some.
func Resolve(ctx context.Context, s Store, d Definition, p Params) (*Chart, error) {
	if err := p.check(d); err != nil {
		return nil, err
	}
	if p.Region != "" {
		d.Region = p.Region
	}
	if p.Benchmark != "" {
		d.Benchmark = p.Benchmark
	}
	c := &Chart{Definition: d, Language: p.Language, Release: p.Release, AsOf: p.AsOf}
	f := filler{ctx: ctx, store: s, chart: c}
	steps := []func() error{f.place, f.measure}
	switch d.Kind {
	case Lines, Gaps:
		steps = append(steps, f.focus, f.benchmark, f.context, f.peers, f.breaks, f.events)
	case Ranking:
		steps = append(steps, f.ranking)
	case Multiples:
		steps = append(steps, f.panels, f.breaks)
	case Revisions:
		steps = append(steps, f.vintages)
	case Claims:
		steps = []func() error{f.place, f.claim}
	}
	for _, step := range append(steps, f.sources) {
		if err := errors.Join(step(), f.failed); err != nil {
			return nil, err
		}
	}
	c.segment()
	c.rebase()
	if err := c.drawable(); err != nil {
		return nil, err
	}
	return c, nil
}

// drawable refuses a chart that nothing is left of.
func (c *Chart) drawable() error {
	switch {
	case c.Index != 0 && c.of(Focus) == nil:
		return fault.New(fault.Usage, "", "draw another region", "the chart %s starts from %d, of which there is no comparable figure of %s", c.ID, c.Index, c.Region.Name.EN)
	case c.Kind == Gaps && len(c.gaps()) == 0:
		return fault.New(fault.Usage, "", "draw another region or benchmark", "the chart %s has no period that both %s and %s have", c.ID, c.Region.Name.EN, c.Benchmark.EN)
	}
	return nil
}

// Check refuses parameters that no chart has. It is the place for whoever must
// know before a store is opened; [Resolve] checks too.
func (p Params) Check() error {
	if !slices.Contains([]Language{English, Chinese, Both}, p.Language) {
		return fault.New(fault.Usage, "", "write en, zh or both", "%q is no language of charts", p.Language)
	}
	if _, err := time.Parse(time.DateOnly, p.AsOf); p.AsOf != "" && err != nil {
		return fault.New(fault.Usage, "", "write it as 2023-08-05", "%q is not a day to look back to", p.AsOf)
	}
	return nil
}

func (p Params) check(d Definition) error {
	if p.Benchmark != "" && d.Benchmark == "" && d.Kind != Lines {
		return fault.New(fault.Usage, "", "leave the benchmark out", "the chart %s is not compared with a benchmark", d.ID)
	}
	return p.Check()
}

// filler fills one chart in.
type filler struct {
	ctx      context.Context //nolint:containedctx // it lives for one Resolve, which has it
	store    Store
	chart    *Chart
	from, to units.Unit // what figures are stored in, and shown in
	failed   error      // a figure that could not be restated
}

// rows are a result read by column name.
type rows struct {
	of warehouse.Rows
	at []any
}

func (f *filler) ask(text string, args []any, each func(rows)) error {
	found, err := f.store.Query(f.ctx, text, args...)
	if err != nil {
		return fmt.Errorf("chart %s: %w", f.chart.ID, err)
	}
	for _, r := range found.Rows {
		each(rows{found, r})
	}
	return nil
}

func (r rows) get(column string) any {
	if i := r.of.Column(column); i >= 0 {
		return r.at[i]
	}
	return nil
}

func (r rows) text(column string) string {
	s, _ := r.get(column).(string)
	return s
}

func (r rows) number(column string) float64 {
	v, _ := r.get(column).(float64)
	return v
}

func (r rows) whole(column string) int {
	v, _ := r.get(column).(int64)
	return int(v)
}

func (r rows) id(column string) int32 {
	v, _ := r.get(column).(int32)
	return v
}

func (r rows) day(column string) time.Time {
	v, _ := r.get(column).(time.Time)
	return v
}

func (f *filler) place() error {
	found := false
	err := f.ask("SELECT name_en, name_zh FROM regions WHERE code = ?", []any{f.chart.Definition.Region}, func(r rows) {
		found = true
		f.chart.Region = Place{f.chart.Definition.Region, Text{r.text("name_en"), short(r.text("name_zh"))}}
	})
	if err == nil && !found {
		err = fault.New(fault.Usage, "", "see citystats regions", "there is no region %q", f.chart.Definition.Region)
	}
	return err
}

// short is a Chinese name as people say it: 合肥 for 合肥市.
func short(name string) string {
	for _, tail := range []string{"维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "省", "市"} {
		if cut, ok := strings.CutSuffix(name, tail); ok && len([]rune(cut)) > 1 {
			return cut
		}
	}
	return name
}

// measure reads what the figures are and in which unit they are shown.
func (f *filler) measure() error {
	c := f.chart
	unit := "" // a picture in both languages shows the unit that both can say
	if c.Language != Both {
		unit = c.Definition.Unit.In(c.Language)
	}
	err := f.ask(`SELECT i.decimals, i.measure, u.id, u.unit_measure, u.unit_mult, s.id AS shown, s.unit_mult AS shown_mult,
	s.symbol_en, s.symbol_zh, s.name_en, s.name_zh
FROM indicators AS i JOIN units AS u ON u.id = i.unit JOIN units AS s ON s.id = coalesce(nullif(?, ''), i.unit) WHERE i.id = ?`,
		[]any{unit, c.Indicator}, func(r rows) {
			f.from = units.Unit{ID: r.text("id"), Measure: r.text("unit_measure"), Mult: r.whole("unit_mult")}
			f.to = units.Unit{ID: r.text("shown"), Measure: f.from.Measure, Mult: r.whole("shown_mult")}
			c.Unit = Text{r.text("symbol_en"), r.text("symbol_zh")}
			c.UnitName = Text{r.text("name_en"), r.text("name_zh")}
			c.Percent, c.Growth = r.text("symbol_en") == "%", r.text("measure") == "growth"
			c.Decimals = r.whole("decimals")
			if f.to != f.from {
				c.Decimals = min(1, max(0, c.Decimals+f.to.Mult-f.from.Mult))
			}
		})
	if err == nil && f.from.ID == "" {
		err = fault.New(fault.Definition, "data/"+File, "name an indicator of the release", "the chart %s: the release has no indicator %s", c.ID, c.Indicator)
	}
	return err
}

const columns = "o.time_period, o.period_start, o.value, o.obs_status, o.qualifier, o.confidence, o.document_id, o.record"

// point reads those columns.
func (f *filler) point(r rows) Point {
	p := Point{
		Period: r.text("time_period"), Start: r.day("period_start"), Value: r.number("value"),
		Status: r.text("obs_status"), Qualifier: r.text("qualifier"), Confidence: r.text("confidence"),
		Document: r.id("document_id"), Record: r.id("record"),
	}
	if value, err := units.Convert(p.Value, f.from, f.to); err != nil {
		f.failed = fmt.Errorf("chart %s: %w", f.chart.ID, err)
	} else {
		p.Value = value
	}
	return p
}

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
	var others []string
	err := f.ask("SELECT region, count(*) AS n FROM preferred_observations WHERE indicator = ? AND frequency = 'A' GROUP BY region ORDER BY n DESC, region LIMIT 8",
		[]any{f.chart.Indicator}, func(r rows) { others = append(others, r.text("region")) })
	if err != nil {
		return err
	}
	return fault.New(fault.Usage, "", "these have some: "+strings.Join(others, ", "),
		"the chart %s has no figure of %s", f.chart.ID, f.chart.Region.Name.EN)
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

// peers adds the pool's members.
func (f *filler) peers() error {
	c := f.chart
	if c.Pool == "" {
		return nil
	}
	return f.members(Peer, c.From)
}

// members adds a series for each member of the pool other than the region.
func (f *filler) members(role Role, from int) error {
	c := f.chart
	return f.ask("SELECT o.region_code, r.name_en, r.name_zh, "+columns+` FROM benchmark_members AS m
JOIN preferred_observations AS o ON o.region_code = m.region
JOIN regions AS r ON r.code = m.region
WHERE m.benchmark = ? AND o.region_code <> ? AND o.indicator = ? AND o.frequency = 'A' AND extract(YEAR FROM o.period_start) >= ?
ORDER BY o.region_code, o.period_start`, []any{c.Pool, c.Region.Code, c.Indicator, from}, func(r rows) {
		name := Text{r.text("name_en"), short(r.text("name_zh"))}
		if n := len(c.Series); n == 0 || c.Series[n-1].Name != name {
			c.Series = append(c.Series, Series{Key: key(name.EN), Name: name, Role: role, Unit: c.Unit})
		}
		last := &c.Series[len(c.Series)-1]
		last.Points = append(last.Points, f.point(r))
	})
}

func (f *filler) breaks() error {
	c := f.chart
	bench := c.of(Bench)
	// A break without a region is everybody's. The benchmark's own are drawn too.
	return f.ask(`SELECT b.period, b.title_en, b.title_zh, coalesce(b.region, ?) = ? AS own FROM breaks AS b
LEFT JOIN benchmarks AS n ON n.id = ?
WHERE b.indicator = ? AND (b.region IS NULL OR b.region = ? OR b.region = n.region) AND substr(b.period, 1, 4) >= CAST(? AS VARCHAR)
ORDER BY b.period, b.id`, []any{c.Region.Code, c.Region.Code, c.Definition.Benchmark, c.Indicator, c.Region.Code, c.From}, func(r rows) {
		at, err := time.Parse("2006", r.text("period")[:4])
		if err != nil {
			return
		}
		b := Break{At: at, Title: Text{r.text("title_en"), r.text("title_zh")}, Of: Focus}
		if own, _ := r.get("own").(bool); !own {
			b.Of = Bench
		}
		if !c.Growth && (c.crosses(c.of(Focus), b) || c.crosses(bench, b) && b.Of == Bench) {
			c.Breaks = append(c.Breaks, b)
		}
	})
}

// crosses says whether a series has figures on both sides of a break.
func (c *Chart) crosses(s *Series, b Break) bool {
	return s != nil && len(s.Points) > 0 && s.Points[0].Start.Before(b.At) && !s.Points[len(s.Points)-1].Start.Before(b.At)
}

func (f *filler) events() error {
	c := f.chart
	for _, m := range c.Markers {
		err := f.ask("SELECT date FROM events WHERE id = ? AND region = ?", []any{m.Event, c.Region.Code}, func(r rows) {
			at, err := time.Parse("2006-01-02"[:len(r.text("date"))], r.text("date"))
			if err == nil {
				c.Events = append(c.Events, Event{at, m.Label})
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// ranking reads one period of the whole pool.
func (f *filler) ranking() error {
	c := f.chart
	if c.Period == "" {
		err := f.ask(`SELECT max(time_period) AS period FROM (
	SELECT o.time_period FROM preferred_observations AS o JOIN benchmark_members AS m ON m.region = o.region_code AND m.benchmark = ?
	JOIN benchmarks AS b ON b.id = m.benchmark
	WHERE o.indicator = ? AND o.frequency = 'A' AND o.standing = 3 AND o.qualifier = 'exact'
	GROUP BY o.time_period HAVING count(*) >= min(b.min_members)) AS enough`, []any{c.Pool, c.Indicator}, func(r rows) { c.Period = r.text("period") })
		if err != nil {
			return err
		}
	}
	err := f.ask("SELECT o.region_code, r.name_en, r.name_zh, "+columns+` FROM benchmark_members AS m
JOIN preferred_observations AS o ON o.region_code = m.region JOIN regions AS r ON r.code = m.region
WHERE m.benchmark = ? AND o.indicator = ? AND o.frequency = 'A' AND o.time_period = ? AND o.standing = 3 AND o.qualifier = 'exact'
ORDER BY o.value DESC, o.region_code`, []any{c.Pool, c.Indicator, c.Period}, func(r rows) {
		name := Text{r.text("name_en"), short(r.text("name_zh"))}
		s := Series{Key: key(name.EN), Name: name, Role: Peer, Unit: c.Unit, Points: []Point{f.point(r)}}
		if r.text("region_code") == c.Region.Code {
			s.Role = Focus
		}
		c.Series = append(c.Series, s)
	})
	if err != nil {
		return err
	}
	if c.of(Focus) == nil {
		return f.nothing()
	}
	return f.absent()
}

// panels reads the whole pool over time, the region first.
func (f *filler) panels() error {
	for _, step := range []func() error{f.focus, func() error { return f.members(Peer, f.chart.From) }, f.absent, f.benchmark} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// absent says which members of the pool have no figure.
func (f *filler) absent() error {
	c := f.chart
	var names []Text
	err := f.ask("SELECT r.name_en, r.name_zh FROM benchmark_members AS m JOIN regions AS r ON r.code = m.region WHERE m.benchmark = ? ORDER BY r.code",
		[]any{c.Pool}, func(r rows) {
			name := Text{r.text("name_en"), short(r.text("name_zh"))}
			if !slices.ContainsFunc(c.Series, func(s Series) bool { return s.Name == name }) {
				names = append(names, name)
			}
		})
	if err != nil || len(names) == 0 {
		return err
	}
	var en, zh []string
	for _, n := range names {
		en, zh = append(en, n.EN), append(zh, n.ZH)
	}
	c.Caveats = append(c.Caveats, Text{"No figure: " + strings.Join(en, ", ") + ".", "无数据：" + strings.Join(zh, "、") + "。"})
	return nil
}

// vintages reads everything that was said about one figure.
func (f *filler) vintages() error {
	c := f.chart
	s := Series{Key: key(c.Region.Name.EN), Name: c.Region.Name, Role: Focus, Unit: c.Unit}
	err := f.ask("SELECT "+columns+`, o.published_at, o.visible_from, t.name_en AS state, p.name_en, p.name_zh FROM observation_vintages AS o
JOIN observation_statuses AS t ON t.id = o.status
JOIN publishers AS p ON p.id = o.origin
WHERE o.region_code = ? AND o.indicator = ? AND o.frequency = 'A' AND o.time_period = ? AND o.standing = 3 AND o.published_at IS NOT NULL
ORDER BY o.visible_from, o.document_id, o.record`, []any{c.Region.Code, c.Indicator, c.Period}, func(r rows) {
		p := f.point(r)
		p.Said, p.State, p.Publisher = r.day("visible_from"), r.text("state"), Text{r.text("name_en"), r.text("name_zh")}
		if n := len(s.Points); n > 0 && sameFigure(s.Points[n-1].Value, p.Value) {
			return // said again, perhaps rounded
		}
		s.Points = append(s.Points, p)
	})
	if err != nil {
		return err
	}
	if len(s.Points) == 0 {
		return f.nothing()
	}
	c.Series = append(c.Series, s)
	return nil
}

// sameFigure says whether one of two figures is the other, rounded to the digits
// that it has.
func sameFigure(a, b float64) bool {
	text := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	decimals := func(s string) int {
		_, fraction, _ := strings.Cut(s, ".")
		return len(fraction)
	}
	coarse := min(decimals(text(a)), decimals(text(b)))
	return strconv.FormatFloat(a, 'f', coarse, 64) == strconv.FormatFloat(b, 'f', coarse, 64)
}

// sources names whose figures are used, most figures first.
func (f *filler) sources() error {
	c := f.chart
	var places []string
	for _, s := range c.Series {
		for _, p := range s.Points {
			if p.Document != 0 {
				places = append(places, fmt.Sprintf("(%d, %d)", p.Document, p.Record))
			}
		}
	}
	if len(places) == 0 {
		return nil
	}
	return f.ask(`SELECT p.name_en, coalesce(p.name_zh, p.name_en) AS name_zh, p.licence, count(*) AS n
FROM (VALUES `+strings.Join(places, ", ")+`) AS u (document_id, record)
JOIN observation_vintages AS o ON o.document_id = u.document_id AND o.record = u.record
JOIN publishers AS p ON p.id = o.origin
GROUP BY ALL ORDER BY n DESC, p.name_en`, nil, func(r rows) {
		c.Sources = append(c.Sources, Source{Text{r.text("name_en"), r.text("name_zh")}, r.text("licence")})
	})
}

// segment numbers the runs of points that may be joined: a break or a missing
// period ends a run.
func (c *Chart) segment() {
	for i := range c.Series {
		s := &c.Series[i]
		for j := 1; j < len(s.Points); j++ {
			p, before := &s.Points[j], s.Points[j-1]
			p.Segment, p.Basis = before.Segment, before.Basis
			broken := c.broken(s.Role, before.Start, p.Start)
			if broken {
				p.Basis++
			}
			if broken || p.Start.Year()-before.Start.Year() > 1 || (before.Status == "F") != (p.Status == "F") {
				p.Segment++
			}
		}
	}
}

// broken says whether a break of the series in that role stands between two days.
func (c *Chart) broken(r Role, before, after time.Time) bool {
	for _, b := range c.Breaks {
		if (b.Of == r || r == Peer) && b.At.After(before) && !b.At.After(after) {
			return true
		}
	}
	return false
}

var notWord = regexp.MustCompile(`[^a-z0-9]+`)

// key is a name as a column: "xi_an" for Xi'an.
func key(name string) string {
	return strings.Trim(notWord.ReplaceAllString(strings.ToLower(name), "_"), "_")
}
