-- title: A share moves by more than six percentage points a year
-- severity: warning
-- hint: Two measures may be mixed (output and value added, industry and all of the economy); read the definition in both documents
WITH shares AS (
    SELECT
        o.*, extract(YEAR FROM o.period_start) AS year,
        row_number() OVER (PARTITION BY o.region_code, o.indicator, o.period_start ORDER BY s.origin_priority, o.series_id) AS rank_of_origin
    FROM observations AS o
    JOIN series AS s ON s.series_id = o.series_id
    WHERE s.measure = 'share' AND o.frequency = 'A' AND o.standing >= 2 AND o.qualifier IN ('exact', 'about')
)
SELECT
    s.region_code, s.region, s.indicator, s.time_period, s.origin, s.value, p.time_period AS previous_period, p.value AS previous_value,
    s.document_id, s.record
FROM shares AS s
JOIN shares AS p ON p.region_code = s.region_code AND p.indicator = s.indicator AND p.rank_of_origin = 1 AND p.year < s.year AND p.year >= s.year - 10
LEFT JOIN shares AS nearer
    ON nearer.region_code = s.region_code AND nearer.indicator = s.indicator AND nearer.rank_of_origin = 1
    AND nearer.year > p.year AND nearer.year < s.year
WHERE nearer.series_id IS NULL AND abs(s.value - p.value) > 6 * (s.year - p.year)
