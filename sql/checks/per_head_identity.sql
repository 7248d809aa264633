-- title: Output per head times residents is not output
-- severity: warning
-- hint: One of the three is of another vintage, unit or territory; look at all three, and at whether the residents are from before or after a census
WITH heads AS (
    SELECT
        region_code, extract(YEAR FROM period_start) AS year, value
    FROM preferred_observations
    WHERE indicator = 'population_resident' AND frequency = 'A' AND standing = 3 AND value > 0
),
per_head AS (
    SELECT
        o.region_code, o.region, o.indicator, o.time_period, o.origin, o.value, g.value AS gdp, h.value AS residents,
        -- The average of two ends of year where both are known.
        g.value * 10000 / ((h.value + coalesce(p.value, h.value)) / 2) AS computed, p.value IS NULL AS one_end, o.document_id, o.record
    FROM observations AS o
    JOIN preferred_observations AS g
        ON g.region_code = o.region_code AND g.indicator = 'gdp' AND g.frequency = o.frequency AND g.period_start = o.period_start AND g.standing = 3
    JOIN heads AS h ON h.region_code = o.region_code AND h.year = extract(YEAR FROM o.period_start)
    LEFT JOIN heads AS p ON p.region_code = o.region_code AND p.year = extract(YEAR FROM o.period_start) - 1
    WHERE o.indicator = 'gdp_per_capita' AND o.frequency = 'A' AND o.standing = 3
),
in_dollars AS (
    SELECT
        o.region_code, o.region, o.indicator, o.time_period, o.origin, o.value, g.value AS gdp, h.value AS residents,
        g.value / h.value AS computed, false AS one_end, o.document_id, o.record
    FROM observations AS o
    JOIN preferred_observations AS g
        ON g.region_code = o.region_code AND g.indicator = 'gdp_usd' AND g.frequency = o.frequency AND g.period_start = o.period_start
    JOIN preferred_observations AS h
        ON h.region_code = o.region_code AND h.indicator = 'population_midyear' AND h.frequency = o.frequency AND h.period_start = o.period_start
    WHERE o.indicator = 'gdp_per_capita_usd' AND h.value > 0
)
SELECT
    region_code, region, indicator, time_period, origin, value, computed, gdp, residents, document_id, record
FROM (SELECT * FROM per_head UNION ALL SELECT * FROM in_dollars) AS computed_both_ways
WHERE abs(value / computed - 1) > CASE WHEN one_end THEN 0.05 ELSE 0.03 END
