-- title: A level grows or shrinks more than tenfold in a year
-- severity: error
-- hint: Look at both documents: one of them is in another unit
SELECT c.region_code, c.indicator, c.origin, c.time_period, c.previous_value, c.value
FROM changes AS c
WHERE c.previous_value > 0 AND (c.value / c.previous_value > 10 OR c.value / c.previous_value < 0.1)
