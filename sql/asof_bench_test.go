package queries_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	queries "citystats/sql"
)

// BenchmarkAsOf asks ten million vintages, ten of each of a million figures, what
// one would have read in the middle of their history, and reports how much longer
// that takes than to ask for the latest. Both are asked for everything and for one
// series. The other way to look back, which every model has, computes the answer
// anew from what was visible; its cost is reported beside.
//
//	go test -tags duckdb_arrow -run '^$' -bench AsOf -benchtime 1x ./sql
func BenchmarkAsOf(b *testing.B) {
	conn, set := vintages(b, 2000, 500, 10)
	const one = " WHERE region_code = '340100' AND indicator = 'i7'"
	latest, asOf := "SELECT count(*), sum(value) FROM observations", "SELECT count(*), sum(value) FROM as_of('2005-06-15')"
	for b.Loop() {
		all, past := took(b, conn, latest), took(b, conn, asOf)
		anew := took(b, conn, set.Instead(map[string]string{"observation_vintages": queries.SeenBy("2005-06-15")}, latest))
		b.ReportMetric(past/all, "as-of/latest")
		b.ReportMetric(took(b, conn, asOf+one)/took(b, conn, latest+one), "one-series-as-of/latest")
		b.ReportMetric(anew/past, "computed-anew/as-of")
		b.ReportMetric(all*1000, "latest-ms")
		b.ReportMetric(past*1000, "as-of-ms")
	}
}

// took is the shortest of three runs, in seconds.
func took(b *testing.B, conn *sql.Conn, text string) float64 {
	b.Helper()
	best := time.Hour
	for range 3 {
		start := time.Now()
		ask(b, conn, text)
		best = min(best, time.Since(start))
	}
	return best.Seconds()
}

// vintages is a release with series × periods × editions generated vintages: one
// document a year, each of which changes every figure.
func vintages(b *testing.B, series, periods, editions int) (*sql.Conn, *queries.Set) {
	b.Helper()
	db, err := sql.Open("duckdb", filepath.Join(b.TempDir(), "release.duckdb")+"?memory_limit=2GB")
	if err != nil {
		b.Fatal(err)
	}
	conn, err := db.Conn(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = errors.Join(conn.Close(), db.Close()) })
	set := load(b)
	release(b, set, conn)
	store, _ := set.Model("observation_vintages")
	for _, text := range []string{
		"INSERT INTO observation_statuses (number, id, obs_status, standing) VALUES (5, 'revised', 'A', 3)",
		"INSERT INTO series (series_id, region_code, region, indicator, unit, price_basis, population_scope, numerator, frequency, origin, origin_priority)" +
			" SELECT i, if(i % 20 = 7, '340100', 'r' || i), 'Region', 'i' || i, 'cny', 'current', 'none', 'none', 'M', 'nbs', 1 FROM range(" + strconv.Itoa(series) + ") AS s (i)",
		"INSERT INTO store.documents SELECT e, 's', 'n', 't', 'nbs', '', '', '', 0, make_date(2000 + CAST(e AS INTEGER), 1, 1), 'day', NULL, make_date(2000 + CAST(e AS INTEGER), 1, 1), TIMESTAMP '2026-01-01', true FROM range(1, " + strconv.Itoa(editions+1) + ") AS d (e)",
		"INSERT INTO store.observation SELECT i, make_date(1950 + CAST(p // 12 AS INTEGER), CAST(p % 12 AS INTEGER) + 1, 1), hash(i, p, e) % 1000 / 10, 5, 0, 3, make_date(2000 + CAST(e AS INTEGER), 1, 1), e, i * " + strconv.Itoa(periods) + " + p" +
			" FROM range(1, " + strconv.Itoa(editions+1) + ") AS d (e), range(" + strconv.Itoa(series) + ") AS s (i), range(" + strconv.Itoa(periods) + ") AS t (p)",
		"DROP TABLE observation_vintages",
		"CREATE VIEW observation_vintages AS " + store.SQL,
	} {
		run(b, conn, text)
	}
	history, _ := set.Model("vintage_history")
	run(b, conn, "CREATE OR REPLACE TABLE vintage_history AS "+history.SQL)
	observations, _ := set.Model("observations")
	run(b, conn, "DROP TABLE observations")
	run(b, conn, "CREATE VIEW observations AS "+observations.SQL)
	for _, m := range set.Macros {
		if m.Name == "as_of" {
			run(b, conn, "CREATE MACRO as_of("+m.Args+") AS TABLE "+m.SQL)
		}
	}
	return conn, set
}
