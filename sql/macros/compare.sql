-- title: compare(region, benchmark, indicator): a region against a benchmark, period by period
-- args: wanted_region, wanted_benchmark, wanted_indicator
-- example: FROM compare('hefei', 'national_urban', 'disposable_income_urban')
-- refuses: a name that no region, benchmark or indicator has; an indicator of other people than the benchmark's, unless benchmark_pairs declares what it is set against
WITH series_asked AS MATERIALIZED (
    SELECT a.*
    FROM asked(wanted_region, wanted_indicator, caller := 'compare') AS a
    LEFT JOIN benchmarks AS b ON b.id = wanted_benchmark
    LEFT JOIN benchmark_pairs AS p ON p.benchmark = b.id AND p.indicator = a.indicator
    WHERE CASE
        WHEN b.id IS NULL THEN error('compare: no benchmark is called ' || wanted_benchmark || '; write one of '
            || coalesce((SELECT string_agg(id, ', ' ORDER BY id) FROM benchmarks), 'none'))
        WHEN b.population_scope <> a.population_scope AND p.benchmark IS NULL THEN error(
            'compare: ' || a.indicator || ' is about ' || replace(a.population_scope, 'none', 'no particular') || ' residents, ' || b.id || ' about ' || b.population_scope || ' residents'
        )
        ELSE true
    END
)
SELECT
    c.time_period, c.region, c.value, c.obs_status, c.benchmark, c.benchmark_indicator, c.benchmark_value, c.benchmark_obs_status,
    c.gap, c.gap_percent, c.ratio, c.unit, c.relation, c.reason, c.break_id, c.confidence, c.note
FROM series_asked AS a
JOIN comparisons AS c ON c.region_code = a.region_code AND c.indicator = a.indicator
WHERE c.benchmark = wanted_benchmark
ORDER BY c.period_start
