-- title: Preferred observations and the definition each stands on
-- materialize: table
-- column region_code: GB/T 2260 code of the region; ISO 3166-1 alpha-3 for a country
-- column country: Country the region lies in
-- column indicator: Indicator; key of indicators
-- column frequency: SDMX FREQ
-- column time_period: The period
-- column period_start: First day of the period
-- column value: The figure, in unit
-- column unit: Unit; key of units
-- column standing: 3 measured, 2 derived, 1 expected
-- column confidence: high, medium or low
-- column counted: True for an exact figure that was measured or derived: only such ones are ranked and averaged
-- column basis: current, or the next change of definition of the region's own series: before Integrated household survey. Figures on one basis may be ranked and averaged together
-- column basis_until: Period in which that change comes; NULL on the current definition
WITH changes AS (
    SELECT region, indicator, period, min(title_en) AS title
    FROM breaks
    WHERE kind = 'definition' AND region IS NOT NULL
    GROUP BY region, indicator, period
),
spans AS (
    SELECT
        region, indicator, title, period,
        lag(period) OVER (PARTITION BY region, indicator ORDER BY period) AS previous
    FROM changes
)
SELECT
    o.region_code, c.country, o.indicator, o.frequency, o.time_period, o.period_start, o.value, o.unit, o.standing, o.confidence,
    o.qualifier = 'exact' AND o.standing >= 2 AS counted,
    CASE WHEN s.period IS NULL THEN 'current' ELSE 'before ' || s.title END AS basis,
    s.period AS basis_until
FROM preferred_observations AS o
JOIN region_countries AS c ON c.region_code = o.region_code
LEFT JOIN spans AS s
    ON s.region = o.region_code AND s.indicator = o.indicator
    AND o.time_period < s.period AND (s.previous IS NULL OR o.time_period >= s.previous)
