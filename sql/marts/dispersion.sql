-- title: Sigma convergence: how far apart the members of each benchmark stand, year by year
-- materialize: view
-- column benchmark: Key of benchmarks, of those with members
-- column window_id: Key of comparison_windows
-- column indicator: Indicator, a level
-- column year: The year
-- column members: How many members have a figure for every year of the window on one footing: the same in all its years
-- column deviation: Standard deviation of the logarithms, times 100: about the typical distance in percent; NULL when members are fewer than the benchmark wants
-- column against_start: deviation with that of the first year at 100; below 100 they have drawn together
WITH logs AS (
    SELECT p.benchmark, p.window_id, p.indicator, p.from_year, extract(YEAR FROM r.period_start) AS year, ln(r.value) AS x
    FROM convergence_panels AS p
    JOIN benchmark_ranks AS r
        ON r.benchmark = p.benchmark AND r.region_code = p.region_code AND r.indicator = p.indicator AND r.frequency = 'A' AND r.member
        AND extract(YEAR FROM r.period_start) >= p.from_year AND extract(YEAR FROM r.period_start) <= p.to_year
    WHERE p.complete
),
means AS (
    SELECT
        benchmark, window_id, indicator, from_year, year, count(*) AS members,
        CAST(sum(CAST(x AS DECIMAL(28, 18))) AS DOUBLE) / count(*) AS mean
    FROM logs
    GROUP BY benchmark, window_id, indicator, from_year, year
),
spreads AS (
    SELECT
        m.benchmark, m.window_id, m.indicator, m.from_year, m.year, m.members,
        sqrt(CAST(sum(CAST((l.x - m.mean) * (l.x - m.mean) AS DECIMAL(28, 18))) AS DOUBLE) / nullif(m.members - 1, 0)) AS deviation
    FROM means AS m
    JOIN logs AS l ON l.benchmark = m.benchmark AND l.window_id = m.window_id AND l.year = m.year
    GROUP BY m.benchmark, m.window_id, m.indicator, m.from_year, m.year, m.members, m.mean
)
SELECT
    s.benchmark, s.window_id, s.indicator, s.year, s.members,
    CASE WHEN s.members >= b.min_members THEN s.deviation * 100 END AS deviation,
    CASE WHEN s.members >= b.min_members THEN s.deviation / nullif(f.deviation, 0) * 100 END AS against_start
FROM spreads AS s
JOIN benchmarks AS b ON b.id = s.benchmark
JOIN spreads AS f ON f.benchmark = s.benchmark AND f.window_id = s.window_id AND f.year = s.from_year
