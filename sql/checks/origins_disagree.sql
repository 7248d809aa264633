-- title: Two origins give one measured figure and differ by more than one percent
-- severity: warning
-- hint: Read both documents; the preferred one is chosen by priority in data/publishers.csv
SELECT a.region_code, a.indicator, a.time_period, a.origin, a.value, b.origin AS other_origin, b.value AS other_value
FROM observations AS a
JOIN observations AS b
    ON b.region_code = a.region_code AND b.indicator = a.indicator AND b.frequency = a.frequency
    AND b.period_start = a.period_start AND b.origin > a.origin
JOIN indicators AS i ON i.id = a.indicator
WHERE i.measure = 'level' AND a.standing = 3 AND b.standing = 3
    -- A bound is no disagreement: more than 74 and 74.8 are both right.
    AND a.qualifier IN ('exact', 'about') AND b.qualifier IN ('exact', 'about') AND abs(a.value - b.value) > 0.01 * abs(a.value)
