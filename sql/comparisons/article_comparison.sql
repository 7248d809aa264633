-- title: The Economist's comparison of August 2023, for every region
-- question: Did it grow faster than its country, earn more, and move into strategic industries?
-- caveat: Growth is chained from published real rates; income is urban with urban unless labelled; no national series like the strategic industries' share of output exists.
-- materialize: view
-- row: region_code, position
-- inputs growth: growth_against_benchmark WHERE this.kind = 'growth' AND window_id = this.window_id AND region_code = this.region_code AND benchmark = this.benchmark
-- inputs comparison: comparisons WHERE this.kind = 'value' AND this.value IS NOT NULL AND region_code = this.region_code AND benchmark = this.benchmark AND indicator = this.indicator AND time_period = this.time_period
-- inputs benchmark: benchmark_observations WHERE this.kind = 'value' AND this.value IS NULL AND region_code = this.region_code AND benchmark = this.benchmark AND indicator = this.benchmark_indicator AND time_period = this.time_period
-- column position: Order of the rows
-- column kind: growth (a window) or value (a period)
-- column region_code: GB/T 2260 code of the region
-- column region: English name of the region
-- column label: What the row is about, in English
-- column label_zh: The same in Chinese
-- column indicator: Indicator; key of indicators
-- column window_id: Key of growth_windows, for growth
-- column time_period: The period or window
-- column benchmark: Key of benchmarks
-- column unit: Unit of value; key of units
-- column value: The region's figure; NULL when it has none
-- column benchmark_indicator: Indicator of the benchmark's figure
-- column benchmark_region: Region of the benchmark
-- column benchmark_value: The benchmark's figure; NULL when it has none
-- column gap: value less benchmark_value, in unit; percentage points for rates
-- column gap_percent: gap in percent of benchmark_value, for levels
-- column obs_status: SDMX OBS_STATUS of value
-- column qualifier: How value bounds the truth
-- column confidence: Confidence of value
-- column benchmark_obs_status: SDMX OBS_STATUS of benchmark_value
-- column benchmark_qualifier: How benchmark_value bounds the truth
-- column benchmark_confidence: Confidence of benchmark_value
-- column relation: like_for_like, not_like_for_like or context
-- column reason: Why relation is not like_for_like
-- column years_missing: Growth: years without a rate
-- column bridge: Growth: the span whose published average stands for its years
-- column average_low: Growth: value at the low end of the bridge's rounding
-- column average_high: Growth: value at the high end
-- column note: Caveat of value, or of benchmark_value where it stands alone
SELECT
    a.position, a.kind, g.region_code, g.region, a.label_en AS label, a.label_zh, a.indicator, a.window_id,
    CAST(g.first_year AS VARCHAR) || '/' || CAST(g.last_year AS VARCHAR) AS time_period, a.benchmark, 'percent' AS unit,
    g.average_growth AS value, a.indicator AS benchmark_indicator, g.benchmark_region, g.benchmark_average_growth AS benchmark_value,
    g.gap, CAST(NULL AS DOUBLE) AS gap_percent,
    -- An average of rates is derived here, whatever the rates are.
    CASE WHEN g.average_growth IS NOT NULL THEN 'E' END AS obs_status,
    CASE WHEN g.average_growth IS NOT NULL THEN 'exact' END AS qualifier,
    CASE WHEN g.average_growth IS NOT NULL THEN g.weakest_confidence END AS confidence,
    CASE WHEN g.benchmark_average_growth IS NOT NULL THEN 'E' END AS benchmark_obs_status,
    CASE WHEN g.benchmark_average_growth IS NOT NULL THEN 'exact' END AS benchmark_qualifier,
    CASE WHEN g.benchmark_average_growth IS NOT NULL THEN g.benchmark_weakest_confidence END AS benchmark_confidence,
    'like_for_like' AS relation, '' AS reason, g.years_missing, CASE WHEN g.years_bridged > 0 THEN g.bridge ELSE '' END AS bridge,
    g.average_low, g.average_high, '' AS note
FROM article AS a
JOIN growth_against_benchmark AS g ON g.window_id = a.window_id AND g.benchmark = a.benchmark
WHERE a.kind = 'growth'
UNION ALL
SELECT
    a.position, a.kind, c.region_code, c.region, a.label_en, a.label_zh, a.indicator, CAST(NULL AS VARCHAR),
    c.time_period, a.benchmark, c.unit, c.value, c.benchmark_indicator, c.benchmark_region, c.benchmark_value,
    c.gap, c.gap_percent, c.obs_status, c.qualifier, c.confidence, c.benchmark_obs_status, c.benchmark_qualifier,
    c.benchmark_confidence, c.relation, c.reason, CAST(NULL AS BIGINT), '', CAST(NULL AS DOUBLE), CAST(NULL AS DOUBLE), c.note
FROM article AS a
JOIN comparisons AS c ON c.indicator = a.indicator AND c.time_period = a.period AND c.benchmark = a.benchmark
WHERE a.kind = 'value'
UNION ALL
-- Where the region has no figure and the benchmark has one, the benchmark's is
-- shown alone: it stands beside the region's other years, and nothing is filled in.
SELECT
    a.position, a.kind, n.region_code, r.name_en, a.label_en, a.label_zh, a.indicator, CAST(NULL AS VARCHAR),
    n.time_period, a.benchmark, n.unit, CAST(NULL AS DOUBLE), n.indicator, n.benchmark_region, n.value,
    CAST(NULL AS DOUBLE), CAST(NULL AS DOUBLE), CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR),
    n.obs_status, n.qualifier, n.confidence, coalesce(p.relation, 'like_for_like'), coalesce(p.reason_en, ''),
    CAST(NULL AS BIGINT), '', CAST(NULL AS DOUBLE), CAST(NULL AS DOUBLE), n.note
FROM article AS a
LEFT JOIN benchmark_pairs AS p ON p.benchmark = a.benchmark AND p.indicator = a.indicator
JOIN benchmark_observations AS n
    ON n.benchmark = a.benchmark AND n.indicator = coalesce(p.benchmark_indicator, a.indicator) AND n.time_period = a.period
JOIN regions AS r ON r.code = n.region_code
LEFT JOIN preferred_observations AS o
    ON o.region_code = n.region_code AND o.indicator = a.indicator AND o.time_period = a.period
WHERE a.kind = 'value' AND o.region_code IS NULL
