//go:build duckdb_arrow

package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"citystats/data"
	"citystats/internal/fault"
	"citystats/pipeline/warehouse"
)

// likeness is what resemble was asked for.
type likeness struct {
	region, ofYear, set, candidates string
	year, limit                     int
}

// anyYear is the word for every year, and what the macro takes for it.
const anyYear = "any"

func (a *app) resembleCommand() *cobra.Command {
	var l likeness
	cmd := &cobra.Command{
		Use:   "resemble",
		Short: "Which regions stood where one stood in a year",
		Long: `Lists the regions nearest to one by the indicators of a resemblance set
(data/resemblance_sets.csv): the root-mean-square distance over the indicators both
have, each in units of how far apart regions are in the year asked for. Money is taken
relative to the country or the other major cities, so that years can be compared.

What is missing on either side is shown and left out, never guessed; regions with too
few indicators in common get no place. Figures on two definitions are not compared.

--of-year says of which year the others are: by default the same, a year, or any,
which takes each region at its nearest.`,
		Example: `  citystats resemble --region hefei --year 2008
  citystats resemble --region hefei --year 2008 --of-year any --limit 5
  citystats resemble --region 合肥 --year 2012 --candidates capitals --format csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			catalog, err := a.catalog()
			if err != nil {
				return err
			}
			if err := l.resolve(catalog); err != nil {
				return err
			}
			return a.resemble(cmd.Context(), l, catalog)
		},
	}
	f := cmd.Flags()
	f.StringVar(&l.region, "region", "hefei", "region to find the like of")
	f.IntVar(&l.year, "year", 0, "year of that region")
	f.StringVar(&l.ofYear, "of-year", "", "year of the others: a year, or any; by default the same")
	f.StringVar(&l.set, "set", "development", "resemblance set")
	f.StringVar(&l.candidates, "candidates", "", "only members of this benchmark")
	f.IntVar(&l.limit, "limit", 10, "how many to list; 0 for all")
	return cmd
}

// resolve turns names into keys, and the year of the others into what the macro takes.
func (l *likeness) resolve(catalog *data.Catalog) error {
	usage := func(hint, format string, args ...any) error { return fault.New(fault.Usage, "", hint, format, args...) }
	if l.year == 0 {
		return usage("as --year 2008", "--year is not given")
	}
	var err error
	if l.region, err = catalog.RegionIndex().Find(l.region); err != nil {
		return usage("see citystats regions", "%s", err.Error())
	}
	switch _, bad := strconv.Atoi(l.ofYear); {
	case l.ofYear == "":
		l.ofYear = "NULL"
	case l.ofYear == anyYear:
		l.ofYear = "0"
	case bad != nil || l.ofYear == "0":
		return usage("write a year, or any", "--of-year %q is no year", l.ofYear)
	}
	if l.candidates != "" {
		if l.candidates, err = catalog.BenchmarkIndex().Find(l.candidates); err != nil {
			return usage("", "%s", err.Error())
		}
		if benchmarkOf(catalog, l.candidates).Scope != "members" {
			return usage("name a benchmark of many, such as capitals", "%s has no members", l.candidates)
		}
	}
	sets, _ := catalog.Table("resemblance_sets")
	if !slices.ContainsFunc(sets.Rows, func(r []any) bool { return r[0] == l.set }) {
		return usage("see data/resemblance_sets.csv", "resemblance set %q is not known", l.set)
	}
	if l.limit < 0 {
		return usage("give a number, or 0 for all", "--limit is %d", l.limit)
	}
	return nil
}

func (a *app) resemble(ctx context.Context, l likeness, catalog *data.Catalog) error {
	r, m, err := a.reader(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	own, err := r.Query(ctx, "SELECT indicator, value, basis FROM resemblance_positions WHERE set_id = ? AND region_code = ? AND year = ? ORDER BY indicator", l.set, l.region, l.year)
	if err != nil {
		return err
	}
	if len(own.Rows) == 0 {
		return fault.New(fault.Usage, "", "try another year", "%s has no figure of the set %s in %d that can be placed", regionName(catalog, l.region), l.set, l.year)
	}
	rows, err := r.Query(ctx, fmt.Sprintf(`SELECT * FROM resembling('%s', %d, candidate_year := %s, wanted_set := '%s')
WHERE ? = '' OR region_code IN (SELECT region FROM benchmark_members WHERE benchmark = ?)
ORDER BY place, region_code`, l.region, l.year, l.ofYear, l.set), l.candidates, l.candidates)
	if err != nil {
		return err
	}
	g, unplaced := l.grid(rows)
	switch a.format {
	case "json":
		return writeJSON(a.out, object{{"release", m.ID}, {"region", l.region}, {"year", l.year}, {"set", l.set}, {"nearest", g.objects()}})
	case "csv":
		return g.csv(a.out)
	}
	fmt.Fprintf(a.out, "%s in %d, by the set %s, release %s\n", regionName(catalog, l.region), l.year, l.set, m.ID)
	for _, c := range own.Rows {
		fmt.Fprintf(a.out, "  %s %s, definition: %s\n", display(c[0]), display(c[1]), display(c[2]))
	}
	if len(rows.Rows) > 0 {
		if not := (row{rows, rows.Rows[0]}).str("not_used"); not != "" {
			fmt.Fprintf(a.out, "Not used, because the region or too many others have no figure: %s\n", not)
		}
	}
	fmt.Fprintln(a.out)
	if err := g.table(a.out); err != nil {
		return err
	}
	if unplaced > 0 {
		fmt.Fprintf(a.out, "\n%d more have too few indicators in common and get no place; --limit 0 lists them.\n", unplaced)
	}
	return nil
}

// grid lists the nearest, and counts those without a place that are not listed.
func (l likeness) grid(rows warehouse.Rows) (g *grid, unplaced int) {
	g = &grid{columns: []column{
		{"place", "Place", true},
		{"region_code", "", false},
		{"region", "Region", false},
		{"year", "Year", false},
		{"distance", "Distance", true},
		{"shared", "Indicators", false},
		{"wanted", "", false},
		{"indicators", "", false},
		{"missing", "Missing", false},
		{"not_used", "", false},
		{"reason", "Remark", false},
	}}
	for i, raw := range rows.Rows {
		v := row{rows, raw}
		if l.limit > 0 && (i >= l.limit || v.get("place") == nil) {
			if v.get("place") == nil {
				unplaced++
			}
			continue
		}
		distance := cell{v.get("distance"), "—"}
		if x, ok := v.get("distance").(float64); ok {
			distance.text = number(x, 2)
		}
		g.add(shown(v.get("place")), shown(v.get("region_code")), shown(v.get("region")), shown(v.get("year")), distance,
			cell{v.get("shared"), v.str("shared") + " of " + v.str("wanted")}, shown(v.get("wanted")), shown(v.get("indicators")),
			shown(v.get("missing")), shown(v.get("not_used")), shown(v.get("reason")))
	}
	return g, unplaced
}
