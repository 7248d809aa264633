-- title: Changes of annual levels from one year to the next, refused across a break
-- materialize: table
-- row: region_code, indicator, origin, time_period
-- inputs year: observations WHERE series_id = this.series_id AND time_period = this.time_period
-- inputs year before: observations WHERE series_id = this.series_id AND time_period = CAST(CAST(this.time_period AS INTEGER) - 1 AS VARCHAR)
-- column series_id: Number of the series; key of series
-- column region_code: GB/T 2260 code of the region
-- column region: English name of the region
-- column indicator: Indicator; key of indicators
-- column origin: Who made the figures; key of publishers
-- column time_period: The year
-- column price_basis: current means that the change contains inflation: it is not growth
-- column previous_value: The year before, in unit
-- column value: The year, in unit
-- column unit: Unit; key of units
-- column change_percent: Change in percent; NULL when a break stands between the two years
-- column break_id: The break that stands between them; key of breaks; NULL when none does
SELECT
    o.series_id, o.region_code, o.region, o.indicator, o.origin, o.time_period, o.price_basis,
    p.value AS previous_value,
    o.value,
    o.unit,
    CASE WHEN own.id IS NULL AND shared.id IS NULL AND p.value <> 0 THEN (o.value / p.value - 1) * 100 END AS change_percent,
    coalesce(own.id, shared.id) AS break_id
FROM observations AS o
JOIN series AS s ON s.series_id = o.series_id
JOIN observations AS p
    ON p.series_id = o.series_id AND extract(YEAR FROM p.period_start) = extract(YEAR FROM o.period_start) - 1
LEFT JOIN (
    SELECT region, indicator, period, min(id) AS id FROM breaks WHERE region IS NOT NULL GROUP BY region, indicator, period
) AS own ON own.indicator = o.indicator AND own.period = o.time_period AND own.region = o.region_code
LEFT JOIN (
    SELECT indicator, period, min(id) AS id FROM breaks WHERE region IS NULL GROUP BY indicator, period
) AS shared ON shared.indicator = o.indicator AND shared.period = o.time_period
WHERE s.measure = 'level' AND o.frequency = 'A' AND o.standing = 3 AND p.standing = 3
    AND o.qualifier = 'exact' AND p.qualifier = 'exact'
