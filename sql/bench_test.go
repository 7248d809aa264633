package queries_test

import (
	"testing"
	"time"
)

// BenchmarkComparisons compares 400 cities with their country and with the median and
// the mean of 36 of them, 10 indicators over 20 years: for one city, for all, and for
// all by a query that does no more than join and group, which is as fast as DuckDB
// can say what gaps there are.
func BenchmarkComparisons(b *testing.B) {
	conn := engine(b)
	for _, s := range []string{
		`CREATE TABLE regions AS SELECT 'C' AS code, CAST(NULL AS VARCHAR) AS parent, 'country' AS level
			UNION ALL SELECT 'r' || i, 'C', 'prefecture' FROM range(400) AS t (i)`,
		`CREATE TABLE indicators AS SELECT 'i' || i AS id, 'level' AS measure, 'none' AS population_scope FROM range(10) AS t (i)`,
		`CREATE TABLE benchmarks AS SELECT id, rule, scope, CAST(NULL AS VARCHAR) AS region, CAST(NULL AS VARCHAR) AS population_scope, CAST(18 AS BIGINT) AS min_members
			FROM (VALUES ('national', 'published', 'country'), ('peers', 'median', 'members'), ('peers_mean', 'mean', 'members')) AS v (id, rule, scope)`,
		`CREATE TABLE benchmark_members AS SELECT b AS benchmark, 'r' || i AS region FROM (VALUES ('peers'), ('peers_mean')) AS v (b), range(36) AS t (i)`,
		`CREATE TABLE benchmark_weights AS SELECT '' AS benchmark, '' AS indicator, '' AS weight, CAST(0 AS BIGINT) AS lag_years WHERE false`,
		`CREATE TABLE benchmark_pairs AS SELECT '' AS benchmark, '' AS indicator, '' AS benchmark_indicator, '' AS relation, '' AS reason_en WHERE false`,
		`CREATE TABLE breaks AS SELECT '' AS id, '' AS region, '' AS indicator, '' AS period, '' AS kind, '' AS title_en WHERE false`,
		`CREATE TABLE preferred_observations AS SELECT r.code AS region_code, r.code AS region, 'i' || i AS indicator, 'A' AS frequency, CAST(2000 + y AS VARCHAR) AS time_period,
			make_date(2000 + CAST(y AS INTEGER), 1, 1) AS period_start, 1000 + CAST(hash(r.code || i || y) % 9973 AS DOUBLE) AS value, 'cny' AS unit, 'A' AS obs_status, CAST(3 AS BIGINT) AS standing,
			'exact' AS qualifier, 'high' AS confidence, 'nbs' AS origin, CAST(1 AS INTEGER) AS document_id, CAST(1 AS INTEGER) AS record, '' AS derivation, '' AS note
			FROM regions AS r, range(10) AS t (i), range(20) AS u (y)`,
	} {
		run(b, conn, s)
	}
	set := load(b)
	build := func(names ...string) time.Duration {
		start := time.Now()
		for _, name := range names {
			q, _ := set.Model(name)
			kind := "TABLE"
			if q.View {
				kind = "VIEW"
			}
			run(b, conn, "CREATE OR REPLACE "+kind+" "+name+" AS\n"+q.SQL)
		}
		return time.Since(start)
	}
	took := func(query string) time.Duration {
		ask(b, conn, query) // the first time plans and reads
		start := time.Now()
		for range 5 {
			ask(b, conn, query)
		}
		return time.Since(start) / 5
	}
	build("region_countries", "comparable_observations", "benchmark_ranks", "benchmark_pools", "benchmark_observations", "comparisons")
	const gaps = "SELECT benchmark, count(gap), sum(gap), sum(ratio), max(reason) FROM comparisons"
	const bare = `WITH pools AS (
	SELECT m.benchmark, o.indicator, o.period_start, median(o.value) AS middle, avg(o.value) AS mean
	FROM benchmark_members AS m JOIN preferred_observations AS o ON o.region_code = m.region GROUP BY ALL
)
SELECT b.id, count(*), sum(o.value - coalesce(CASE b.rule WHEN 'mean' THEN p.mean WHEN 'median' THEN p.middle END, c.value)), sum(o.value / coalesce(p.mean, c.value)), max(o.note)
FROM preferred_observations AS o CROSS JOIN benchmarks AS b
LEFT JOIN pools AS p ON p.benchmark = b.id AND p.indicator = o.indicator AND p.period_start = o.period_start
LEFT JOIN preferred_observations AS c ON c.region_code = 'C' AND b.id = 'national' AND c.indicator = o.indicator AND c.period_start = o.period_start
GROUP BY ALL`
	for b.Loop() {
		tables := build("comparable_observations", "benchmark_ranks", "benchmark_pools")
		one, all, joins := took(gaps+" WHERE region_code = 'r7' GROUP BY ALL"), took(gaps+" GROUP BY ALL"), took(bare)
		b.ReportMetric(all.Seconds()/joins.Seconds(), "all/bare")
		b.ReportMetric(one.Seconds()/all.Seconds(), "one/all")
		b.ReportMetric(tables.Seconds()/joins.Seconds(), "tables/bare")
		b.ReportMetric(all.Seconds()*1000, "all-ms")
		b.ReportMetric(joins.Seconds()*1000, "bare-ms")
	}
}
