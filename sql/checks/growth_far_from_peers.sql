-- title: Growth is far from that of the other regions in the year
-- severity: warning
-- hint: Look for a lost sign, an index (108.3 for 8.3), a level at current prices taken for real growth, or another region of the same name
WITH rates AS (
    SELECT o.*, r.level
    FROM observations AS o
    JOIN regions AS r ON r.code = o.region_code
    WHERE o.indicator IN ('gdp_growth_real', 'industrial_value_added_growth') AND o.standing = 3 AND o.frequency = 'A' AND r.level <> 'country'
),
usual AS (
    SELECT indicator, period_start, percentile_cont(0.5) WITHIN GROUP (ORDER BY value) AS median_growth, count(*) AS peers
    FROM rates
    GROUP BY indicator, period_start
)
SELECT a.region_code, a.region, a.indicator, a.time_period, a.origin, a.value, u.median_growth, u.peers, a.document_id, a.record
FROM rates AS a
JOIN usual AS u ON u.indicator = a.indicator AND u.period_start = a.period_start
-- The rate itself is among them, which a middle of five hardly feels.
WHERE u.peers >= 5 AND abs(a.value - u.median_growth) > 6
