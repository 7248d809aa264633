-- title: chain_link(region, indicator, base_year): published growth rates chained into an index, base_year = 100
-- args: wanted_region, wanted_indicator, base_year
-- example: FROM chain_link('hefei', 'gdp_growth_real', 2012)
-- refuses: an indicator that is not yearly growth; growth that does not lead from level to level (fixed-asset investment); a base year without a rate; row by row, years beyond one without a rate
WITH series_asked AS MATERIALIZED (
    SELECT a.* FROM asked(wanted_region, wanted_indicator, caller := 'chain_link', takes := 'growth') AS a
    LEFT JOIN indicator_relations AS n ON n.indicator = a.indicator AND n.relation = 'never_chained'
    WHERE CASE
        WHEN n.indicator IS NOT NULL THEN error('chain_link: ' || n.indicator || ' does not lead from one level of ' || n.other || ' to the next. ' || n.note)
        ELSE true
    END
),
rates AS MATERIALIZED (
    SELECT CAST(extract(YEAR FROM o.period_start) AS INTEGER) AS year, o.value AS rate, ln(1 + o.value / 100) AS log_rate
    FROM series_asked AS a
    JOIN preferred_observations AS o ON o.region_code = a.region_code AND o.indicator = a.indicator
    WHERE o.frequency = 'A' AND o.standing = 3 AND o.qualifier = 'exact' AND o.value > -99
),
-- Rates without a gap share a run, which begins with the year before its first rate.
runs AS (
    SELECT *, year - row_number() OVER (ORDER BY year) AS run FROM rates
),
chained AS MATERIALIZED (
    SELECT run, year, rate, sum(log_rate) OVER (PARTITION BY run ORDER BY year) AS log_level FROM runs
    UNION ALL
    SELECT run, min(year) - 1, NULL, 0 FROM runs GROUP BY run
),
base AS MATERIALIZED (
    SELECT CASE
        WHEN (SELECT count(*) FROM rates) = 0 THEN error('chain_link: no rate of ' || wanted_indicator || ' is known for ' || wanted_region)
        WHEN count(*) = 0 THEN error('chain_link: no published rate leads to or from ' || base_year)
        ELSE max(run)
    END AS run, max(log_level) AS log_level
    FROM chained WHERE year = base_year
),
span AS (
    SELECT unnest(range(CAST(min(year) AS BIGINT), max(year) + 1)) AS year FROM chained
)
SELECT
    CAST(s.year AS INTEGER) AS year, a.region, a.indicator, c.rate AS growth_percent,
    CASE WHEN c.run = b.run THEN 100 * exp(c.log_level - b.log_level) END AS index_value,
    a.price_basis,
    CASE WHEN c.run = b.run THEN '' ELSE 'no published rate for '
        || (SELECT string_agg(CAST(g.y AS VARCHAR), ', ' ORDER BY g.y)
            FROM (SELECT unnest(range(least(s.year, base_year) + 1, greatest(s.year, base_year) + 1)) AS y) AS g
            WHERE NOT EXISTS (SELECT 1 FROM rates AS r WHERE r.year = g.y))
    END AS reason
FROM series_asked AS a
CROSS JOIN base AS b
CROSS JOIN span AS s
LEFT JOIN (SELECT DISTINCT ON (year) * FROM chained ORDER BY year, rate NULLS LAST) AS c ON c.year = s.year
ORDER BY s.year
