-- title: A level grows or shrinks more than tenfold in a year
-- severity: error
-- hint: Look at both documents: one of them is in another unit
SELECT c.region_code, c.region, c.indicator, c.time_period, c.origin, c.value, c.previous_value, o.document_id, o.record
FROM changes AS c
JOIN observations AS o ON o.series_id = c.series_id AND o.time_period = c.time_period
WHERE c.previous_value > 0 AND (c.value / c.previous_value > 10 OR c.value / c.previous_value < 0.1)
