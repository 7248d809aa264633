-- title: Beta convergence among the members of each benchmark: do those who start low grow faster?
-- materialize: view
-- column benchmark: Key of benchmarks, of those with members
-- column window_id: Key of comparison_windows
-- column indicator: Indicator, a level; at current prices the growth contains inflation, which may differ between members
-- column from_year: First year
-- column to_year: Last year
-- column members: How many members have both ends on one footing
-- column members_declared: How many the benchmark has
-- column mean_growth: Mean growth a year, log points
-- column beta: Slope of growth a year (in log) on the logarithm of the first level, by ordinary least squares; below 0 those who started lower grew faster
-- column beta_error: Its standard error
-- column t_value: beta over beta_error
-- column r_squared: Share of the differences in growth that the first level accounts for
-- column speed_percent: Speed of convergence that beta implies, percent a year; below 0 they drifted apart
-- column half_life_years: Years in which half of a gap closes at that speed; NULL unless it closes
-- column reason: Why there are no figures
WITH growth_of AS (
    SELECT p.*, (p.log_to - p.log_from) / (p.to_year - p.from_year) AS growth_rate
    FROM convergence_panels AS p
    WHERE p.to_year > p.from_year
),
means AS (
    SELECT
        benchmark, window_id, indicator, from_year, to_year, count(*) AS members,
        CAST(sum(CAST(log_from AS DECIMAL(28, 18))) AS DOUBLE) / count(*) AS x,
        CAST(sum(CAST(growth_rate AS DECIMAL(28, 18))) AS DOUBLE) / count(*) AS y
    FROM growth_of
    GROUP BY benchmark, window_id, indicator, from_year, to_year
),
sums AS (
    SELECT
        m.benchmark, m.window_id, m.indicator, m.from_year, m.to_year, m.members, m.y,
        CAST(sum(CAST((g.log_from - m.x) * (g.log_from - m.x) AS DECIMAL(28, 18))) AS DOUBLE) AS xx,
        CAST(sum(CAST((g.log_from - m.x) * (g.growth_rate - m.y) AS DECIMAL(28, 18))) AS DOUBLE) AS xy,
        CAST(sum(CAST((g.growth_rate - m.y) * (g.growth_rate - m.y) AS DECIMAL(28, 18))) AS DOUBLE) AS yy
    FROM means AS m
    JOIN growth_of AS g ON g.benchmark = m.benchmark AND g.window_id = m.window_id
    GROUP BY m.benchmark, m.window_id, m.indicator, m.from_year, m.to_year, m.members, m.y
),
judged AS (
    SELECT
        s.*, b.min_members, z.declared,
        CASE
            WHEN s.members < b.min_members OR s.members < 3
                THEN 'only ' || CAST(s.members AS VARCHAR) || ' members have both ends on one footing'
            WHEN s.xx = 0 THEN 'all start from one level'
            ELSE ''
        END AS reason
    FROM sums AS s
    JOIN benchmarks AS b ON b.id = s.benchmark
    JOIN (SELECT benchmark, count(*) AS declared FROM benchmark_members GROUP BY benchmark) AS z ON z.benchmark = s.benchmark
),
fitted AS (
    SELECT
        j.*,
        CASE WHEN reason = '' THEN xy / xx END AS beta,
        CASE WHEN reason = '' THEN sqrt(greatest(yy - xy / xx * xy, 0) / (members - 2) / xx) END AS beta_error
    FROM judged AS j
)
SELECT
    benchmark, window_id, indicator, from_year, to_year, members, declared AS members_declared, y AS mean_growth, beta, beta_error,
    beta / nullif(beta_error, 0) AS t_value,
    beta * xy / nullif(yy, 0) AS r_squared,
    CASE WHEN 1 + beta * (to_year - from_year) > 0 THEN -ln(1 + beta * (to_year - from_year)) / (to_year - from_year) * 100 END AS speed_percent,
    CASE
        WHEN beta < 0 AND 1 + beta * (to_year - from_year) > 0
            THEN ln(CAST(2 AS DOUBLE)) * (to_year - from_year) / -ln(1 + beta * (to_year - from_year))
    END AS half_life_years,
    reason
FROM fitted
