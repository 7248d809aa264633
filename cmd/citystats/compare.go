//go:build duckdb_arrow

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"citystats/data"
	"citystats/internal/fault"
	"citystats/pipeline/warehouse"
	queries "citystats/sql"
	"citystats/transforms/period"
)

// comparison is what compare was asked for, names resolved.
type comparison struct {
	region, benchmark string
	members           []string // of a benchmark of one's own
	rule              string   // how those are put together
	measure           string   // what is said of the two
	indicators        []string // empty for all
	from, to          int      // years; 0 for open
	asOf              string   // ISO date; empty for now
}

func (a *app) compareCommand() *cobra.Command {
	var c comparison
	cmd := &cobra.Command{
		Use:   "compare",
		Short: "Compare a region with a benchmark, indicator by indicator",
		Long: `Prints a region's figures beside a benchmark's, period by period, with gaps,
statuses, breaks and caveats, and average real growth by window. --measure says
something else of the two: rank, years (ahead or behind), catch-up, parts (of the gap),
convergence (among the benchmark's members).

The benchmark is one of data/benchmarks.csv, a region, or several regions with commas
between them, put together by --rule.

Names may be English, Chinese or codes. What is not like for like is labelled.
A level at current prices is never turned into growth: growth is chained from
published real rates, and across a break a change of levels is refused.

With both --from and --to the average growth of exactly those years is added.
--as-of shows what one would have read on that day.`,
		Example: `  citystats compare
  citystats compare --region 合肥 --benchmark province --indicator gdp_growth_real
  citystats compare --benchmark national_urban --indicator disposable_income_urban --from 2014 --to 2021
  citystats compare --indicator gdp --from 2010 --to 2011
  citystats compare --benchmark 南京,苏州,杭州 --rule mean --indicator disposable_income_urban
  citystats compare --benchmark peers --measure rank --indicator disposable_income_urban
  citystats compare --benchmark national --measure years --indicator disposable_income_urban
  citystats compare --benchmark peers --measure catch-up --indicator disposable_income_urban --from 2014 --to 2021
  citystats compare --as-of 2023-08-05`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			catalog, set, err := a.definitions()
			if err != nil {
				return err
			}
			if err := c.resolve(catalog); err != nil {
				return err
			}
			return a.compare(cmd.Context(), c, catalog, set)
		},
	}
	f := cmd.Flags()
	f.StringVar(&c.region, "region", "hefei", "region to compare")
	f.StringVar(&c.benchmark, "benchmark", "national", "benchmark to compare it with, or regions with commas between them")
	f.StringVar(&c.rule, "rule", "", "median (the default) or mean, of regions named by --benchmark")
	f.StringVar(&c.measure, "measure", gapMeasure, "what to say of the two: "+strings.Join(measureNames(), ", "))
	f.StringArrayVar(&c.indicators, "indicator", nil, "only this indicator; may be given more than once")
	f.IntVar(&c.from, "from", 0, "first year")
	f.IntVar(&c.to, "to", 0, "last year")
	f.StringVar(&c.asOf, "as-of", "", "show what one would have read on this day, as 2023-08-05")
	return cmd
}

// resolve turns names into keys.
func (c *comparison) resolve(catalog *data.Catalog) error {
	var err error
	if c.region, err = catalog.RegionIndex().Find(c.region); err != nil {
		return fault.New(fault.Usage, "", "see citystats regions", "%s", err.Error())
	}
	if err := c.resolveBenchmark(catalog); err != nil {
		return err
	}
	if !slices.Contains(measureNames(), c.measure) {
		return fault.New(fault.Usage, "", "write one of "+strings.Join(measureNames(), ", "), "--measure %q is nothing compare can say", c.measure)
	}
	index := catalog.IndicatorIndex()
	for i, name := range c.indicators {
		if c.indicators[i], err = index.Find(name); err != nil {
			return fault.New(fault.Usage, "", "see citystats indicators", "%s", err.Error())
		}
	}
	if c.from != 0 && c.to != 0 && c.from > c.to {
		return fault.New(fault.Usage, "", "give the earlier year first", "--from %d is after --to %d", c.from, c.to)
	}
	if m := measureOf(c.measure); m.name != "" && m.day == "" && (c.from != 0 || c.to != 0) && (c.from == 0 || c.to == 0 || len(c.indicators) == 0) {
		return fault.New(fault.Usage, "", "give --from, --to and --indicator together, or none of the years for the declared windows", "--measure %s is about a window of years", c.measure)
	}
	return checkDay(c.asOf)
}

