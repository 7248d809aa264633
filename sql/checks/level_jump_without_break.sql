-- title: A level jumps by more than 30 percent, or falls by more than 15, and no break explains it
-- severity: warning
-- hint: Look for a boundary change, a census or a new definition, and enter it in data/breaks.csv with its evidence
SELECT
    c.region_code, c.region, c.indicator, c.time_period, c.origin, c.value, c.previous_value, c.change_percent, o.document_id, o.record
FROM changes AS c
JOIN observations AS o ON o.series_id = c.series_id AND o.time_period = c.time_period
WHERE c.change_percent > 30 OR c.change_percent < -15
