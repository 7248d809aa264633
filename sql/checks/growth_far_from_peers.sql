-- title: Growth is far from that of the other regions in the year
-- severity: warning
-- hint: Look for a lost sign, an index (108.3 for 8.3), a level at current prices taken for real growth, or another region of the same name
WITH rates AS (
    SELECT o.*, r.level
    FROM observations AS o
    JOIN regions AS r ON r.code = o.region_code
    WHERE o.indicator IN ('gdp_growth_real', 'industrial_value_added_growth') AND o.standing = 3 AND o.frequency = 'A'
),
usual AS (
    SELECT a.series_id, a.period_start, percentile_cont(0.5) WITHIN GROUP (ORDER BY b.value) AS median_growth, count(*) AS peers
    FROM rates AS a
    JOIN rates AS b ON b.indicator = a.indicator AND b.period_start = a.period_start AND b.level <> 'country' AND b.region_code <> a.region_code
    WHERE a.level <> 'country'
    GROUP BY a.series_id, a.period_start
)
SELECT a.region_code, a.region, a.indicator, a.time_period, a.origin, a.value, u.median_growth, u.peers, a.document_id, a.record
FROM rates AS a
JOIN usual AS u ON u.series_id = a.series_id AND u.period_start = a.period_start
WHERE u.peers >= 4 AND abs(a.value - u.median_growth) > 6
