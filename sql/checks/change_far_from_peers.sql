-- title: A level changes quite otherwise than in the other regions that year
-- severity: warning
-- hint: Read the figure and the one of the year before in their documents; if both are as printed, say so in data/accepted.csv
WITH changed AS (
    SELECT c.*, r.level, o.document_id, o.record
    FROM changes AS c
    JOIN regions AS r ON r.code = c.region_code
    JOIN observations AS o ON o.series_id = c.series_id AND o.time_period = c.time_period
    WHERE c.change_percent IS NOT NULL AND (c.indicator = 'gdp' OR c.indicator LIKE 'disposable_income%')
),
usual AS (
    SELECT indicator, level, time_period, percentile_cont(0.5) WITHIN GROUP (ORDER BY change_percent) AS median_change, count(*) AS peers
    FROM changed
    GROUP BY indicator, level, time_period
)
SELECT
    c.region_code, c.region, c.indicator, c.time_period, c.origin, c.value, c.previous_value, c.change_percent, u.median_change, u.peers,
    c.document_id, c.record
FROM changed AS c
JOIN usual AS u ON u.indicator = c.indicator AND u.level = c.level AND u.time_period = c.time_period
-- The figure itself is among them, which a middle of six hardly feels.
WHERE u.peers >= 6 AND abs(c.change_percent - u.median_change) > CASE WHEN c.indicator = 'gdp' THEN 20 ELSE 10 END
