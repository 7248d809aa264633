-- title: A yearly series ended although its source still answers
-- severity: warning
-- hint: Look whether the publisher still gives it, or whether its code changed (data/source_series.csv); retire it in data/retired.csv if it is to end
WITH heard AS (
    SELECT d.source, max(d.known_at) AS last_document FROM store.documents AS d GROUP BY d.source
),
ends AS (
    SELECT
        o.series_id, o.region_code, o.region, o.indicator, o.origin, max(o.period_start) AS latest, count(*) AS figures,
        max(d.source) AS source
    FROM observations AS o
    JOIN store.documents AS d ON d.document_id = o.document_id
    WHERE o.frequency = 'A' AND o.standing = 3
    GROUP BY o.series_id, o.region_code, o.region, o.indicator, o.origin
    -- It used to come, and always by this source.
    HAVING count(*) >= 4 AND min(d.source) = max(d.source)
)
SELECT
    e.region_code, e.region, e.indicator, CAST(extract(YEAR FROM e.latest) AS VARCHAR) AS time_period, e.origin, e.source, h.last_document
FROM ends AS e
JOIN heard AS h ON h.source = e.source
JOIN sources AS s ON s.id = e.source
-- The next year has ended, and the allowance since.
WHERE (extract(YEAR FROM h.last_document) - extract(YEAR FROM e.latest) - 2) * 365 + (extract(MONTH FROM h.last_document) - 1) * 30 > s.allowance_days
