-- title: A level is more than five times, or less than a fifth, of another figure for the same region within three years
-- severity: error
-- hint: One of the two documents is in another unit (yuan, 10 thousand, 100 million, or another currency), or about another region; correct the unit or the region in the document or its layout
WITH yearly AS (
    SELECT o.*, extract(YEAR FROM o.period_start) AS year
    FROM observations AS o
    JOIN indicators AS i ON i.id = o.indicator
    WHERE i.measure = 'level' AND o.frequency = 'A' AND o.standing >= 2 AND o.value > 0
        -- Output of a young industry may multiply.
        AND (o.indicator LIKE 'gdp%' OR o.indicator LIKE 'population%' OR o.indicator LIKE 'disposable_income%' OR o.indicator LIKE 'industrial%')
)
SELECT
    y.region_code, y.region, y.indicator, y.time_period, y.origin, y.value,
    o.time_period AS other_period, o.origin AS other_origin, o.value AS other_value, y.value / o.value AS times,
    y.document_id, y.record
FROM yearly AS y
JOIN yearly AS o ON o.region_code = y.region_code AND o.indicator = y.indicator AND abs(o.year - y.year) <= 3
-- Each pair once, under the later figure.
WHERE (o.year < y.year OR (o.year = y.year AND o.series_id < y.series_id))
    AND (y.value / o.value > 5 OR y.value / o.value < 0.2)
