-- title: deflate(region, indicator, deflator, base_year): a yearly level at the prices of base_year; the deflator is an indicator of prices, or implied by published real growth
-- args: wanted_region, wanted_indicator, deflator, base_year, deflator_region := ''
-- example: FROM deflate('hefei', 'disposable_income_urban', 'cpi_growth', 2021, deflator_region := 'china')
-- refuses: an indicator that is not a level at current prices; a deflator that is not of its prices; a base year without prices or figure; row by row, years no chain of rates leads to, and for implied prices years on another side of a break
WITH series_asked AS MATERIALIZED (
    SELECT a.*, coalesce(g.indicator, d.other) AS rate_indicator, deflator = 'implied' AS implied
    FROM asked(wanted_region, wanted_indicator, caller := 'deflate', takes := 'level') AS a
    LEFT JOIN (
        SELECT r.other, min(r.indicator) AS indicator FROM indicator_relations AS r
        JOIN indicators AS i ON i.id = r.indicator
        WHERE r.relation = 'growth_of' AND i.price_basis = 'constant' GROUP BY r.other
    ) AS g ON g.other = a.indicator AND deflator = 'implied'
    LEFT JOIN indicator_relations AS d ON d.indicator = a.indicator AND d.relation = 'deflated_by' AND d.other = deflator
    WHERE CASE
        WHEN a.price_basis <> 'current' THEN error(
            'deflate: ' || a.indicator || CASE a.price_basis WHEN 'constant' THEN ' is at constant prices (real) already' ELSE ' is no amount of money' END
            || ', and ' || deflator || ' takes inflation out of figures at current prices'
        )
        WHEN deflator = 'implied' AND g.indicator IS NULL THEN error('deflate: no real growth of ' || a.indicator || ' is published, so no prices are implied')
        WHEN deflator <> 'implied' AND d.other IS NULL THEN error(
            'deflate: ' || deflator || ' does not measure the prices of ' || a.indicator || '; write ' || coalesce(
                (SELECT string_agg(o.other, ' or ' ORDER BY o.other) FROM indicator_relations AS o WHERE o.indicator = a.indicator AND o.relation = 'deflated_by'),
                'implied, for the prices in its own published real growth'
            )
        )
        WHEN deflator = 'implied' AND deflator_region <> '' THEN error('deflate: the implied prices of ' || a.region || ' are its own, not those of ' || deflator_region)
        ELSE true
    END
),
prices_asked AS MATERIALIZED (
    SELECT * FROM asked(CASE WHEN deflator_region = '' THEN wanted_region ELSE deflator_region END, CASE WHEN deflator = 'implied' THEN wanted_indicator ELSE deflator END, caller := 'deflate')
),
years AS MATERIALIZED (
    SELECT * FROM years_of(wanted_region, wanted_indicator, caller := 'deflate')
),
rates AS MATERIALIZED (
    SELECT CAST(extract(YEAR FROM o.period_start) AS INTEGER) AS year, ln(1 + o.value / 100) AS log_rate
    FROM series_asked AS a
    CROSS JOIN prices_asked AS p
    JOIN preferred_observations AS o ON o.region_code = p.region_code AND o.indicator = a.rate_indicator
    WHERE o.frequency = 'A' AND o.standing = 3 AND o.qualifier = 'exact' AND o.value > -99
),
runs AS (
    SELECT *, year - row_number() OVER (ORDER BY year) AS run FROM rates
),
chained AS MATERIALIZED (
    SELECT run, year, sum(log_rate) OVER (PARTITION BY run ORDER BY year) AS log_level FROM runs
    UNION ALL
    SELECT run, min(year) - 1, 0 FROM runs GROUP BY run
),
base AS MATERIALIZED (
    SELECT
        CASE
            WHEN (SELECT count(*) FROM rates) = 0 THEN error(
                'deflate: ' || (SELECT min(region) FROM prices_asked) || ' has no ' || (SELECT min(rate_indicator) FROM series_asked)
                || CASE WHEN deflator = 'implied' THEN '' ELSE '; say deflator_region := ''China'' to take the prices of another region, which the result then names' END
            )
            WHEN count(*) = 0 THEN error('deflate: no rate of ' || (SELECT min(rate_indicator) FROM series_asked) || ' leads to or from ' || base_year)
            ELSE max(run)
        END AS run,
        max(log_level) AS log_level,
        CASE
            WHEN deflator = 'implied' AND (SELECT count(*) FROM years WHERE year = base_year) = 0
                THEN error('deflate: ' || wanted_indicator || ' has no figure of ' || base_year)
            ELSE (SELECT max(level) FROM years WHERE year = base_year)
        END AS level,
        coalesce((SELECT max(basis) FROM years WHERE year = base_year), 0) AS basis
    FROM chained WHERE year = base_year
),
joined AS (
    SELECT
        y.*, a.implied, a.rate_indicator, p.region AS price_region,
        CASE WHEN c.run = b.run THEN exp(c.log_level - b.log_level) END AS chain,
        b.level AS base_level,
        CASE WHEN a.implied AND y.basis <> b.basis THEN (
        SELECT min_by(b.title || ' (' || b.break_id || ')', b.number)
        FROM region_breaks AS b
        WHERE b.region_code = y.region_code AND b.indicator = y.indicator
            AND ((y.basis >> (b.number - 1)) & 1) <> ((b.basis >> (b.number - 1)) & 1)
    ) END AS crossed
    FROM years AS y
    CROSS JOIN series_asked AS a
    CROSS JOIN prices_asked AS p
    CROSS JOIN base AS b
    LEFT JOIN (SELECT DISTINCT ON (year) * FROM chained ORDER BY year, run) AS c ON c.year = y.year
)
SELECT
    year, region, indicator, level AS nominal_value,
    CASE WHEN crossed IS NOT NULL THEN NULL WHEN implied THEN level / (base_level * chain) * 100 ELSE chain * 100 END AS deflator_index,
    CASE WHEN crossed IS NOT NULL THEN NULL WHEN implied THEN base_level * chain ELSE level / chain END AS real_value,
    unit, 'constant' AS price_basis, base_year AS price_reference_year,
    CASE WHEN implied THEN 'implied by ' || rate_indicator ELSE rate_indicator END AS deflator_used,
    price_region, basis,
    CASE
        WHEN crossed IS NOT NULL THEN year || ' and ' || base_year || ' stand on two sides of a break: ' || crossed
        WHEN chain IS NULL THEN 'no chain of ' || rate_indicator || ' leads from ' || base_year || ' to ' || year
        ELSE ''
    END AS reason
FROM joined
ORDER BY year