// checkDay refuses an --as-of that is neither empty nor a day.
func checkDay(asOf string) error {
	if asOf == "" {
		return nil
	}
	if m, err := period.ParseMoment(asOf); err != nil || m.Precision != "day" {
		return fault.New(fault.Usage, "", "write it as 2023-08-05", "--as-of %q is not a day", asOf)
	}
	return nil
}

// windowID names the window that --from and --to ask for.
const windowID = "asked"

// overlay is what the reader must see otherwise than the release has it.
func (c comparison) overlay() map[string]string {
	out := c.askedBenchmark()
	if c.asOf != "" {
		out["observation_vintages"] = "SELECT * FROM release.main.observation_vintages WHERE visible_from <= DATE '" + c.asOf + "'"
	}
	if c.from != 0 && c.to != 0 {
		out["growth_windows"] = fmt.Sprintf(`SELECT id, first_year, last_year, bridge, title_en, title_zh, note FROM release.main.growth_windows
UNION ALL SELECT '%s', %d, %d, NULL, '%d to %d', '%d至%d年', ''`, windowID, c.from, c.to, c.from, c.to, c.from, c.to)
		if len(c.indicators) > 0 && c.from < c.to {
			out["comparison_windows"] = c.askedWindows()
		}
	}
	return out
}

