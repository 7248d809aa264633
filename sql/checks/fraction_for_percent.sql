-- title: A rate or share seems to be a fraction where percent is meant
-- severity: error
-- hint: Read the document: 0.083 may stand for 8.3 percent; correct the value or its unit
WITH rates AS (
    SELECT o.*, i.measure
    FROM observations AS o
    JOIN indicators AS i ON i.id = o.indicator
    WHERE o.unit = 'percent' AND i.measure IN ('growth', 'average_growth', 'share') AND o.qualifier <> 'over'
),
-- What the same indicator is elsewhere in the year, and in the same region at other times.
usual AS (
    SELECT r.series_id, r.period_start, percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(u.value)) AS median_value
    FROM rates AS r
    JOIN rates AS u
        ON u.indicator = r.indicator AND u.frequency = r.frequency
        AND (u.series_id <> r.series_id OR u.period_start <> r.period_start)
        AND (u.region_code = r.region_code OR u.period_start = r.period_start)
    WHERE r.value <> 0 AND abs(r.value) < 1
    GROUP BY r.series_id, r.period_start
)
SELECT r.region_code, r.region, r.indicator, r.time_period, r.origin, r.value, u.median_value AS usual_value, r.document_id, r.record
FROM rates AS r
JOIN usual AS u ON u.series_id = r.series_id AND u.period_start = r.period_start
WHERE r.value <> 0 AND abs(r.value) < 1
    -- A hundred times the figure is usual and the figure is not.
    AND u.median_value > 8 * abs(r.value)
    AND abs(r.value) * 100 BETWEEN u.median_value / 4 AND u.median_value * 4
