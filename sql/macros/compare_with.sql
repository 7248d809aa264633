-- title: compare_with(region, ['Nanjing', 'Suzhou', 'Hangzhou'], indicator, rule := 'median'): a region against regions of one's own choice, like with like only; rule is median or mean
-- args: wanted_region, wanted_members, wanted_indicator, rule := 'median'
WITH names AS (
    SELECT DISTINCT unnest(wanted_members) AS name
),
members AS (
    SELECT n.name, r.code
    FROM names AS n
    LEFT JOIN regions AS r ON r.code = n.name OR lower(r.name_en) = lower(n.name)
),
-- A name that is not known must not be left out in silence.
checked AS (
    SELECT CASE
        WHEN rule NOT IN ('median', 'mean') THEN error('the rule is median or mean, not ' || rule)
        WHEN count(code) < count(*) AND EXISTS (FROM regions)
            THEN error('write names or codes as in the table regions; not known: ' || string_agg(name, ', ' ORDER BY name) FILTER (WHERE code IS NULL))
        ELSE true
    END AS good
    FROM members
),
own AS (
    SELECT o.*, r.name_en AS region
    FROM comparable_observations AS o
    JOIN regions AS r ON r.code = o.region_code
    WHERE (o.region_code = wanted_region OR lower(r.name_en) = lower(wanted_region)) AND o.indicator = wanted_indicator AND o.counted
),
pooled AS (
    SELECT
        w.region_code, w.region, w.frequency, w.time_period, w.period_start, w.value, w.unit, w.basis,
        count(o.value) FILTER (WHERE o.basis = w.basis) AS members,
        count(o.value) FILTER (WHERE o.basis <> w.basis) AS members_elsewhere,
        median(o.value) FILTER (WHERE o.basis = w.basis) AS median_value,
        CAST(sum(CAST(o.value AS DECIMAL(38, 6))) FILTER (WHERE o.basis = w.basis) AS DOUBLE) / count(o.value) FILTER (WHERE o.basis = w.basis) AS mean_value,
        count(*) FILTER (WHERE o.basis = w.basis AND o.value > w.value) + 1 AS ranking,
        count(*) FILTER (WHERE o.basis = w.basis AND o.value = w.value) AS ranking_tied
    FROM own AS w
    JOIN members AS m ON m.code <> w.region_code
    LEFT JOIN comparable_observations AS o
        ON o.region_code = m.code AND o.indicator = w.indicator AND o.frequency = w.frequency AND o.period_start = w.period_start AND o.counted
    GROUP BY ALL
)
SELECT
    p.time_period, p.region, p.value, p.unit,
    CASE rule WHEN 'mean' THEN mean_value ELSE median_value END AS benchmark_value,
    value - benchmark_value AS gap,
    CASE WHEN i.measure = 'level' THEN gap / nullif(benchmark_value, 0) * 100 END AS gap_percent,
    CASE WHEN i.measure = 'level' THEN value / nullif(benchmark_value, 0) END AS ratio,
    ratio * 100 AS index_100,
    CASE WHEN members > 0 THEN ranking END AS ranking, CASE WHEN members > 0 THEN ranking_tied END AS ranking_tied, members + 1 AS ranking_of,
    CASE WHEN members > 0 THEN (100 * (members - ranking + 1) - 50 * ranking_tied) / members END AS percentile,
    members, members_elsewhere, p.basis
FROM pooled AS p
CROSS JOIN checked AS c
JOIN indicators AS i ON i.id = wanted_indicator
WHERE c.good
ORDER BY p.period_start, p.frequency
