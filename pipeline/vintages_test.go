//go:build duckdb_arrow

package pipeline_test

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	_ "github.com/duckdb/duckdb-go/v2" // the driver named duckdb
	"github.com/google/go-cmp/cmp"

	"citystats/data"
	"citystats/pipeline"
	"citystats/pipeline/revisions"
	"citystats/pipeline/warehouse"
	"citystats/sources/bundled"
)

// bundledRelease is a release of the documents that ship with the program.
func bundledRelease(t *testing.T) (*rig, pipeline.Report) {
	t.Helper()
	folder, err := fs.Sub(data.Files(), data.DocumentsDir)
	if err != nil {
		t.Fatal(err)
	}
	r := rigAt(t, t.TempDir(), &shelf{bundled.New(folder), fstest.MapFS{}, nil}).whole(t)
	return r, r.run(t, pipeline.Options{})
}

// lines asks a plain DuckDB, as a reader of the file would, and spells each row.
func lines(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%v\nin: %s", err, query)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for rows.Next() {
		cells, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		var words []string
		for _, c := range cells {
			words = append(words, c.String)
		}
		out = append(out, strings.Join(words, " "))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func plainDuckDB(t *testing.T, name string, statements ...string) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", name)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	return db
}

// The real cases of figures that changed, from documents that ship with the
// program, asked of the published file by a DuckDB that knows nothing of us: the
// file opened itself, and attached under a name of the reader's choosing.
func TestRealRevisionsComeOut(t *testing.T) {
	r, report := bundledRelease(t)
	direct := plainDuckDB(t, report.Path+"?access_mode=read_only")
	attached := plainDuckDB(t, "", "ATTACH '"+report.Path+"' AS stats (READ_ONLY)", "USE stats")

	const chinaOnThatDay = "SELECT value FROM as_of('%s') WHERE region = 'China' AND indicator = 'gdp' AND time_period = '2020' AND origin = 'nbs'"
	const revisionsOf = "SELECT time_period, origin, old_value, new_value, type FROM revisions WHERE %s ORDER BY ALL"
	for _, c := range []struct {
		name, query string
		want        []string
	}{
		{
			"China 2020: three official values", "SELECT vintage_number, CAST(rev_date AS VARCHAR), obs_values, status FROM revision_triangle('CHN', 'gdp') WHERE time_period = '2020' ORDER BY vintage_number",
			[]string{"1 2021-01-18 1.015986e+06 preliminary", "2 2021-12-17 1.013567e+06 final", "3 2026-04-18 1.0348676e+06 revised"},
		},
		{"China 2020 the day before its first release", fmt.Sprintf(chinaOnThatDay, "2021-01-17"), nil},
		{"China 2020 on the day of its first release", fmt.Sprintf(chinaOnThatDay, "2021-01-18"), []string{"1.015986e+06"}},
		{"China 2020 on the day of the article", fmt.Sprintf(chinaOnThatDay, "2023-08-05"), []string{"1.013567e+06"}},
		{"China 2020 now", fmt.Sprintf(chinaOnThatDay, "2026-11-23"), []string{"1.0348676e+06"}},
		{
			"China 2020: why", fmt.Sprintf(revisionsOf, "region = 'China' AND indicator = 'gdp' AND time_period = '2020'"),
			[]string{"2020 nbs 1.013567e+06 1.0348676e+06 census", "2020 nbs 1.015986e+06 1.013567e+06 update"},
		},
		{"Hefei 2018", fmt.Sprintf(revisionsOf, "region = 'Hefei' AND indicator = 'gdp' AND time_period = '2018'"), []string{"2018 hefei_stats 7822.9 8605.1 census"}},
		{"Hefei 2018 as first released", "SELECT value, status FROM nth_release(1) WHERE region = 'Hefei' AND indicator = 'gdp' AND time_period = '2018'", []string{"7822.9 preliminary"}},
		{
			"Hefei 2018 in a document of unknown date is not shown for a day before it was received",
			"SELECT 2021 AS y, value FROM as_of('2021-12-31') WHERE region = 'Hefei' AND indicator = 'gdp' AND time_period = '2018' AND origin = 'hefei_stats'" +
				" UNION ALL SELECT 2026, value FROM as_of('2026-11-23') WHERE region = 'Hefei' AND indicator = 'gdp' AND time_period = '2018' AND origin = 'hefei_stats'",
			[]string{"2026 8605.1"},
		},
		{
			"Hefei 2016 in two sources", "SELECT origin, obs_values, CAST(rev_date AS VARCHAR) FROM revision_triangle('合肥', 'gdp') WHERE time_period = '2016' ORDER BY ALL",
			[]string{"hefei_stats 6274.3 2017-04-30", "nbs 6274.38 2019-06-17"},
		},
		{"Hefei 2016 was not revised", fmt.Sprintf(revisionsOf, "region = 'Hefei' AND indicator = 'gdp' AND time_period = '2016'"), nil},
		{
			"the World Bank's growth of 2014 and 2015 by vintage",
			"SELECT time_period, CAST(rev_date AS VARCHAR), round(obs_values, 2) FROM revision_triangle('China', 'gdp_growth_real') WHERE origin = 'worldbank' AND time_period IN ('2014', '2015') ORDER BY time_period, vintage_number",
			[]string{"2014 2016-11-17 7.27", "2014 2019-12-31 7.3", "2014 2021-01-06 7.43", "2014 2025-12-15 7.46", "2015 2016-11-17 6.9", "2015 2019-12-31 6.91", "2015 2021-01-06 7.04", "2015 2025-12-15 6.98"},
		},
		{
			"the World Bank's restatement is one of method",
			"SELECT time_period, type FROM revisions WHERE origin = 'worldbank' AND time_period IN ('2014', '2015') AND published_at = '2021-01-06' ORDER BY ALL",
			[]string{"2014 methodology", "2015 methodology"},
		},
		{
			"a comparison as one would have read it",
			"SELECT round(benchmark_value, 2) FROM comparisons_as_of('2020-12-31') WHERE region = 'Hefei' AND benchmark = 'national' AND indicator = 'gdp_growth_real' AND time_period = '2016'",
			[]string{"6.74"},
		},
		{
			"and an average of growth",
			"SELECT CAST(years_missing AS VARCHAR) FROM growth_as_of('2021-06-30') WHERE region = 'China' AND window_id = 'plan_13'",
			[]string{"0"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			for way, db := range map[string]*sql.DB{"opened directly": direct, "attached as stats": attached} {
				if diff := cmp.Diff(c.want, lines(t, db, c.query)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", way, diff)
				}
			}
		})
	}
	t.Run("ranked by what they move", func(t *testing.T) { ranked(t, r) })
}

