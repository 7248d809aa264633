-- title: The change of a level and its published growth do not go together
-- severity: warning
-- hint: The implied deflator, or the difference of two growth rates, is far from anything seen; look for a wrong figure, a restated level or a break that data/breaks.csv lacks
WITH rates AS (
    SELECT
        'gdp' AS indicator, o.region_code, o.period_start, o.frequency, o.value, o.origin, o.indicator AS growth_indicator,
        o.document_id, o.record
    FROM observations AS o
    WHERE o.indicator IN ('gdp_growth_real', 'gdp_growth_nominal') AND o.standing = 3
    UNION ALL
    SELECT
        CASE
            WHEN o.indicator LIKE 'disposable_income_all%' THEN 'disposable_income_all'
            WHEN o.indicator LIKE 'disposable_income_urban%' THEN 'disposable_income_urban'
            ELSE 'disposable_income_rural'
        END,
        o.region_code, o.period_start, o.frequency, o.value, o.origin, o.indicator, o.document_id, o.record
    FROM observations AS o
    WHERE o.indicator LIKE 'disposable_income_%_growth_%' AND o.standing = 3
),
changed AS (
    SELECT
        c.region_code, c.region, c.indicator, c.time_period, c.origin AS level_origin, c.previous_value, c.value AS level, c.change_percent,
        r.growth_indicator, r.value AS growth, r.origin, c.change_percent - r.value AS difference, r.document_id, r.record
    FROM changes AS c
    JOIN rates AS r
        ON r.region_code = c.region_code AND r.indicator = c.indicator AND r.frequency = 'A'
        AND CAST(extract(YEAR FROM r.period_start) AS VARCHAR) = c.time_period
)
SELECT
    region_code, region, growth_indicator AS indicator, time_period, origin, growth AS value, indicator AS level_indicator,
    level_origin, previous_value, level, change_percent, difference, document_id, record
FROM changed
-- A real rate leaves the deflator between -5 and +10 percent; a nominal one is the change itself.
WHERE (growth_indicator LIKE '%_real' AND (difference < -5 OR difference > 10))
    OR (growth_indicator LIKE '%_nominal' AND abs(difference) > 1.5)
