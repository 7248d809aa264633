package queries_test

import (
	"database/sql"
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// desk is an engine with the calculating macros, one region and few indicators:
// what the macros' invariants are asked of.
func desk(t testing.TB) *sql.Conn {
	t.Helper()
	conn := engine(t)
	run(t, conn, "CREATE TABLE regions AS FROM (VALUES ('340100', 'Hefei', '合肥市', '')) AS r (code, name_en, name_zh, aliases)")
	run(t, conn, `CREATE TABLE indicators AS FROM (VALUES
		('gdp', 'level', 'cny_100m', 'current', 'none'), ('gdp_growth_real', 'growth', 'percent', 'constant', 'none'),
		('income', 'level', 'cny', 'current', 'all'), ('cpi_growth', 'growth', 'percent', 'current', 'all'),
		('one', 'level', 'cny_100m', 'current', 'none'), ('two', 'level', 'cny_100m', 'current', 'none'), ('three', 'level', 'cny_100m', 'current', 'none'),
		('population_resident', 'level', 'persons_10k', 'none', 'all')
	) AS i (id, measure, unit, price_basis, population_scope)`)
	run(t, conn, "ALTER TABLE indicators ADD COLUMN title_en VARCHAR; ALTER TABLE indicators ADD COLUMN title_zh VARCHAR; ALTER TABLE indicators ADD COLUMN numerator VARCHAR; ALTER TABLE indicators ADD COLUMN accumulation VARCHAR")
	run(t, conn, `CREATE TABLE indicator_relations AS FROM (VALUES
		('income', 'deflated_by', 'cpi_growth', ''), ('gdp_growth_real', 'growth_of', 'gdp', ''), ('one', 'part_of', 'gdp', ''), ('two', 'part_of', 'gdp', ''),
		('three', 'part_of', 'gdp', ''), ('gdp', 'per_head_of_average', 'population_resident', '')
	) AS r (indicator, relation, other, note)`)
	run(t, conn, "CREATE TABLE indicator_pairs (indicator VARCHAR, other VARCHAR, refusal VARCHAR)")
	run(t, conn, "CREATE TABLE units AS FROM (VALUES ('cny', 0), ('cny_100m', 8), ('persons', 0), ('persons_10k', 4)) AS u (id, unit_mult)")
	run(t, conn, "CREATE TABLE unit_conversions AS FROM (VALUES ('cny_100m', 'cny', 1e8), ('cny_100m', 'cny_100m', 1), ('persons_10k', 'persons', 1e4)) AS u (from_unit, to_unit, factor)")
	run(t, conn, "CREATE TABLE region_breaks (region_code VARCHAR, indicator VARCHAR, break_id VARCHAR, number BIGINT, title VARCHAR)")
	run(t, conn, "CREATE TABLE accepted (checks VARCHAR, region VARCHAR, indicator VARCHAR, period VARCHAR, reason VARCHAR)")
	run(t, conn, `CREATE TABLE spliced_observations (region_code VARCHAR, region VARCHAR, indicator VARCHAR, time_period VARCHAR, period_start DATE, raw_value DOUBLE, linked_value DOUBLE,
		linked_basis BIGINT, link_factor DOUBLE, basis BIGINT, qualifier VARCHAR, unit VARCHAR, price_basis VARCHAR, origin VARCHAR)`)
	run(t, conn, `CREATE TABLE preferred_observations (region_code VARCHAR, indicator VARCHAR, frequency VARCHAR, time_period VARCHAR, period_start DATE, value DOUBLE, standing BIGINT, qualifier VARCHAR)`)
	set := load(t)
	for _, m := range set.Macros {
		switch m.Name {
		case "asked", "years_of", "yoy", "rebase", "chain_link", "cagr", "deflate", "contribution", "per_capita":
			run(t, conn, "CREATE MACRO "+m.Name+"("+m.Args+") AS TABLE\n"+m.SQL)
		}
	}
	return conn
}

// first is the year all drawn series begin with.
const first = 2000

// levels puts yearly levels on the desk, in place of those before.
func levels(t testing.TB, conn *sql.Conn, indicator, unit, basis string, values []float64) {
	t.Helper()
	run(t, conn, "DELETE FROM spliced_observations WHERE indicator = '"+indicator+"'")
	rows := make([]string, len(values))
	for i, v := range values {
		rows[i] = fmt.Sprintf("('340100', 'Hefei', '%s', '%d', '%d-01-01', %v, %v, 0, 1, 0, 'exact', '%s', '%s', 'x')", indicator, first+i, first+i, v, v, unit, basis)
	}
	run(t, conn, "INSERT INTO spliced_observations VALUES "+strings.Join(rows, ", "))
}

// growth puts yearly rates on the desk; the first is that of the year after first.
func growth(t testing.TB, conn *sql.Conn, indicator string, rates []float64) {
	t.Helper()
	run(t, conn, "DELETE FROM preferred_observations WHERE indicator = '"+indicator+"'")
	rows := make([]string, len(rates))
	for i, v := range rates {
		rows[i] = fmt.Sprintf("('340100', '%s', 'A', '%d', '%d-01-01', %v, 3, 'exact')", indicator, first+1+i, first+1+i, v)
	}
	run(t, conn, "INSERT INTO preferred_observations VALUES "+strings.Join(rows, ", "))
}

// numbers is one column of what a statement gives.
func numbers(t testing.TB, conn *sql.Conn, text string) []float64 {
	t.Helper()
	rows, err := conn.QueryContext(t.Context(), text)
	if err != nil {
		t.Fatalf("%v\nin: %s", err, text)
	}
	defer rows.Close()
	var out []float64
	for rows.Next() {
		var v sql.NullFloat64
		if err := rows.Scan(&v); err != nil {
			t.Fatal(err)
		}
		if !v.Valid {
			t.Fatalf("a row of %s is NULL", text)
		}
		out = append(out, v.Float64)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// alike takes two numbers for one that differ in the last of twelve digits at most.
func alike(a, b float64) bool { return math.Abs(a-b) <= 1e-11*math.Max(math.Abs(a), math.Abs(b)) }

func allAlike(a, b []float64) bool {
	for i := range a {
		if len(a) != len(b) || !alike(a[i], b[i]) {
			return false
		}
	}
	return len(a) == len(b)
}

// amounts draws yearly levels above 0, with two decimals as publishers print them.
func amounts(years int) *rapid.Generator[[]float64] {
	return rapid.SliceOfN(rapid.Map(rapid.IntRange(1, 2_000_000), func(n int) float64 { return float64(n) / 100 }), years, years)
}

func TestChainLinkOfAConstantRateIsItsPower(t *testing.T) {
	conn := desk(t)
	rapid.Check(t, func(r *rapid.T) {
		rate := percent().Draw(r, "rate")
		years := rapid.IntRange(1, 15).Draw(r, "years")
		base := rapid.IntRange(0, years).Draw(r, "base")
		rates := make([]float64, years)
		for i := range rates {
			rates[i] = rate
		}
		growth(t, conn, "gdp_growth_real", rates)
		got := numbers(t, conn, fmt.Sprintf("SELECT index_value FROM chain_link('hefei', 'gdp_growth_real', %d)", first+base))
		for i, index := range got {
			if want := 100 * math.Pow(1+rate/100, float64(i-base)); !alike(index, want) {
				r.Errorf("%v a year: %d has %v, want %v", rate, first+i, index, want)
			}
		}
	})
}

func TestRebaseThereAndBack(t *testing.T) {
	conn := desk(t)
	rapid.Check(t, func(r *rapid.T) {
		years := rapid.IntRange(2, 12).Draw(r, "years")
		a, b := rapid.IntRange(0, years-1).Draw(r, "a"), rapid.IntRange(0, years-1).Draw(r, "b")
		rebased := func(base int) []float64 {
			return numbers(t, conn, fmt.Sprintf("SELECT index_value FROM rebase('hefei', 'gdp', %d)", first+base))
		}
		levels(t, conn, "gdp", "cny_100m", "current", amounts(years).Draw(r, "levels"))
		there := rebased(a)
		levels(t, conn, "gdp", "cny_100m", "current", there)
		levels(t, conn, "gdp", "cny_100m", "current", rebased(b))
		if back := rebased(a); !allAlike(there, back) {
			r.Errorf("on %d %v; on %d and back %v", first+a, there, first+b, back)
		}
		if there[a] != 100 {
			r.Errorf("%d is %v on itself, want 100", first+a, there[a])
		}
	})
}

// TestCagrIsWhatTheYearsAddUpTo chains the yearly changes of a level and compares
// with its compound rate, and with that of the same changes as published rates.
func TestCagrIsWhatTheYearsAddUpTo(t *testing.T) {
	conn := desk(t)
	rapid.Check(t, func(r *rapid.T) {
		values := amounts(rapid.IntRange(2, 12).Draw(r, "years")).Draw(r, "levels")
		levels(t, conn, "gdp", "cny_100m", "current", values)
		changes := numbers(t, conn, "SELECT change_percent FROM yoy('hefei', 'gdp')")
		product := 1.0
		for _, c := range changes {
			product *= 1 + c/100
		}
		last := first + len(values) - 1
		rate := numbers(t, conn, fmt.Sprintf("SELECT cagr_percent FROM cagr('hefei', 'gdp', %d, %d, allow_nominal := true)", first, last))[0]
		if compound := math.Pow(1+rate/100, float64(len(changes))); math.Abs(compound-product) > 1e-9*product {
			r.Errorf("%v a year makes %v, the years make %v", rate, compound, product)
		}
	})
}

func TestCagrOfRatesIsThatOfTheirChain(t *testing.T) {
	conn := desk(t)
	rapid.Check(t, func(r *rapid.T) {
		rates := rapid.SliceOfN(percent(), 1, 12).Draw(r, "rates")
		growth(t, conn, "gdp_growth_real", rates)
		last := first + len(rates)
		chain := numbers(t, conn, fmt.Sprintf("SELECT index_value FROM chain_link('hefei', 'gdp_growth_real', %d)", first))
		rate := numbers(t, conn, fmt.Sprintf("SELECT cagr_percent FROM cagr('hefei', 'gdp_growth_real', %d, %d)", first, last))[0]
		if got := 100 * math.Pow(1+rate/100, float64(len(rates))); !alike(got, chain[len(chain)-1]) {
			r.Errorf("%v a year makes %v, the chain ends at %v", rate, got, chain[len(chain)-1])
		}
	})
}

// TestDeflateByItselfIsConstant lets an income grow with prices and nothing else.
func TestDeflateByItselfIsConstant(t *testing.T) {
	conn := desk(t)
	rapid.Check(t, func(r *rapid.T) {
		rates := rapid.SliceOfN(percent(), 1, 12).Draw(r, "rates")
		values := []float64{rapid.Float64Range(1, 1e6).Draw(r, "level")}
		for i, rate := range rates {
			values = append(values, values[i]*(1+rate/100))
		}
		base := rapid.IntRange(0, len(rates)).Draw(r, "base")
		levels(t, conn, "income", "cny", "current", values)
		growth(t, conn, "cpi_growth", rates)
		for _, level := range numbers(t, conn, fmt.Sprintf("SELECT real_value FROM deflate('hefei', 'income', 'cpi_growth', %d)", first+base)) {
			if !alike(level, values[base]) {
				r.Errorf("at the prices of %d it is %v, want %v in every year", first+base, level, values[base])
			}
		}
	})
}

// TestImpliedPricesGiveTheLevelBack wants price times volume to be the level.
func TestImpliedPricesGiveTheLevelBack(t *testing.T) {
	conn := desk(t)
	rapid.Check(t, func(r *rapid.T) {
		rates := rapid.SliceOfN(percent(), 1, 12).Draw(r, "rates")
		values := amounts(len(rates)+1).Draw(r, "levels")
		levels(t, conn, "gdp", "cny_100m", "current", values)
		growth(t, conn, "gdp_growth_real", rates)
		if got := numbers(t, conn, fmt.Sprintf("SELECT real_value * deflator_index / 100 FROM deflate('hefei', 'gdp', 'implied', %d)", first)); !allAlike(got, values) {
			r.Errorf("volume times price is %v, the level %v", got, values)
		}
	})
}

func TestContributionsOfAllPartsAreTheGrowthOfTheWhole(t *testing.T) {
	conn := desk(t)
	rapid.Check(t, func(r *rapid.T) {
		years := rapid.IntRange(2, 8).Draw(r, "years")
		whole := make([]float64, years)
		for _, part := range []string{"one", "two", "three"} {
			values := amounts(years).Draw(r, part)
			levels(t, conn, part, "cny_100m", "current", values)
			for i, v := range values {
				whole[i] += v
			}
		}
		levels(t, conn, "gdp", "cny_100m", "current", whole)
		sums := numbers(t, conn, `SELECT sum(contribution_points) FROM (
			FROM contribution('hefei', 'one', 'gdp') UNION ALL FROM contribution('hefei', 'two', 'gdp') UNION ALL FROM contribution('hefei', 'three', 'gdp')
		) GROUP BY year ORDER BY year`)
		for i, change := range numbers(t, conn, "SELECT change_percent FROM yoy('hefei', 'gdp')") {
			if math.Abs(sums[i]-change) > 1e-9*math.Max(1, whole[i+1]/whole[i]*100) {
				r.Errorf("%d: the parts contribute %v points, the whole grows by %v percent", first+1+i, sums[i], change)
			}
		}
	})
}

func TestPerCapitaTimesPeopleIsTheLevel(t *testing.T) {
	conn := desk(t)
	rapid.Check(t, func(r *rapid.T) {
		years := rapid.IntRange(2, 8).Draw(r, "years")
		values, people := amounts(years).Draw(r, "levels"), amounts(years).Draw(r, "people")
		levels(t, conn, "gdp", "cny_100m", "current", values)
		levels(t, conn, "population_resident", "persons_10k", "none", people)
		got := numbers(t, conn, "SELECT per_head * persons / 1e8 FROM per_capita('hefei', 'gdp') WHERE reason = ''")
		if !allAlike(got, values[1:]) {
			r.Errorf("a head times heads is %v, the level %v", got, values[1:])
		}
		for i, persons := range numbers(t, conn, "SELECT persons FROM per_capita('hefei', 'gdp') WHERE reason = ''") {
			if want := (people[i] + people[i+1]) / 2 * 1e4; !alike(persons, want) {
				r.Errorf("%d is divided by %v persons, want the mean of both ends, %v", first+1+i, persons, want)
			}
		}
	})
}

// TestSpliceKeepsBothSides joins two series that meet in one year: growth within
// each side stays, and the old figure of that year becomes the new one.
func TestSpliceKeepsBothSides(t *testing.T) {
	conn := engine(t)
	set := load(t)
	model := func(name string) string {
		q, ok := set.Model(name)
		if !ok {
			t.Fatalf("there is no model %s", name)
		}
		return q.SQL
	}
	run(t, conn, "CREATE TABLE region_breaks AS FROM (VALUES ('340100', 'Hefei', 'gdp', 'b', CAST(1 AS BIGINT), '2005', 'census', 'A census', '', '', '', CAST(NULL AS DATE), '')) AS b (region_code, region, indicator, break_id, number, period, kind, title, evidence, publisher, url, effective, comparable_growth)")
	run(t, conn, "CREATE TABLE indicators AS FROM (VALUES ('gdp', 'level', 'current')) AS i (id, measure, price_basis)")
	run(t, conn, "CREATE TABLE preferred_observations (region_code VARCHAR, region VARCHAR, indicator VARCHAR, frequency VARCHAR, time_period VARCHAR, period_start DATE, value DOUBLE, unit VARCHAR, obs_status VARCHAR, standing BIGINT, qualifier VARCHAR, origin VARCHAR, series_id BIGINT, document_id INTEGER, record INTEGER)")
	run(t, conn, "CREATE TABLE observations (series_id BIGINT, period_start DATE, geography DATE)")
	rapid.Check(t, func(r *rapid.T) {
		before := amounts(rapid.IntRange(2, 6).Draw(r, "years before")).Draw(r, "before")
		after := amounts(rapid.IntRange(1, 6).Draw(r, "years after")).Draw(r, "after")
		var rows []string
		put := func(year int, basis int, value float64) {
			rows = append(rows, fmt.Sprintf("('340100', 'Hefei', 'gdp', '%d', DATE '%d-01-01', CAST(%d AS BIGINT), CAST(%v AS DOUBLE), 'cny_100m', 'A', 'exact', 'high', 'x', CAST(NULL AS DATE), 1, 1)", year, year, basis, value))
		}
		meeting := first + len(before) - 1
		for i, v := range before {
			put(first+i, 1, v)
		}
		for i, v := range after {
			put(meeting+i, 0, v)
		}
		run(t, conn, "CREATE OR REPLACE TABLE basis_observations AS FROM (VALUES "+strings.Join(rows, ", ")+") AS o (region_code, region, indicator, time_period, period_start, basis, value, unit, obs_status, qualifier, confidence, origin, geography, document_id, record)")
		for _, name := range []string{"break_sides", "break_links", "spliced_observations"} {
			run(t, conn, "CREATE OR REPLACE TABLE "+name+" AS\n"+model(name))
		}
		got := numbers(t, conn, "SELECT spliced_value FROM spliced_observations ORDER BY time_period")
		for i := 1; i < len(before); i++ {
			if was, is := before[i]/before[i-1], got[i]/got[i-1]; !alike(was, is) {
				r.Errorf("from %d to %d it grew %v-fold, and spliced %v-fold", first+i-1, first+i, was, is)
			}
		}
		if tail := got[len(before)-1:]; !allAlike(tail, after) {
			r.Errorf("from %d on it is %v, published were %v", meeting, tail, after)
		}
	})
}

// TestMacrosSayHowToCallThem wants every macro to carry an example that calls it.
func TestMacrosSayHowToCallThem(t *testing.T) {
	for _, m := range load(t).Macros {
		if !strings.HasPrefix(m.Title, m.Name+"(") || !strings.Contains(m.Example, m.Name+"(") {
			t.Errorf("sql/%s: title %q and example %q must both have a call of %s", m.File, m.Title, m.Example, m.Name)
		}
	}
}
