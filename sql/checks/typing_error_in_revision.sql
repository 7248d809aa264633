-- title: A revision changes a single digit, or swaps two
-- severity: warning
-- hint: Statistics are hardly ever revised like that, but mistyped like that; read the new document
WITH ordered AS (
    SELECT v.*, lag(v.value) OVER w AS old_value, lag(v.document_id) OVER w AS other_document_id
    FROM observation_vintages AS v
    JOIN observation_statuses AS t ON t.id = v.status
    WHERE v.standing = 3
    WINDOW w AS (PARTITION BY v.series_id, v.period_start ORDER BY v.vintage, t.number, v.document_id, v.record)
),
texts AS (
    SELECT *, CAST(CAST(value AS DECIMAL(24, 4)) AS VARCHAR) AS new_text, CAST(CAST(old_value AS DECIMAL(24, 4)) AS VARCHAR) AS old_text
    FROM ordered
    -- Four digits at least: of 8.1 and 8.4 nothing can be said.
    WHERE old_value <> value AND abs(value) >= 1000
),
digits AS (
    SELECT 1 AS place UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6
    UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9 UNION ALL SELECT 10 UNION ALL SELECT 11 UNION ALL SELECT 12
    UNION ALL SELECT 13 UNION ALL SELECT 14 UNION ALL SELECT 15 UNION ALL SELECT 16 UNION ALL SELECT 17 UNION ALL SELECT 18
    UNION ALL SELECT 19 UNION ALL SELECT 20
),
differing AS (
    SELECT
        t.series_id, t.period_start, t.document_id, t.record, count(*) AS n, max(d.place) - min(d.place) AS apart,
        min(substr(t.old_text, d.place, 1)) AS lowest_old, max(substr(t.old_text, d.place, 1)) AS highest_old,
        min(substr(t.new_text, d.place, 1)) AS lowest_new, max(substr(t.new_text, d.place, 1)) AS highest_new
    FROM texts AS t
    JOIN digits AS d ON d.place <= length(t.new_text) AND substr(t.new_text, d.place, 1) <> substr(t.old_text, d.place, 1)
    WHERE length(t.new_text) = length(t.old_text)
    GROUP BY t.series_id, t.period_start, t.document_id, t.record
)
SELECT
    t.region_code, t.region, t.indicator, t.time_period, t.origin, t.value, t.old_value, t.other_document_id, t.document_id, t.record
FROM texts AS t
JOIN differing AS d ON d.series_id = t.series_id AND d.period_start = t.period_start AND d.document_id = t.document_id AND d.record = t.record
WHERE d.n = 1 OR (d.n = 2 AND d.apart <= 2 AND d.lowest_old = d.lowest_new AND d.highest_old = d.highest_new)