func (a *app) compare(ctx context.Context, c comparison, catalog *data.Catalog, set *queries.Set) error {
	r, m, err := a.reader(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	if o := c.overlay(); len(o) > 0 {
		if err := r.Overlay(ctx, set, o); err != nil {
			return err
		}
	}
	if c.measure != gapMeasure {
		return a.printMeasure(ctx, c, catalog, r, m.ID)
	}
	values, err := c.values(ctx, r)
	if err != nil {
		return err
	}
	growth, err := c.growth(ctx, r)
	if err != nil {
		return err
	}
	if len(values.rows) == 0 && len(growth.rows) == 0 {
		return fault.New(fault.Usage, "", "widen --from and --to, or see citystats sql \"SELECT DISTINCT indicator FROM observations\"", "there are no figures for this question")
	}
	switch a.format {
	case "json":
		return writeJSON(a.out, object{
			{"release", m.ID},
			{"region", c.region},
			{"benchmark", c.benchmark},
			{"members", c.members},
			{"rule", c.rule},
			{"as_of", c.asOf},
			{"values", values.objects()},
			{"growth", growth.objects()},
		})
	case "csv":
		return values.csv(a.out)
	}
	fmt.Fprintln(a.out, c.title(catalog, m.ID))
	for _, g := range []*grid{values, growth} {
		if len(g.rows) == 0 {
			continue
		}
		fmt.Fprintln(a.out)
		if err := g.table(a.out); err != nil {
			return err
		}
	}
	fmt.Fprintln(a.out, "\n"+legend)
	return nil
}

// legend explains the status column under every comparison.
const legend = `Status of the region's figure / of the benchmark's: A normal, P provisional, E derived here (of P: from
provisional rates), F forecast or target; medium: read one step removed from its publisher; low: a single weak copy,
not to be cited alone. pp: percentage points.`

func (c comparison) title(catalog *data.Catalog, releaseID string) string {
	region := catalog.Regions[slices.IndexFunc(catalog.Regions, func(r data.Region) bool { return r.Code == c.region })]
	out := fmt.Sprintf("%s %s against %s, release %s", region.NameEN, region.NameZH, c.benchmarkName(catalog), releaseID)
	if c.asOf != "" {
		out += ", as one would have read it on " + c.asOf + "\nOnly figures whose publication by that day is documented are shown, and what is derived here from them (status E)."
	}
	return out
}

func (c comparison) years(column string) (clause string, args []any) {
	if c.from != 0 {
		clause += " AND extract(YEAR FROM " + column + ") >= ?"
		args = append(args, c.from)
	}
	if c.to != 0 {
		clause += " AND extract(YEAR FROM " + column + ") <= ?"
		args = append(args, c.to)
	}
	return clause, args
}

func (c comparison) among(column string) (clause string, args []any) {
	if len(c.indicators) == 0 {
		return "", nil
	}
	for _, i := range c.indicators {
		args = append(args, i)
	}
	return " AND " + column + " IN (" + strings.TrimSuffix(strings.Repeat("?, ", len(args)), ", ") + ")", args
}

const valuesQuery = `SELECT c.*, i.title_en, i.decimals, u.symbol_en, bu.symbol_en AS benchmark_symbol, bi.title_en AS benchmark_title,
	b.title_en AS break_title, ch.break_id AS change_break
FROM comparisons AS c
JOIN indicators AS i ON i.id = c.indicator
JOIN indicators AS bi ON bi.id = c.benchmark_indicator
JOIN units AS u ON u.id = c.unit
LEFT JOIN units AS bu ON bu.id = c.benchmark_unit
LEFT JOIN breaks AS b ON b.id = c.break_id
LEFT JOIN changes AS ch
	ON ch.region_code = c.region_code AND ch.indicator = c.indicator AND ch.origin = c.origin AND ch.time_period = c.time_period
WHERE c.region_code = ? AND c.benchmark = ?`

func (c comparison) values(ctx context.Context, r *warehouse.Reader) (*grid, error) {
	years, yearArgs := c.years("c.period_start")
	among, amongArgs := c.among("c.indicator")
	args := append(append([]any{c.region, c.benchmark}, yearArgs...), amongArgs...)
	rows, err := r.Query(ctx, valuesQuery+years+among+" ORDER BY c.indicator, c.frequency, c.period_start", args...)
	if err != nil {
		return nil, err
	}
	g := &grid{columns: []column{
		{"indicator", "Indicator", false},
		{"time_period", "Period", false},
		{"value", "Region", true},
		{"unit", "", false},
		{"obs_status", "", false},
		{"confidence", "", false},
		{"qualifier", "", false},
		{"benchmark_indicator", "", false},
		{"benchmark_value", "Benchmark", true},
		{"benchmark_obs_status", "", false},
		{"benchmark_confidence", "", false},
		{"benchmark_qualifier", "", false},
		{"gap", "Gap", true},
		{"gap_percent", "", true},
		{"ratio", "", true},
		{"index_100", "", true},
		{"ranking", "", true},
		{"ranking_tied", "", true},
		{"ranking_of", "", true},
		{"percentile", "", true},
		{"benchmark_members", "", true},
		{"benchmark_members_elsewhere", "", true},
		{"benchmark_weights_missing", "", true},
		{"relation", "", false},
		{"status", "Status", false},
		{"remarks", "Remarks", false},
		{"break_id", "", false},
		{"origin", "", false},
		{"note", "", false},
		{"benchmark_note", "", false},
		{"document_id", "", false},
		{"record", "", false},
		{"benchmark_document_id", "", false},
		{"benchmark_record", "", false},
	}}
	for _, raw := range rows.Rows {
		v := row{rows, raw}
		status := v.status()
		remarks := v.remarks()
		g.add(
			cell{v.get("indicator"), v.str("title_en")}, shown(v.get("time_period")),
			cell{v.get("value"), v.amount("value", "qualifier", "symbol_en")}, shown(v.get("unit")), shown(v.get("obs_status")), shown(v.get("confidence")), shown(v.get("qualifier")),
			shown(v.get("benchmark_indicator")), cell{v.get("benchmark_value"), v.amount("benchmark_value", "benchmark_qualifier", "benchmark_symbol")},
			shown(v.get("benchmark_obs_status")), shown(v.get("benchmark_confidence")), shown(v.get("benchmark_qualifier")),
			cell{v.get("gap"), v.gap()}, shown(v.get("gap_percent")), shown(v.get("ratio")),
			shown(v.get("index_100")), shown(v.get("ranking")), shown(v.get("ranking_tied")), shown(v.get("ranking_of")), shown(v.get("percentile")),
			shown(v.get("benchmark_members")), shown(v.get("benchmark_members_elsewhere")), shown(v.get("benchmark_weights_missing")), shown(v.get("relation")),
			shown(status), shown(strings.Join(remarks, "; ")), shown(v.get("break_id")), shown(v.get("origin")), shown(v.get("note")), shown(v.get("benchmark_note")),
			shown(v.get("document_id")), shown(v.get("record")), shown(v.get("benchmark_document_id")), shown(v.get("benchmark_record")),
		)
	}
	return g, nil
}

func (c comparison) growth(ctx context.Context, r *warehouse.Reader) (*grid, error) {
	g := &grid{columns: []column{
		{"window", "Average real growth a year", false},
		{"first_year", "", false},
		{"last_year", "", false},
		{"average_growth", "Region", true},
		{"average_low", "", true},
		{"average_high", "", true},
		{"arithmetic_mean", "Arithmetic", true},
		{"benchmark_average_growth", "Benchmark", true},
		{"gap", "Gap", true},
		{"status", "Status", false},
		{"remarks", "Remarks", false},
	}}
	if len(c.indicators) > 0 && !slices.Contains(c.indicators, "gdp_growth_real") {
		return g, nil
	}
	rows, err := r.Query(ctx, "SELECT * FROM growth_against_benchmark WHERE region_code = ? AND benchmark = ?"+
		" AND (? = 0 OR first_year >= ?) AND (? = 0 OR last_year <= ?) ORDER BY first_year, last_year, years_bridged, window_id",
		c.region, c.benchmark, c.from, c.from, c.to, c.to)
	if err != nil {
		return nil, err
	}
	for _, raw := range rows.Rows {
		v := row{rows, raw}
		remarks, err := growthRemarks(ctx, r, v, v.str("window_id"), c.region)
		if err != nil {
			return nil, err
		}
		g.add(
			cell{v.get("window_id"), v.str("window_title")}, shown(v.get("first_year")), shown(v.get("last_year")),
			cell{v.get("average_growth"), v.percent("average_growth")}, shown(v.get("average_low")), shown(v.get("average_high")),
			cell{v.get("arithmetic_mean"), v.percent("arithmetic_mean")},
			cell{v.get("benchmark_average_growth"), v.percent("benchmark_average_growth")},
			cell{v.get("gap"), v.points("gap")}, shown(v.growthStatus()), shown(strings.Join(remarks, "; ")),
		)
	}
	return g, nil
}

// growthRemarks says what an average stands on: the years that are missing on
// either side, the published average that bridges some, and whose rates were
// chained when they are not all one origin's.
func growthRemarks(ctx context.Context, r *warehouse.Reader, v row, window, region string) ([]string, error) {
	var out []string
	for _, side := range []string{region, v.str("benchmark_region")} {
		rows, err := r.Query(ctx, `SELECT y.year, y.kind, y.rate, y.region, p.name_en FROM growth_years AS y
LEFT JOIN publishers AS p ON p.id = y.origin WHERE y.window_id = ? AND y.region_code = ? ORDER BY y.year`, window, side)
		if err != nil {
			return nil, err
		}
		out = append(out, sideRemarks(rows, v)...)
	}
	return out, nil
}

// sideRemarks are the remarks on one region's years.
func sideRemarks(years warehouse.Rows, v row) []string {
	var out, missing, bridged, origins []string
	rate, name := 0.0, ""
	for _, y := range years.Rows {
		name = y[3].(string)
		switch y[1] {
		case "missing":
			missing = append(missing, display(y[0]))
		case "bridge":
			bridged = append(bridged, display(y[0]))
			rate = y[2].(float64)
		}
		if origin, ok := y[4].(string); ok && !slices.Contains(origins, origin) {
			origins = append(origins, origin)
		}
	}
	if len(missing) > 0 {
		return []string{fmt.Sprintf("%s: no published rate for %s", name, strings.Join(missing, ", "))}
	}
	if len(bridged) > 0 {
		out = append(out, fmt.Sprintf("%s: %s to %s by their published average of %s %%, which its rounding puts between %s and %s",
			name, bridged[0], bridged[len(bridged)-1], number(rate, 1), number(v.f("average_low"), 2), number(v.f("average_high"), 2)))
	}
	if len(origins) > 1 {
		out = append(out, fmt.Sprintf("%s: rates of %s", name, strings.Join(origins, " and ")))
	}
	return out
}

// articleGrid is the printed comparison of one region.
func articleGrid(ctx context.Context, r *warehouse.Reader, region string) (*grid, error) {
	rows, err := r.Query(ctx, `SELECT a.*, i.decimals, i.measure, u.symbol_en, u.symbol_en AS benchmark_symbol, bi.title_en AS benchmark_title,
	coalesce(br.name_en, '') AS benchmark_name, NULL AS break_title, NULL AS change_break
FROM article_comparison AS a
JOIN indicators AS i ON i.id = a.indicator
JOIN indicators AS bi ON bi.id = a.benchmark_indicator
JOIN units AS u ON u.id = a.unit
LEFT JOIN regions AS br ON br.code = a.benchmark_region
WHERE a.region_code = ? ORDER BY a.position`, region)
	if err != nil {
		return nil, err
	}
	g := &grid{columns: []column{
		{"label", "Measure", false},
		{"label_zh", "", false},
		{"indicator", "", false},
		{"time_period", "", false},
		{"value", "Hefei", true},
		{"unit", "", false},
		{"obs_status", "", false},
		{"qualifier", "", false},
		{"confidence", "", false},
		{"average_low", "", false},
		{"average_high", "", false},
		{"benchmark_name", "", false},
		{"benchmark_indicator", "", false},
		{"benchmark_value", "Benchmark", true},
		{"benchmark_obs_status", "", false},
		{"benchmark_qualifier", "", false},
		{"benchmark_confidence", "", false},
		{"gap", "Gap", true},
		{"gap_percent", "", true},
		{"relation", "", false},
		{"status", "Status", false},
		{"remarks", "Remarks", false},
	}}
	for _, raw := range rows.Rows {
		v := row{rows, raw}
		remarks := v.remarks()
		amount, benchmark, status := v.amount("value", "qualifier", "symbol_en"), v.amount("benchmark_value", "benchmark_qualifier", "benchmark_symbol"), v.status()
		if v.str("kind") == "growth" {
			if remarks, err = growthRemarks(ctx, r, v, v.str("window_id"), region); err != nil {
				return nil, err
			}
			amount, benchmark, status = v.percent("value"), v.percent("benchmark_value"), v.status()
		}
		if v.get("benchmark_value") != nil {
			benchmark = v.str("benchmark_name") + " " + benchmark
		}
		g.add(
			shown(v.get("label")), shown(v.get("label_zh")), shown(v.get("indicator")), shown(v.get("time_period")),
			cell{v.get("value"), amount}, shown(v.get("unit")), shown(v.get("obs_status")), shown(v.get("qualifier")), shown(v.get("confidence")),
			shown(v.get("average_low")), shown(v.get("average_high")), shown(v.get("benchmark_name")), shown(v.get("benchmark_indicator")),
			cell{v.get("benchmark_value"), benchmark}, shown(v.get("benchmark_obs_status")), shown(v.get("benchmark_qualifier")), shown(v.get("benchmark_confidence")),
			cell{v.get("gap"), v.gap()}, shown(v.get("gap_percent")), shown(v.get("relation")),
			shown(status), shown(strings.Join(remarks, "; ")),
		)
	}
	return g, nil
}
