-- title: A level is exactly that of another year
-- severity: warning
-- hint: The year in one of the documents is probably read one off, or the figure was carried over from the year before
WITH long AS (
    SELECT *, extract(YEAR FROM period_start) AS year FROM observations
    WHERE frequency = 'A' AND standing = 3 AND qualifier = 'exact' AND value <> 0
        -- More than three digits: round figures return by chance.
        AND abs(value - round(value / power(10, floor(log10(abs(value))) - 2)) * power(10, floor(log10(abs(value))) - 2)) > 1e-9 * abs(value)
)
SELECT
    a.region_code, a.region, a.indicator, a.time_period, a.origin, a.value, b.time_period AS other_period, b.origin AS other_origin,
    a.document_id, a.record
FROM long AS a
JOIN indicators AS i ON i.id = a.indicator
JOIN long AS b ON b.region_code = a.region_code AND b.indicator = a.indicator AND b.value = a.value AND b.year < a.year AND b.year >= a.year - 3
WHERE i.measure = 'level'
