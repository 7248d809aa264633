//go:build duckdb_arrow

package main

import (
	"context"
	"fmt"
	"math"
	"slices"

	"citystats/data"
	"citystats/internal/fault"
	"citystats/pipeline/warehouse"
)

// gapMeasure is what compare says when nothing else is asked for.
const gapMeasure = "gap"

// measure is something that can be said of a region and a benchmark: a query whose two
// arguments they are, to which years and indicators are added, and how people read
// its columns.
type measure struct {
	name, query, order string
	day                string // the day that --from and --to restrict; empty where they are a window
	columns            []measured
	legend             string
}

// measured is one column, and how its numbers are written; nil for as they come.
type measured struct {
	column
	show func(float64) string
}

func words(key, head string) measured { return measured{column{key, head, false}, nil} }

// plain is a number as it comes, such as a year or a count.
func plain(key, head string) measured { return measured{column{key, head, true}, nil} }

func fixed(key, head string, decimals int, after string) measured {
	return measured{column{key, head, true}, func(x float64) string { return number(x, decimals) + after }}
}

// level is an amount in its own unit, whose digits differ by indicator: two at most.
func level(key, head string) measured {
	return measured{column{key, head, true}, func(x float64) string { return number(math.Round(x*100)/100, -1) }}
}

func withSign(key, head string, decimals int) measured {
	return measured{column{key, head, true}, func(x float64) string { return signed(x, decimals) }}
}

var measures = []measure{
	{
		name: "rank", day: "period_start", order: "indicator, frequency, period_start",
		query: `SELECT indicator, time_period, value, unit, ranking, ranking_tied, ranking_of, percentile, index_100, benchmark_members_elsewhere, relation,
	CASE WHEN ranking IS NULL THEN 'too few members have a figure on its definition' ELSE '' END AS remark
FROM comparisons WHERE region_code = ? AND benchmark = ? AND benchmark IN (SELECT benchmark FROM benchmark_members)`,
		columns: []measured{
			words("indicator", "Indicator"), words("time_period", "Period"), level("value", "Region"), words("unit", "Unit"),
			plain("ranking", "Rank"), plain("ranking_of", "of"), plain("ranking_tied", "Shared with"), fixed("percentile", "Percentile", 1, ""),
			fixed("index_100", "Index", 1, ""), plain("benchmark_members_elsewhere", "Other definition"), words("relation", ""), words("remark", "Remark"),
		},
		legend: `Rank 1 is the highest value; equal values share the better rank. Percentile: percent of the other members below,
those with the same value counted half. Index: the benchmark is 100. Other definition: members left out for it.`,
	},
	{
		name: "years", day: "make_date(CAST(year AS INTEGER), 1, 1)", order: "indicator, year",
		query: `SELECT * FROM years_ahead WHERE region_code = ? AND benchmark = ?`,
		columns: []measured{
			words("indicator", "Indicator"), words("year", "Year"), level("value", "Region"), level("benchmark_value", "Benchmark"), words("unit", "Unit"),
			plain("reached_year", "Benchmark there in"), plain("years_ahead", "Years ahead"), withSign("years_ahead_interpolated", "Interpolated", 1), words("reason", "Why not"),
		},
		legend: `Benchmark there in: the first year in which its figure is not below the region's. Interpolated: an estimate that splits
the year as if the benchmark had grown evenly in it. Current prices contain inflation on both sides.`,
	},
	{
		name: "catch-up", order: "indicator, from_year, to_year",
		query: `SELECT * FROM catch_up WHERE region_code = ? AND benchmark = ?`,
		columns: []measured{
			words("indicator", "Indicator"), plain("from_year", "From"), plain("to_year", "To"), withSign("gap_from", "Gap then", 1), withSign("gap_to", "Gap now", 1),
			words("course", "Course"), fixed("closed_percent", "Closed a year", 1, " %"), fixed("half_life_years", "Half-life", 1, " years"),
			plain("members_from", "Members then"), plain("members_to", "now"), words("reason", "Why not"),
		},
		legend: `Gap: logarithm of the ratio to the benchmark times 100, about percent. Closed a year: at an even pace; below 0 it widened.`,
	},
	{
		name: "parts", day: "CAST(substr(time_period, 1, 4) || '-01-01' AS DATE)", order: "indicator, time_period, part",
		query: `SELECT * FROM gap_contributions WHERE region_code = ? AND benchmark = ?`,
		columns: []measured{
			words("indicator", "Whole"), words("time_period", "Period"), withSign("gap", "Gap", 0), words("unit", "Unit"), words("part", "Part"),
			withSign("contribution", "Adds", 0), fixed("contribution_percent", "of the gap", 1, " %"),
			fixed("share", "Share here", 1, " %"), fixed("benchmark_share", "there", 1, " %"), words("reason", "Why not"),
		},
		legend: `Only where the parts account for the whole on both sides. Share: of urban residents, as the three incomes imply it.`,
	},
	{
		name: "convergence", order: "indicator, from_year, to_year",
		// Whatever the region, it is one of the members' world.
		query: `SELECT * FROM convergence
LEFT JOIN (SELECT benchmark, window_id, indicator, year AS to_year, members AS panel, against_start FROM dispersion) USING (benchmark, window_id, indicator, to_year)
WHERE ? IS NOT NULL AND benchmark = ?`,
		columns: []measured{
			words("indicator", "Indicator"), plain("from_year", "From"), plain("to_year", "To"), plain("members", "Members"), plain("members_declared", "of"),
			withSign("beta", "Beta", 4), fixed("beta_error", "Error", 4, ""), fixed("t_value", "t", 2, ""), fixed("r_squared", "R²", 3, ""),
			fixed("speed_percent", "Speed a year", 2, " %"), fixed("half_life_years", "Half-life", 0, " years"),
			fixed("against_start", "Spread against start", 1, ""), plain("panel", "of members"), words("reason", "Why not"),
		},
		legend: `Among the benchmark's members, whatever the region. Beta: slope of growth a year on the logarithm of the first level;
below 0 those who started lower grew faster. Spread: standard deviation of the logarithms, the first year at 100.`,
	},
}

