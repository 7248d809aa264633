//go:build duckdb_arrow

package charts

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

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
	if p.Region != "" && p.Region != d.Region {
		d.Region = p.Region
		if d.Kind == Revisions {
			d.Period = "" // which was chosen for the definition's own region
		}
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
	if _, _, low, _ := c.extent(); low <= 0 {
		c.Log = false // what is nothing or less has no logarithm
	}
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
	if name := p.Region + " " + p.Benchmark; !utf8.ValidString(name) {
		return fault.New(fault.Usage, "", "write it in UTF-8", "%q is no name of a region or a benchmark", name)
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
	// unlikeOnes are members of a pool whose figures are on another definition.
	unlikeOnes []Text
	failed     error // a figure that could not be restated
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

var notWord = regexp.MustCompile(`[^a-z0-9]+`)

// key is a name as a column: "xi_an" for Xi'an.
func key(name string) string {
	return strings.Trim(notWord.ReplaceAllString(strings.ToLower(name), "_"), "_")
}
