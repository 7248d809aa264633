-- title: A region's series ends years before those of the other regions from the same origin
-- severity: warning
-- hint: Look whether the publisher still gives it, or whether its name or code changed; retire it in data/retired.csv if it is to end
WITH ends AS (
    SELECT s.series_id, s.region_code, s.region, s.indicator, s.frequency, s.origin, r.level, max(o.period_start) AS latest, count(*) AS figures
    FROM series AS s
    JOIN observations AS o ON o.series_id = s.series_id
    JOIN regions AS r ON r.code = s.region_code
    WHERE s.frequency = 'A' AND o.standing = 3
    GROUP BY s.series_id, s.region_code, s.region, s.indicator, s.frequency, s.origin, r.level
    HAVING count(*) >= 4
),
others AS (
    SELECT indicator, origin, level, percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(YEAR FROM latest)) AS usual_end, count(*) AS peers
    FROM ends
    GROUP BY indicator, origin, level
)
SELECT
    e.region_code, e.region, e.indicator, CAST(extract(YEAR FROM e.latest) AS VARCHAR) AS time_period, e.origin, u.usual_end, u.peers
FROM ends AS e
JOIN others AS u ON u.indicator = e.indicator AND u.origin = e.origin AND u.level = e.level
WHERE u.peers >= 5 AND extract(YEAR FROM e.latest) < u.usual_end - 1
