-- title: The three sectors do not add up to gross domestic product
-- severity: error
-- hint: Read the four figures in their documents; they must be of one origin and one vintage
WITH sectors AS (
    SELECT
        region_code, frequency, period_start, origin,
        sum(CAST(value AS DECIMAL(38, 6))) AS parts,
        count(*) AS n, min(document_id) AS first_document, max(document_id) AS last_document
    FROM observations
    WHERE indicator IN ('value_added_primary', 'value_added_secondary', 'value_added_tertiary') AND standing = 3
    GROUP BY region_code, frequency, period_start, origin
)
SELECT
    o.region_code, o.region, o.indicator, o.time_period, o.origin, o.value, CAST(s.parts AS DOUBLE) AS sum_of_sectors, s.n AS sectors,
    o.document_id, o.record
FROM observations AS o
JOIN sectors AS s
    ON s.region_code = o.region_code AND s.frequency = o.frequency AND s.period_start = o.period_start AND s.origin = o.origin
WHERE o.indicator = 'gdp' AND o.standing = 3 AND o.qualifier = 'exact'
    -- All three add up to within a thousandth; any two of them to less than the whole.
    AND ((s.n = 3 AND abs(CAST(s.parts AS DOUBLE) - o.value) > 0.001 * o.value)
        OR (s.n = 2 AND CAST(s.parts AS DOUBLE) > 1.001 * o.value))