func measureNames() []string {
	out := []string{gapMeasure}
	for _, m := range measures {
		out = append(out, m.name)
	}
	return out
}

// measureOf is the measure of the name; without a name for the gap.
func measureOf(name string) measure {
	i := slices.IndexFunc(measures, func(m measure) bool { return m.name == name })
	if i < 0 {
		return measure{}
	}
	return measures[i]
}

func (a *app) printMeasure(ctx context.Context, c comparison, catalog *data.Catalog, r *warehouse.Reader, release string) error {
	m := measureOf(c.measure)
	g, err := c.said(ctx, r, m)
	if err != nil {
		return err
	}
	if len(g.rows) == 0 {
		return fault.New(fault.Usage, "", "try another benchmark or indicator, or without --measure", "there is nothing to say by %s for this question", m.name)
	}
	switch a.format {
	case "json":
		return writeJSON(a.out, object{{"release", release}, {"region", c.region}, {"benchmark", c.benchmark}, {"members", c.members}, {"rule", c.rule}, {"as_of", c.asOf}, {"measure", m.name}, {"rows", g.objects()}})
	case "csv":
		return g.csv(a.out)
	}
	fmt.Fprintln(a.out, c.title(catalog, release)+"\n")
	if err := g.table(a.out); err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.out, "\n"+m.legend)
	return err
}

// said asks a measure's query. A column that holds nothing anywhere is not shown to
// people.
func (c comparison) said(ctx context.Context, r *warehouse.Reader, m measure) (*grid, error) {
	clause, args := "", []any{c.region, c.benchmark}
	if m.day != "" {
		years, of := c.years(m.day)
		clause, args = years, append(args, of...)
	}
	among, of := c.among("indicator")
	rows, err := r.Query(ctx, m.query+clause+among+" ORDER BY "+m.order, append(args, of...)...)
	if err != nil {
		return nil, err
	}
	g := &grid{}
	for _, col := range m.columns {
		g.columns = append(g.columns, col.column)
	}
	filled := make([]bool, len(m.columns))
	for _, raw := range rows.Rows {
		v := row{rows, raw}
		cells := make([]cell, len(m.columns))
		for i, col := range m.columns {
			cells[i] = col.cell(v)
			filled[i] = filled[i] || cells[i].raw != nil && cells[i].raw != ""
		}
		g.add(cells...)
	}
	for i := range g.columns {
		if !filled[i] {
			g.columns[i].head = ""
		}
	}
	return g, nil
}

// cell is the column's value in a row.
func (m measured) cell(v row) cell {
	raw := v.get(m.key)
	if x, ok := raw.(float64); ok && m.show != nil {
		return cell{raw, m.show(x)}
	}
	return shown(raw)
}
