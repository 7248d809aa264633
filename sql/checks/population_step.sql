-- title: Residents change by more than 5 percent in a year without an event
-- severity: error
-- hint: Two versions from before and after a census are mixed, the territory changed, or a digit is wrong; enter the event in data/breaks.csv with its evidence
WITH yearly AS (
    SELECT o.*, extract(YEAR FROM o.period_start) AS year
    FROM observations AS o
    WHERE o.indicator LIKE 'population%' AND o.frequency = 'A' AND o.standing = 3 AND o.value > 0
)
SELECT
    y.region_code, y.region, y.indicator, y.time_period, y.origin, y.value,
    p.time_period AS other_period, p.origin AS other_origin, p.value AS other_value,
    (y.value / p.value - 1) * 100 AS change_percent, y.document_id, y.record
FROM yearly AS y
JOIN yearly AS p ON p.region_code = y.region_code AND p.indicator = y.indicator AND p.year < y.year AND p.year >= y.year - 2
LEFT JOIN breaks AS b
    ON b.indicator = y.indicator AND (b.region IS NULL OR b.region = y.region_code)
    AND b.period > p.time_period AND b.period <= y.time_period
WHERE b.id IS NULL AND abs(y.value / p.value - 1) > 0.05 * (y.year - p.year)
