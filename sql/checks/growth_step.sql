-- title: Growth jumps by more than eight percentage points from one year to the next
-- severity: warning
-- hint: Look for a lost sign or decimal point, or nominal growth beside real growth; some turns, such as that of 2020, are real
WITH rates AS (
    SELECT o.*, extract(YEAR FROM o.period_start) AS year
    FROM observations AS o
    WHERE o.indicator IN ('gdp_growth_real', 'cpi_growth', 'industrial_value_added_growth') AND o.standing = 3 AND o.frequency = 'A'
),
before AS (
    SELECT region_code, indicator, extract(YEAR FROM period_start) AS year, time_period, value
    FROM preferred_observations WHERE frequency = 'A' AND standing = 3
)
SELECT
    r.region_code, r.region, r.indicator, r.time_period, r.origin, r.value, p.value AS previous_value, r.document_id, r.record
FROM rates AS r
JOIN before AS p ON p.region_code = r.region_code AND p.indicator = r.indicator AND p.year = r.year - 1
WHERE abs(r.value - p.value) > 8
