//go:build duckdb_arrow

package revisions

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"citystats/pipeline/warehouse"
	queries "citystats/sql"
)

// effects fills in what the revisions moved: it asks the same of the release as it
// is and of the release without them.
func (q Question) effects(ctx context.Context, open func(context.Context) (*warehouse.Reader, error), now *warehouse.Reader, set *queries.Set, figures []Figure) (err error) {
	then, err := open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, then.Close()) }()
	if err := then.Overlay(ctx, set, map[string]string{"observation_vintages": q.before()}); err != nil {
		return err
	}
	a, err := q.look(ctx, then)
	if err != nil {
		return err
	}
	b, err := q.look(ctx, now)
	if err != nil {
		return err
	}
	for i := range figures {
		if f := &figures[i]; f.Preferred == f.Origin { // nothing is computed from another origin's
			f.moved(a, b)
			f.Windows = f.averages(a, b)
		}
	}
	return q.claims(ctx, now, figures)
}

// view is what a release shows of the comparisons and windows that the revised
// figures may have moved.
type view struct {
	comparisons map[string]face
	windows     map[string]span
	members     map[string]bool // "benchmark region"
}

// face is a comparison: a region's figure facing a benchmark's.
type face struct {
	regionCode, region, benchmark, benchmarkName, indicator, frequency, period string
	benchmarkIndicator, benchmarkRegion                                        string // the region is empty for a pool
	gap, percent                                                               *float64
}

// span is a window of growth.
type span struct {
	title, regionCode, region, benchmarkName, benchmarkRegion string
	first, last                                               int64
	average, gap                                              *float64
}

const comparisonsAbout = `SELECT c.region_code, c.region, c.benchmark, b.name_en AS benchmark_name, c.indicator, c.frequency, c.time_period,
	c.benchmark_indicator, c.benchmark_region, c.gap, c.gap_percent
FROM comparisons AS c
JOIN benchmarks AS b ON b.id = c.benchmark
WHERE c.gap IS NOT NULL AND EXISTS (
	SELECT 1 FROM release.main.revisions AS r
	WHERE r.frequency = c.frequency AND r.period_start = c.period_start AND (r.indicator = c.indicator OR r.indicator = c.benchmark_indicator) AND `

const windowsAbout = `SELECT g.window_id, g.window_title, g.region_code, g.region, g.benchmark, b.name_en AS benchmark_name, g.benchmark_region,
	g.first_year, g.last_year, g.average_growth, g.gap
FROM growth_against_benchmark AS g
JOIN benchmarks AS b ON b.id = g.benchmark`

func (q Question) look(ctx context.Context, r *warehouse.Reader) (view, error) {
	v := view{map[string]face{}, map[string]span{}, map[string]bool{}}
	where, args := q.listed()
	rows, err := r.Query(ctx, comparisonsAbout+where+")", args...)
	if err != nil {
		return v, err
	}
	for _, raw := range rows.Rows {
		c := row{rows, raw}
		f := face{
			c.str("region_code"), c.str("region"), c.str("benchmark"), c.str("benchmark_name"), c.str("indicator"), c.str("frequency"), c.str("time_period"),
			c.str("benchmark_indicator"), c.str("benchmark_region"), c.float("gap"), c.float("gap_percent"),
		}
		v.comparisons[fmt.Sprint(f.regionCode, " ", f.benchmark, " ", f.indicator, " ", f.frequency, " ", f.period)] = f
	}
	if rows, err = r.Query(ctx, windowsAbout); err != nil {
		return v, err
	}
	for _, raw := range rows.Rows {
		w := row{rows, raw}
		v.windows[fmt.Sprint(w.str("window_id"), " ", w.str("region_code"), " ", w.str("benchmark"))] = span{
			w.str("window_title"), w.str("region_code"), w.str("region"), w.str("benchmark_name"), w.str("benchmark_region"),
			w.whole("first_year"), w.whole("last_year"), w.float("average_growth"), w.float("gap"),
		}
	}
	if rows, err = r.Query(ctx, "SELECT benchmark, region FROM benchmark_members"); err != nil {
		return v, err
	}
	for _, raw := range rows.Rows {
		m := row{rows, raw}
		v.members[m.str("benchmark")+" "+m.str("region")] = true
	}
	return v, nil
}