// ranked asks what changed and what it moved.
func ranked(t *testing.T, r *rig) {
	t.Helper()
	open := func(context.Context) (*warehouse.Reader, error) { return r.open(t), nil }
	figures, err := revisions.Ask(t.Context(), open, r.Queries, revisions.Question{})
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range figures[1:] {
		if before := figures[i]; before.SignsChanged() < f.SignsChanged() {
			t.Errorf("%s %s stands behind %s %s, which turns fewer comparisons over", f.Region, f.Period, before.Region, before.Period)
		}
	}
	at := slices.IndexFunc(figures, func(f revisions.Figure) bool {
		return f.Region == "Hefei" && f.Indicator == "gdp" && f.Period == "2018"
	})
	if at < 0 {
		t.Fatal("Hefei's output of 2018 is not among what was revised")
	}
	moved := slices.IndexFunc(figures[at].Comparisons, func(c revisions.Comparison) bool { return c.Benchmark == "The country" })
	if moved < 0 {
		t.Fatalf("Hefei's output of 2018 moves %+v, want its comparison with the country among them", figures[at].Comparisons)
	}
	// 7822.9 and 8605.1 in percent of 919281 and 936010.1, China's figures before and now.
	if c := figures[at].Comparisons[moved]; !c.Percent || fmt.Sprintf("%.3f %.3f", c.Then, c.Now) != "-99.149 -99.081" {
		t.Errorf("the gap to China moves from %.3f to %.3f, want -99.149 to -99.081", c.Then, c.Now)
	}
	if figures[at].Comparisons[moved].SignChanged {
		t.Error("a city that is smaller than its country before and after has no change of sign")
	}
}
