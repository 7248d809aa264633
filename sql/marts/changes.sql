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
-- column change_percent: Change in percent; NULL when a break stands between the two figures; spliced_observations may lead across
-- column break_id: The first break that stands between them; key of breaks; NULL when none does
-- column reason: Why there is no change, naming both sides; empty when there is one
WITH both_years AS (
    SELECT
        o.series_id, o.region_code, o.region, o.indicator, o.origin, o.time_period, o.period_start, o.price_basis,
        p.time_period AS previous_period, p.value AS previous_value, o.value, o.unit,
        coalesce(ob.basis, 0) AS basis, coalesce(pb.basis, 0) AS previous_basis
    FROM observations AS o
    JOIN series AS s ON s.series_id = o.series_id
    JOIN observations AS p
        ON p.series_id = o.series_id AND extract(YEAR FROM p.period_start) = extract(YEAR FROM o.period_start) - 1
    LEFT JOIN observation_bases AS ob
        ON ob.series_id = o.series_id AND ob.period_start = o.period_start AND ob.document_id = o.document_id AND ob.record = o.record
    LEFT JOIN observation_bases AS pb
        ON pb.series_id = p.series_id AND pb.period_start = p.period_start AND pb.document_id = p.document_id AND pb.record = p.record
    WHERE s.measure = 'level' AND o.frequency = 'A' AND o.standing = 3 AND p.standing = 3
        AND o.qualifier = 'exact' AND p.qualifier = 'exact'
),
-- The first break of which one figure is before and the other after.
crossed AS (
    SELECT y.series_id, y.period_start, min(b.number) AS number
    FROM both_years AS y
    JOIN region_breaks AS b ON b.region_code = y.region_code AND b.indicator = y.indicator
    WHERE mod(CAST(floor(y.basis / power(2, b.number - 1)) AS BIGINT), 2)
        <> mod(CAST(floor(y.previous_basis / power(2, b.number - 1)) AS BIGINT), 2)
    GROUP BY y.series_id, y.period_start
)
SELECT
    y.series_id, y.region_code, y.region, y.indicator, y.origin, y.time_period, y.price_basis, y.previous_value, y.value, y.unit,
    CASE WHEN c.number IS NULL AND y.previous_value <> 0 THEN (y.value / y.previous_value - 1) * 100 END AS change_percent,
    b.break_id,
    CASE
        WHEN b.break_id IS NOT NULL THEN 'the figures of ' || y.previous_period || ' and ' || y.time_period
            || ' stand on two sides of a break: ' || b.title || ' (' || b.break_id || ')'
        WHEN y.previous_value = 0 THEN y.previous_period || ' is 0'
        ELSE ''
    END AS reason
FROM both_years AS y
LEFT JOIN crossed AS c ON c.series_id = y.series_id AND c.period_start = y.period_start
LEFT JOIN region_breaks AS b ON b.region_code = y.region_code AND b.indicator = y.indicator AND b.number = c.number
