package queries_test

import (
	"database/sql"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// city is a region with one figure, on one of two definitions.
type city struct {
	code   string
	member bool
	basis  string
	value  float64
	weight float64 // 0 for none
}

// cities draws a dozen or fewer, with ties.
func cities() *rapid.Generator[[]city] {
	return rapid.Custom(func(r *rapid.T) []city {
		var out []city
		for i := range rapid.IntRange(1, 12).Draw(r, "cities") {
			out = append(out, city{
				code: fmt.Sprintf("%02d", i), member: rapid.Bool().Draw(r, "member"),
				basis: rapid.SampledFrom([]string{"current", "current", "before"}).Draw(r, "basis"),
				value: float64(rapid.IntRange(1, 9).Draw(r, "value")), weight: float64(rapid.IntRange(0, 5).Draw(r, "weight")),
			})
		}
		return out
	})
}

// benchmarked asks the real models what three benchmarks of the same members say for
// each city, and where it ranks.
func benchmarked(t testing.TB, conn *sql.Conn, wanted int, of []city) table {
	t.Helper()
	var regions, members, figures []string
	for _, c := range of {
		regions = append(regions, fmt.Sprintf("('%s', 'X')", c.code))
		figures = append(figures, fmt.Sprintf("('%s', 'X', 'income', CAST(%v AS DOUBLE), '%s')", c.code, c.value, c.basis))
		if c.weight > 0 {
			figures = append(figures, fmt.Sprintf("('%s', 'X', 'people', CAST(%v AS DOUBLE), 'current')", c.code, c.weight))
		}
		for _, b := range []string{"median", "mean", "weighted_mean"} {
			if c.member {
				members = append(members, fmt.Sprintf("('%s', '%s')", b, c.code))
			}
		}
	}
	slices.Reverse(figures)
	for _, s := range []string{
		fmt.Sprintf("CREATE OR REPLACE TABLE benchmarks AS SELECT b AS id, b AS rule, 'members' AS scope, CAST(NULL AS VARCHAR) AS region, CAST(%d AS BIGINT) AS min_members FROM (VALUES ('median'), ('mean'), ('weighted_mean')) AS v (b)", wanted),
		"CREATE OR REPLACE TABLE benchmark_members AS SELECT * FROM (VALUES " + strings.Join(append(members, "('nobody', '')"), ", ") + ") AS v (benchmark, region)",
		"CREATE OR REPLACE TABLE benchmark_weights AS SELECT 'weighted_mean' AS benchmark, 'income' AS indicator, 'people' AS weight, CAST(0 AS BIGINT) AS lag_years",
		"CREATE OR REPLACE TABLE region_countries AS SELECT * FROM (VALUES " + strings.Join(regions, ", ") + ") AS v (region_code, country)",
		"CREATE OR REPLACE TABLE regions AS SELECT region_code AS code, CAST(NULL AS VARCHAR) AS parent FROM region_countries",
		"CREATE OR REPLACE TABLE preferred_observations AS SELECT '' AS region_code, '' AS indicator, 'A' AS frequency, '' AS time_period, DATE '2014-01-01' AS period_start, 0.5::DOUBLE AS value, '' AS unit, '' AS obs_status, CAST(3 AS BIGINT) AS standing, '' AS qualifier, '' AS confidence, CAST(0 AS INTEGER) AS document_id, CAST(0 AS INTEGER) AS record, '' AS note WHERE false",
		"CREATE OR REPLACE TABLE comparable_observations AS SELECT region_code, country, indicator, 'A' AS frequency, '2014' AS time_period, DATE '2014-01-01' AS period_start, value, 'cny' AS unit, CAST(3 AS BIGINT) AS standing, 'high' AS confidence, true AS counted, basis, CAST(NULL AS VARCHAR) AS basis_until FROM (VALUES " + strings.Join(figures, ", ") + ") AS v (region_code, country, indicator, value, basis)",
	} {
		run(t, conn, s)
	}
	set := load(t)
	for _, name := range []string{"benchmark_ranks", "benchmark_pools", "benchmark_observations"} {
		q, _ := set.Model(name)
		run(t, conn, "CREATE OR REPLACE TABLE "+name+" AS\n"+q.SQL)
	}
	return ask(t, conn, `SELECT n.benchmark, n.region_code, CAST(n.value AS VARCHAR), n.basis, CAST(n.members AS VARCHAR), CAST(n.members_elsewhere AS VARCHAR), CAST(k.ranking AS VARCHAR)
FROM benchmark_observations AS n
JOIN benchmark_ranks AS k ON k.benchmark = n.benchmark AND k.region_code = n.region_code AND k.indicator = n.indicator
WHERE n.indicator = 'income' ORDER BY ALL`)
}

// others is the pool of a city by the rule, told plainly: the other members on its own
// definition, if they are enough, else those on the definition with the most members.
func others(of []city, self city, wanted int) (pool []city, basis string, elsewhere int) {
	count := func(basis string, without bool) (n int) {
		for _, c := range of {
			if c.member && c.basis == basis && (!without || c.code != self.code) {
				n++
			}
		}
		return n
	}
	largest := "current"
	if count("before", false) > count("current", false) {
		largest = "before"
	}
	basis = self.basis
	if count(basis, false) == 0 || count(basis, true) < wanted && count(largest, false) >= wanted {
		basis = largest
	}
	for _, c := range of {
		switch {
		case !c.member || c.code == self.code:
		case c.basis == basis:
			pool = append(pool, c)
		default:
			elsewhere++
		}
	}
	return pool, basis, elsewhere
}

func mean(pool []city, weighted bool) (value float64, voices int) {
	sum, weights := 0.0, 0.0
	for _, c := range pool {
		w := 1.0
		if weighted {
			w = c.weight
		}
		if w > 0 {
			voices++
		}
		sum += w * c.value
		weights += w
	}
	return sum / weights, voices
}

func median(pool []city) float64 {
	var v []float64
	for _, c := range pool {
		v = append(v, c.value)
	}
	slices.Sort(v)
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

// The pools are summed once and each region's own figure is taken out again: the
// answer must be what leaving it out from the start gives.
func TestABenchmarkIsThatOfTheOtherMembersOnOneDefinition(t *testing.T) {
	conn := engine(t)
	rapid.Check(t, func(r *rapid.T) {
		of, wanted := cities().Draw(r, "cities"), rapid.IntRange(1, 4).Draw(r, "wanted")
		seen := 0
		for _, row := range benchmarked(t, conn, wanted, of).rows {
			self := of[slices.IndexFunc(of, func(c city) bool { return c.code == row[1] })]
			pool, basis, elsewhere := others(of, self, wanted)
			want, voices := mean(pool, row[0] == "weighted_mean")
			if row[0] == "median" {
				want = median(pool)
			}
			seen++
			got := math.NaN()
			if row[2] != "" {
				fmt.Sscan(row[2], &got)
			}
			if enough := voices >= wanted; enough != (row[2] != "") || enough && math.Abs(got-want) > 1e-9 {
				r.Fatalf("the %s for %s is %q, want %v of %d members, at least %d", row[0], row[1], row[2], want, voices, wanted)
			}
			if row[3] != basis || row[4] != fmt.Sprint(voices) || row[5] != fmt.Sprint(elsewhere) {
				r.Fatalf("the %s for %s is on %q, of %s members and %s elsewhere; want %q, %d, %d", row[0], row[1], row[3], row[4], row[5], basis, voices, elsewhere)
			}
			above, level := 0, 0
			for _, c := range of {
				if c.member && c.code != self.code && c.basis == self.basis {
					level++
					if c.value > self.value {
						above++
					}
				}
			}
			if ranked := level >= wanted; ranked != (row[6] != "") || ranked && row[6] != fmt.Sprint(above+1) {
				r.Fatalf("%s ranks %q among %d others, want %d", row[1], row[6], level, above+1)
			}
		}
		if want := expected(of, wanted); seen != want {
			r.Fatalf("%d rows, want %d", seen, want)
		}
	})
}

// expected counts the rows: three benchmarks for every city that has another member to
// be measured against.
func expected(of []city, wanted int) int {
	n := 0
	for _, c := range of {
		pool, _, _ := others(of, c, wanted)
		if len(pool) > 0 {
			n += 3
		}
	}
	return n
}
