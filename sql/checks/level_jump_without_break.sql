-- title: A level jumps by more than 30 percent, or falls by more than 15, and no break explains it
-- severity: warning
-- hint: Look for a boundary change, a census or a new definition, and enter it in data/breaks.csv with its evidence
SELECT c.region_code, c.region, c.indicator, c.origin, c.time_period, c.previous_value, c.value, c.change_percent
FROM changes AS c
WHERE c.change_percent > 30 OR c.change_percent < -15
