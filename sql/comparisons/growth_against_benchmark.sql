-- title: Average real growth of each region and of its benchmark, by window
-- question: How much faster than its country has a region grown?
-- caveat: Published real growth only; a level at current prices is never turned into growth. Where a window is bridged, the bridge's years are a published average, and the rates are first releases where later ones are not known.
-- materialize: table
-- column window_id: Key of growth_windows
-- column window_title: English title of the window
-- column bridge: Span whose published average may stand for its years; empty for none
-- column region_code: GB/T 2260 code of the region
-- column region: English name of the region
-- column benchmark: Key of benchmarks
-- column benchmark_region: Region of the benchmark
-- column first_year: First growth year
-- column last_year: Last growth year
-- column years_missing: Years of the region without a rate; growth_years names them
-- column years_bridged: Years of the region covered by the bridge
-- column average_growth: Geometric mean of the region's rates, percent a year; NULL while a year is missing
-- column average_low: The same at the low end of the bridge's rounding
-- column average_high: The same at the high end of the bridge's rounding
-- column arithmetic_mean: Arithmetic mean of the region's rates, percent
-- column provisional: True when any rate of the region is provisional
-- column weakest_confidence: Confidence of the region's weakest rate
-- column benchmark_years_missing: Years of the benchmark without a rate
-- column benchmark_average_growth: Geometric mean of the benchmark's rates, percent a year
-- column benchmark_provisional: True when any rate of the benchmark is provisional
-- column benchmark_weakest_confidence: Confidence of the benchmark's weakest rate
-- column gap: average_growth less benchmark_average_growth, percentage points a year
WITH facing AS (
    SELECT
        b.id AS benchmark, r.code AS region_code,
        CASE b.scope WHEN 'region' THEN b.region WHEN 'parent' THEN r.parent WHEN 'country' THEN c.country END AS benchmark_region
    FROM benchmarks AS b
    CROSS JOIN regions AS r
    JOIN region_countries AS c ON c.region_code = r.code
    WHERE b.scope <> 'members' AND b.population_scope IS NULL
)
SELECT
    g.window_id, w.title_en AS window_title, coalesce(w.bridge, '') AS bridge, g.region_code, g.region, f.benchmark, f.benchmark_region,
    g.first_year, g.last_year, g.years_missing, g.years_bridged, g.average_growth, g.average_low, g.average_high,
    g.arithmetic_mean, g.provisional, g.weakest_confidence,
    n.years_missing AS benchmark_years_missing, n.average_growth AS benchmark_average_growth,
    n.provisional AS benchmark_provisional, n.weakest_confidence AS benchmark_weakest_confidence,
    g.average_growth - n.average_growth AS gap
FROM growth AS g
JOIN growth_windows AS w ON w.id = g.window_id
JOIN facing AS f ON f.region_code = g.region_code AND f.benchmark_region <> g.region_code
LEFT JOIN growth AS n ON n.window_id = g.window_id AND n.region_code = f.benchmark_region
WHERE g.years_missing < g.years
