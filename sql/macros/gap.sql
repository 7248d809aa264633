-- title: gap(region, indicator, benchmark_region): a region against another, period by period, of one indicator or of two that may be set against each other
-- args: wanted_region, wanted_indicator, benchmark_region, benchmark_indicator := ''
-- example: FROM gap('hefei', 'disposable_income_urban', 'china')
-- refuses: indicators that differ in unit, measure, price basis, population, numerator, denominator or accumulation; row by row, bounds; a figure on an old definition is shown against one that is not, and labelled
WITH series_asked AS MATERIALIZED (
    SELECT a.*, b.region_code AS other_code, b.region AS other_region, b.indicator AS other_indicator
    FROM asked(wanted_region, wanted_indicator, caller := 'gap') AS a
    CROSS JOIN asked(benchmark_region, CASE WHEN benchmark_indicator = '' THEN wanted_indicator ELSE benchmark_indicator END, caller := 'gap') AS b
    LEFT JOIN indicator_pairs AS x ON x.indicator = a.indicator AND x.other = b.indicator
    WHERE CASE
        WHEN x.refusal IS NOT NULL THEN error('gap: ' || x.refusal)
        WHEN a.region_code = b.region_code AND a.indicator = b.indicator THEN error('gap: ' || a.region || ' against itself has no gap')
        ELSE true
    END
),
-- Definitions that a yearly level is still before.
old AS (
    SELECT s.region_code, s.indicator, s.time_period, min_by(b.title || ' (' || b.break_id || ')', b.number) AS title
    FROM spliced_observations AS s
    JOIN region_breaks AS b ON b.region_code = s.region_code AND b.indicator = s.indicator AND ((s.basis >> (b.number - 1)) & 1) = 1
    WHERE b.kind = 'definition'
    GROUP BY ALL
)
SELECT
    o.time_period, a.region, a.indicator, o.value, a.other_region AS benchmark_region, a.other_indicator AS benchmark_indicator, n.value AS benchmark_value,
    CASE WHEN o.qualifier IN ('exact', 'about') AND n.qualifier IN ('exact', 'about') THEN o.value - n.value END AS gap,
    CASE WHEN o.unit = 'percent' THEN 'percentage_point' ELSE o.unit END AS gap_unit,
    CASE WHEN a.measure = 'level' AND n.value <> 0 AND o.qualifier IN ('exact', 'about') AND n.qualifier IN ('exact', 'about') THEN (o.value / n.value - 1) * 100 END AS gap_percent,
    a.price_basis,
    CASE WHEN a.indicator <> a.other_indicator OR (x.title IS NULL) <> (y.title IS NULL) THEN 'not_like_for_like' ELSE 'like_for_like' END AS relation,
    CASE
        WHEN o.qualifier NOT IN ('exact', 'about') OR n.qualifier NOT IN ('exact', 'about') THEN 'one of the figures is a bound'
        WHEN a.indicator <> a.other_indicator THEN a.indicator || ' against ' || a.other_indicator
        WHEN x.title IS NOT NULL AND y.title IS NULL THEN a.region || ' is before, ' || a.other_region || ' is not: ' || x.title
        WHEN y.title IS NOT NULL AND x.title IS NULL THEN a.other_region || ' is before, ' || a.region || ' is not: ' || y.title
        ELSE ''
    END AS reason,
    o.obs_status, n.obs_status AS benchmark_obs_status
FROM series_asked AS a
JOIN preferred_observations AS o ON o.region_code = a.region_code AND o.indicator = a.indicator
JOIN preferred_observations AS n
    ON n.region_code = a.other_code AND n.indicator = a.other_indicator AND n.frequency = o.frequency AND n.period_start = o.period_start
LEFT JOIN old AS x ON x.region_code = a.region_code AND x.indicator = a.indicator AND x.time_period = o.time_period
LEFT JOIN old AS y ON y.region_code = a.other_code AND y.indicator = a.other_indicator AND y.time_period = o.time_period
ORDER BY o.period_start, o.frequency
