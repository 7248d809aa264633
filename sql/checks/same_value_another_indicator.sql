-- title: Two indicators of a region have exactly the same figure
-- severity: warning
-- hint: One row was taken for another (all residents for urban ones, output for value added, prices for the deflator); read both in their documents
WITH figures AS (
    SELECT o.*, i.measure, i.numerator, i.denominator
    FROM observations AS o
    JOIN indicators AS i ON i.id = o.indicator
    WHERE o.standing = 3 AND o.qualifier = 'exact'
)
SELECT
    a.region_code, a.region, a.indicator, a.time_period, a.origin, a.value, b.indicator AS other_indicator, b.origin AS other_origin,
    a.document_id, a.record
FROM figures AS a
JOIN figures AS b
    ON b.region_code = a.region_code AND b.unit = a.unit AND b.frequency = a.frequency AND b.period_start = a.period_start
    AND b.value = a.value AND b.indicator < a.indicator
WHERE (a.measure = 'level' AND b.measure = 'level' AND a.value > 0
        AND abs(a.value - round(a.value / power(10, floor(log10(abs(a.value))) - 2)) * power(10, floor(log10(abs(a.value))) - 2)) > 1e-9 * abs(a.value))
    -- Shares of one industry in output and in value added are never the same to the digit.
    OR (a.measure = 'share' AND b.measure = 'share' AND a.numerator <> b.numerator)
    OR (a.measure = 'growth' AND b.measure = 'growth' AND round(a.value, 1) <> a.value)