// restsOn says whether the comparison is made with the figure: as the region's, as
// the benchmark's, or as one of the benchmark's members'.
func (v view) restsOn(c face, f *Figure) bool {
	if c.frequency != f.Frequency || c.period != f.Period {
		return false
	}
	if c.regionCode == f.RegionCode && c.indicator == f.Indicator {
		return true
	}
	if c.benchmarkIndicator != f.Indicator || c.regionCode == f.RegionCode {
		return false
	}
	return c.benchmarkRegion == f.RegionCode || (c.benchmarkRegion == "" && v.members[c.benchmark+" "+f.RegionCode])
}

// moved finds the comparisons that rest on the figure and differ between the views.
func (f *Figure) moved(then, now view) {
	for key, c := range now.comparisons {
		if !now.restsOn(c, f) {
			continue
		}
		before, there := then.comparisons[key]
		if !there {
			f.Appeared++
			continue
		}
		if !differ(before.gap, c.gap) {
			continue
		}
		moved := Comparison{Region: c.region, Benchmark: c.benchmarkName, Period: c.period, Then: *before.gap, Now: *c.gap, RegionCode: c.regionCode, BenchmarkID: c.benchmark}
		moved.SignChanged = math.Signbit(*before.gap) != math.Signbit(*c.gap)
		if before.percent != nil && c.percent != nil {
			moved.Then, moved.Now, moved.Percent = *before.percent, *c.percent, true
		}
		f.Comparisons = append(f.Comparisons, moved)
	}
	slices.SortFunc(f.Comparisons, func(a, b Comparison) int {
		switch {
		case a.SignChanged != b.SignChanged && a.SignChanged:
			return -1
		case a.SignChanged != b.SignChanged:
			return 1
		}
		return cmp.Or(cmp.Compare(math.Abs(b.Now-b.Then), math.Abs(a.Now-a.Then)), strings.Compare(a.Region+a.Benchmark, b.Region+b.Benchmark))
	})
}

// averages are the windows in which the figure is a rate and that differ between
// the views.
func (f *Figure) averages(then, now view) []Window {
	if f.Indicator != "gdp_growth_real" && f.Indicator != "gdp_growth_real_average" {
		return nil
	}
	var out []Window
	for key, w := range now.windows {
		before := then.windows[key]
		about := w.regionCode == f.RegionCode || w.benchmarkRegion == f.RegionCode
		if about && f.within(w) && (differ(before.gap, w.gap) || differ(before.average, w.average)) {
			out = append(out, Window{w.title, w.region, w.benchmarkName, before.gap, w.gap, before.average, w.average})
		}
	}
	slices.SortFunc(out, func(a, b Window) int {
		return strings.Compare(a.Title+a.Region+a.Benchmark, b.Title+b.Region+b.Benchmark)
	})
	return out
}

// within says whether the figure's period touches the window. A span of years is
// written with its first year first.
func (f *Figure) within(w span) bool {
	var first, last int64
	if n, _ := fmt.Sscanf(f.Period, "%d/%d", &first, &last); n < 2 {
		last = first
	}
	return first <= w.last && last >= w.first
}

// differ says whether two numbers are not the same but for the last digits of a
// float; a number that is not there differs from every other.
func differ(a, b *float64) bool {
	if a == nil || b == nil {
		return a != b
	}
	return math.Abs(*a-*b) > 1e-9*math.Max(math.Abs(*a), math.Abs(*b))
}

// claims fills in the claims that rest on the figures, where the release has any.
func (q Question) claims(ctx context.Context, now *warehouse.Reader, figures []Figure) error {
	rows, err := now.Query(ctx, `SELECT 1 AS there FROM dictionary WHERE schema = 'main' AND "table" = 'claim_inputs' AND "column" = 'claim'`)
	if err != nil || len(rows.Rows) == 0 {
		return err
	}
	where, args := q.listed()
	rows, err = now.Query(ctx, `SELECT DISTINCT c.claim, c.region_code, c.indicator, c.time_period FROM claim_inputs AS c
JOIN revisions AS r ON r.region_code = c.region_code AND r.indicator = c.indicator AND r.time_period = c.time_period WHERE `+where+" ORDER BY ALL", args...)
	if err != nil {
		return err
	}
	for _, raw := range rows.Rows {
		c := row{rows, raw}
		for i := range figures {
			if f := &figures[i]; f.RegionCode == c.str("region_code") && f.Indicator == c.str("indicator") && f.Period == c.str("time_period") {
				f.Claims = append(f.Claims, c.str("claim"))
			}
		}
	}
	return nil
}
