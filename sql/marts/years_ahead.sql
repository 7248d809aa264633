-- title: In which year each benchmark reached a region's level
-- materialize: view
-- column region_code: GB/T 2260 code of the region
-- column region: English name of the region
-- column benchmark: Key of benchmarks
-- column indicator: Indicator, a level; at current prices the years contain inflation on both sides
-- column year: Year of the region's figure
-- column value: The region's figure, in unit
-- column unit: Unit; key of units
-- column benchmark_value: The benchmark's figure of the same year
-- column benchmark_first_year: First year of the benchmark's figures on the region's definition
-- column benchmark_last_year: Last one
-- column reached_year: First year in which the benchmark's figure is not below the region's; NULL when that is not known
-- column years_ahead: reached_year less year: above 0 the region was so many years earlier, below 0 later
-- column years_ahead_interpolated: The same with the year split as if the benchmark had grown evenly between the two figures around the region's: an estimate, to be labelled as one; NULL where they are not of consecutive years
-- column reason: Why there is no year: not reached yet, before the series, a break, or not like for like
WITH asked AS (
    SELECT
        c.region_code, c.region, c.benchmark, c.indicator, c.unit, c.period_start, c.value, c.benchmark_value, c.benchmark_region,
        c.relation, c.reason, c.qualifier, c.benchmark_qualifier, extract(YEAR FROM c.period_start) AS year
    FROM comparisons AS c
    JOIN indicators AS i ON i.id = c.indicator
    WHERE c.frequency = 'A' AND i.measure = 'level' AND c.benchmark_indicator = c.indicator AND c.benchmark_value IS NOT NULL
),
series AS (
    SELECT
        n.benchmark, n.region_code, n.indicator, n.basis, n.value, extract(YEAR FROM n.period_start) AS year,
        lag(n.value) OVER steps AS value_before,
        lag(extract(YEAR FROM n.period_start)) OVER steps AS year_before,
        min(extract(YEAR FROM n.period_start)) OVER whole AS first_year,
        max(extract(YEAR FROM n.period_start)) OVER whole AS last_year
    FROM benchmark_observations AS n
    WHERE n.frequency = 'A' AND n.value > 0 AND n.qualifier = 'exact' AND n.standing >= 2
    WINDOW
        whole AS (PARTITION BY n.benchmark, n.region_code, n.indicator, n.basis),
        steps AS (PARTITION BY n.benchmark, n.region_code, n.indicator, n.basis ORDER BY n.period_start)
),
-- The year for each figure; a series that fell back is taken at its first time.
reached AS (
    SELECT
        a.region_code, a.region, a.benchmark, a.indicator, a.unit, a.year, a.value, a.benchmark_value, a.benchmark_region,
        a.relation, a.reason, f.basis, min(s.first_year) AS first_year, min(s.last_year) AS last_year,
        min(CASE WHEN s.value >= a.value THEN s.year END) AS reached_year
    FROM asked AS a
    JOIN comparable_observations AS f
        ON f.region_code = a.region_code AND f.indicator = a.indicator AND f.frequency = 'A' AND f.period_start = a.period_start
    LEFT JOIN series AS s
        ON s.benchmark = a.benchmark AND s.region_code = a.region_code AND s.indicator = a.indicator AND s.basis = f.basis
        AND a.relation = 'like_for_like' AND f.counted
    GROUP BY
        a.region_code, a.region, a.benchmark, a.indicator, a.unit, a.year, a.value, a.benchmark_value, a.benchmark_region,
        a.relation, a.reason, f.basis
),
-- A break of the benchmark between the two years: its levels on the two sides are
-- not on one footing. Changes of definition among members are kept apart by basis.
broken AS (
    SELECT r.region_code, r.benchmark, r.indicator, r.year, min(b.id) AS id
    FROM reached AS r
    JOIN breaks AS b ON b.indicator = r.indicator
    LEFT JOIN benchmark_members AS m ON m.benchmark = r.benchmark AND m.region = b.region AND b.kind <> 'definition'
    WHERE (b.region IS NULL OR b.region = r.benchmark_region OR m.region IS NOT NULL)
        AND CAST(substr(b.period, 1, 4) AS INTEGER) > least(r.year, r.reached_year)
        AND CAST(substr(b.period, 1, 4) AS INTEGER) <= greatest(r.year, r.reached_year)
    GROUP BY r.region_code, r.benchmark, r.indicator, r.year
),
judged AS (
    SELECT
        r.*, s.value AS value_at, s.value_before, s.year_before,
        CASE
            WHEN r.relation <> 'like_for_like' THEN 'not like for like: ' || r.reason
            WHEN r.first_year IS NULL THEN 'the figures are bounds or expectations'
            WHEN r.reached_year IS NULL THEN 'not reached yet: the benchmark''s last figure is of ' || CAST(r.last_year AS VARCHAR)
            WHEN r.reached_year = r.first_year AND s.value > r.value
                THEN 'before the series: the benchmark''s first figure is of ' || CAST(r.first_year AS VARCHAR)
            WHEN b.id IS NOT NULL THEN 'a break of the benchmark stands between: ' || b.id
            ELSE ''
        END AS why
    FROM reached AS r
    LEFT JOIN series AS s
        ON s.benchmark = r.benchmark AND s.region_code = r.region_code AND s.indicator = r.indicator AND s.basis = r.basis
        AND s.year = r.reached_year
    LEFT JOIN broken AS b
        ON b.region_code = r.region_code AND b.benchmark = r.benchmark AND b.indicator = r.indicator AND b.year = r.year
)
SELECT
    region_code, region, benchmark, indicator, year, value, unit, benchmark_value,
    first_year AS benchmark_first_year, last_year AS benchmark_last_year,
    CASE WHEN why = '' THEN reached_year END AS reached_year,
    CASE WHEN why = '' THEN reached_year - year END AS years_ahead,
    CASE
        WHEN why = '' AND value_at = value THEN CAST(reached_year - year AS DOUBLE)
        WHEN why = '' AND year_before = reached_year - 1 AND value_before < value
            THEN year_before + ln(value / value_before) / ln(value_at / value_before) - year
    END AS years_ahead_interpolated,
    why AS reason
FROM judged
