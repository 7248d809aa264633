-- title: Two regions have exactly the same figure
-- severity: warning
-- hint: A row or a name may have been taken for another (苏州 and 宿州, a city and its neighbour in the table); read both in their documents
WITH long AS (
    SELECT * FROM observations
    -- More than three digits: rates and round figures agree by chance.
    WHERE standing = 3 AND qualifier = 'exact' AND value <> 0
        AND abs(value - round(value / power(10, floor(log10(abs(value))) - 2)) * power(10, floor(log10(abs(value))) - 2)) > 1e-9 * abs(value)
)
SELECT
    a.region_code, a.region, a.indicator, a.time_period, a.origin, a.value, b.region_code AS other_region_code, b.region AS other_region,
    b.origin AS other_origin, a.document_id, a.record, b.document_id AS other_document_id, b.record AS other_record
FROM long AS a
JOIN long AS b
    ON b.indicator = a.indicator AND b.frequency = a.frequency AND b.period_start = a.period_start AND b.value = a.value
    AND b.region_code < a.region_code
