//go:build duckdb_arrow

package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"citystats/data"
	"citystats/internal/fault"
)

// reconciling is what reconcile was asked for, names resolved.
type reconciling struct {
	region, indicator string // empty for all
	disagreeing       bool
	scores            bool
}

func (a *app) reconcileCommand() *cobra.Command {
	var q reconciling
	cmd := &cobra.Command{
		Use:   "reconcile",
		Short: "Show figures that several origins give, and where they disagree",
		Long: `Prints each figure that more than one origin gives: the preferred one, which is
the one measured before derived before expected and then the origin with the
lowest priority in data/publishers.csv, beside each other one. All are kept.

agree: the same to the digit; rounding: one is the other with fewer digits;
disagree: anything else; not compared: a forecast and a result, or a bound.
Copies are documents that print the value: however many they are, they are one
statement. Origins that take figures from each other (data/origin_links.csv) are
no independent witnesses.

--scores shows how well each two origins agree instead.`,
		Example: `  citystats reconcile --region 合肥 --indicator gdp
  citystats reconcile --disagreeing
  citystats reconcile --scores --format csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			catalog, err := a.catalog()
			if err != nil {
				return err
			}
			if err := q.resolve(catalog); err != nil {
				return err
			}
			return a.reconcile(cmd.Context(), q)
		},
	}
	f := cmd.Flags()
	f.StringVar(&q.region, "region", "", "only this region")
	f.StringVar(&q.indicator, "indicator", "", "only this indicator")
	f.BoolVar(&q.disagreeing, "disagreeing", false, "only figures that disagree beyond rounding")
	f.BoolVar(&q.scores, "scores", false, "how well each two origins agree, by indicator")
	return cmd
}

// resolve turns names into keys.
func (q *reconciling) resolve(catalog *data.Catalog) error {
	var err error
	if q.region != "" {
		if q.region, err = catalog.RegionIndex().Find(q.region); err != nil {
			return fault.New(fault.Usage, "", "see citystats regions", "%s", err.Error())
		}
	}
	if q.indicator != "" {
		if q.indicator, err = catalog.IndicatorIndex().Find(q.indicator); err != nil {
			return fault.New(fault.Usage, "", "see citystats indicators", "%s", err.Error())
		}
	}
	if q.scores && (q.region != "" || q.disagreeing) {
		return fault.New(fault.Usage, "", "leave out --region and --disagreeing", "--scores is about all regions and all figures")
	}
	return nil
}

func (a *app) reconcile(ctx context.Context, q reconciling) error {
	r, _, err := a.reader(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	text, show := pairsQuery, pairsGrid
	args := []any{q.indicator}
	if q.scores {
		text, show = scoresQuery, scoresGrid
	} else {
		args = append(args, q.region, q.disagreeing)
	}
	rows, err := r.Query(ctx, text, args...)
	if err != nil {
		return err
	}
	if len(rows.Rows) == 0 && a.format == "table" {
		_, err := fmt.Fprintln(a.out, "No two origins give such a figure.")
		return err
	}
	g := show()
	for _, cells := range rows.Rows {
		v := row{rows, cells}
		if q.scores {
			addScore(g, v)
		} else {
			addPair(g, v)
		}
	}
	return a.print(g)
}

const pairsQuery = `SELECT c.*, i.decimals, u.symbol_en, pd.name AS preferred_document, od.name AS other_document
FROM reconciliation AS c
JOIN indicators AS i ON i.id = c.indicator
JOIN units AS u ON u.id = c.unit
JOIN store.documents AS pd ON pd.document_id = c.preferred_document_id
JOIN store.documents AS od ON od.document_id = c.other_document_id
WHERE ($1 = '' OR c.indicator = $1) AND ($2 = '' OR c.region_code = $2) AND (NOT $3 OR c.verdict = 'disagree')
ORDER BY c.region_code, c.indicator, c.period_start, c.frequency, c.other_origin`

const scoresQuery = `SELECT * FROM origin_agreement WHERE $1 = '' OR indicator = $1 ORDER BY indicator, origin, other_origin`

func pairsGrid() *grid {
	return &grid{columns: []column{
		{"region_code", "", false},
		{"region", "Region", false},
		{"indicator", "Indicator", false},
		{"time_period", "Period", false},
		{"unit", "", false},
		{"preferred_origin", "Preferred", false},
		{"preferred_value", "Value", true},
		{"preferred_copies", "Copies", true},
		{"preferred_document", "Document", false},
		{"other_origin", "Other", false},
		{"other_value", "Value", true},
		{"other_copies", "Copies", true},
		{"other_document", "Document", false},
		{"difference", "", true},
		{"difference_percent", "Difference", true},
		{"within_rounding", "", false},
		{"verdict", "Verdict", false},
		{"independent", "Independent", false},
	}}
}

func addPair(g *grid, v row) {
	side := func(name string) cell { return cell{v.get(name), figure(v.f(name), v.decimals())} }
	g.add(
		shown(v.str("region_code")), shown(v.str("region")), shown(v.str("indicator")), shown(v.str("time_period")), shown(v.str("unit")),
		shown(v.str("preferred_origin")), side("preferred_value"), shown(v.get("preferred_copies")), shown(v.str("preferred_document")),
		shown(v.str("other_origin")), side("other_value"), shown(v.get("other_copies")), shown(v.str("other_document")),
		shown(v.get("difference")), cell{v.get("difference_percent"), farApart(v)},
		shown(v.get("within_rounding")), cell{v.get("verdict"), strings.ReplaceAll(v.str("verdict"), "_", " ")}, yesNo(v, "independent"),
	)
}

// figure writes a value with the digits its indicator has, or with more when its
// document printed more: here the last digit is what matters.
func figure(x float64, decimals int) string {
	short, long := number(x, decimals), number(x, -1)
	if len(long) > len(short) {
		return long
	}
	return short
}

// farApart is how far two origins are apart: a percentage of levels, points of rates.
func farApart(v row) string {
	if x, ok := v.get("difference_percent").(float64); ok {
		return signed(x, 3) + " %"
	}
	return signed(v.f("difference"), 2) + " pp"
}

func yesNo(v row, name string) cell {
	yes, _ := v.get(name).(bool)
	return cell{yes, map[bool]string{true: "yes", false: "no"}[yes]}
}

func scoresGrid() *grid {
	return &grid{columns: []column{
		{"indicator", "Indicator", false},
		{"origin", "Origin", false},
		{"other_origin", "Other", false},
		{"compared", "Compared", true},
		{"identical", "Identical", true},
		{"rounding", "Rounding", true},
		{"within_tolerance", "Within tolerance", true},
		{"agreeing_percent", "Agreeing", true},
		{"median_difference", "Median difference", true},
		{"largest_difference", "Largest", true},
		{"first_period", "From", false},
		{"last_period", "To", false},
		{"independent", "Independent", false},
	}}
}

func addScore(g *grid, v row) {
	digits := func(name string, decimals int) cell { return cell{v.get(name), number(v.f(name), decimals)} }
	g.add(
		shown(v.str("indicator")), shown(v.str("origin")), shown(v.str("other_origin")), shown(v.get("compared")), shown(v.get("identical")),
		shown(v.get("rounding")), shown(v.get("within_tolerance")), cell{v.get("agreeing_percent"), number(v.f("agreeing_percent"), 0) + " %"},
		digits("median_difference", 3), digits("largest_difference", 3), shown(v.str("first_period")), shown(v.str("last_period")), yesNo(v, "independent"),
	)
}
