-- title: How fast each region closes its gap to each benchmark, by window
-- materialize: view
-- column window_id: Key of comparison_windows
-- column region_code: GB/T 2260 code of the region
-- column region: English name of the region
-- column benchmark: Key of benchmarks
-- column indicator: Indicator, a level; the gap is a ratio, from which inflation common to both falls out
-- column from_year: First year
-- column to_year: Last year
-- column value_from: The region's figure in the first year
-- column value_to: The region's figure in the last year
-- column benchmark_from: The benchmark's figure in the first year
-- column benchmark_to: The benchmark's figure in the last year
-- column members_from: Members behind benchmark_from; where members_to differs, the benchmark is not of the same members throughout
-- column members_to: Members behind benchmark_to
-- column gap_from: Logarithm of the ratio to the benchmark in the first year, times 100: about the gap in percent
-- column gap_to: The same in the last year
-- column closed_percent: Percent of the gap closed a year, at an even pace; below 0 it widened; NULL when it changed its sign
-- column half_life_years: Years in which half of the gap is closed at that pace; NULL unless it closes
-- column course: catching up, falling behind, overtook, pulling ahead, losing its lead, overtaken or level
-- column reason: Why there is no course
WITH ends AS (
    SELECT
        w.id AS window_id, w.from_year, w.to_year, c.region_code, c.region, c.benchmark, c.indicator,
        max(c.benchmark_region) AS benchmark_region,
        count(*) AS years,
        count(CASE WHEN c.relation = 'like_for_like' THEN 1 END) AS alike,
        count(CASE WHEN c.qualifier = 'exact' AND c.benchmark_qualifier = 'exact' AND c.value > 0 AND c.benchmark_value > 0 THEN 1 END) AS usable,
        max(CASE WHEN extract(YEAR FROM c.period_start) = w.from_year THEN c.value END) AS value_from,
        max(CASE WHEN extract(YEAR FROM c.period_start) = w.to_year THEN c.value END) AS value_to,
        max(CASE WHEN extract(YEAR FROM c.period_start) = w.from_year THEN c.benchmark_value END) AS benchmark_from,
        max(CASE WHEN extract(YEAR FROM c.period_start) = w.to_year THEN c.benchmark_value END) AS benchmark_to,
        max(CASE WHEN extract(YEAR FROM c.period_start) = w.from_year THEN c.benchmark_members END) AS members_from,
        max(CASE WHEN extract(YEAR FROM c.period_start) = w.to_year THEN c.benchmark_members END) AS members_to
    FROM comparison_windows AS w
    JOIN comparisons AS c ON c.indicator = w.indicator AND c.frequency = 'A' AND c.benchmark_indicator = c.indicator
    WHERE extract(YEAR FROM c.period_start) IN (w.from_year, w.to_year)
    GROUP BY w.id, w.from_year, w.to_year, c.region_code, c.region, c.benchmark, c.indicator
),
broken AS (
    SELECT e.window_id, e.region_code, e.benchmark, min(b.id) AS id
    FROM ends AS e
    JOIN breaks AS b ON b.indicator = e.indicator
    LEFT JOIN benchmark_members AS m ON m.benchmark = e.benchmark AND m.region = b.region AND b.kind <> 'definition'
    WHERE (b.region IS NULL OR b.region = e.region_code OR b.region = e.benchmark_region OR m.region IS NOT NULL)
        AND CAST(substr(b.period, 1, 4) AS INTEGER) > e.from_year AND CAST(substr(b.period, 1, 4) AS INTEGER) <= e.to_year
    GROUP BY e.window_id, e.region_code, e.benchmark
),
judged AS (
    SELECT
        e.*,
        CASE
            WHEN e.years < 2 THEN 'the region has no figure for one of the two years'
            WHEN e.benchmark_from IS NULL OR e.benchmark_to IS NULL THEN 'the benchmark has no figure for one of the two years'
            WHEN e.alike < 2 THEN 'the two are not like for like in one of the two years'
            WHEN e.usable < 2 THEN 'a figure is a bound or not above zero'
            WHEN b.id IS NOT NULL THEN 'a break stands between the two years: ' || b.id
            ELSE ''
        END AS reason
    FROM ends AS e
    LEFT JOIN broken AS b ON b.window_id = e.window_id AND b.region_code = e.region_code AND b.benchmark = e.benchmark
),
gaps AS (
    SELECT
        j.*,
        CASE WHEN reason = '' THEN ln(value_from / benchmark_from) END AS log_from,
        CASE WHEN reason = '' THEN ln(value_to / benchmark_to) END AS log_to
    FROM judged AS j
)
SELECT
    window_id, region_code, region, benchmark, indicator, from_year, to_year, value_from, value_to, benchmark_from, benchmark_to,
    members_from, members_to, log_from * 100 AS gap_from, log_to * 100 AS gap_to,
    CASE WHEN log_to / nullif(log_from, 0) > 0 THEN (1 - power(log_to / log_from, CAST(1 AS DOUBLE) / (to_year - from_year))) * 100 END AS closed_percent,
    CASE
        WHEN log_to / nullif(log_from, 0) > 0 AND log_to / nullif(log_from, 0) < 1
            THEN ln(CAST(2 AS DOUBLE)) * (to_year - from_year) / -ln(log_to / log_from)
    END AS half_life_years,
    CASE
        WHEN reason <> '' THEN CAST(NULL AS VARCHAR)
        WHEN log_from < 0 AND log_to > 0 THEN 'overtook'
        WHEN log_from > 0 AND log_to < 0 THEN 'overtaken'
        WHEN log_from = log_to OR log_from = 0 OR log_to = 0 THEN 'level'
        WHEN log_from < 0 AND log_to > log_from THEN 'catching up'
        WHEN log_from < 0 THEN 'falling behind'
        WHEN log_to > log_from THEN 'pulling ahead'
        ELSE 'losing its lead'
    END AS course,
    reason
FROM gaps
