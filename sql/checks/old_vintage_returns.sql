-- title: A figure went back to a value that had been revised
-- severity: warning
-- hint: A later document prints a figure from before its revision; unless the publisher took the revision back, give the document the date of what it quotes
WITH ordered AS (
    SELECT
        v.*, row_number() OVER (PARTITION BY v.series_id, v.period_start ORDER BY v.vintage, t.number, v.document_id, v.record) AS place
    FROM observation_vintages AS v
    JOIN observation_statuses AS t ON t.id = v.status
    WHERE v.standing = 3
)
SELECT DISTINCT
    n.region_code, n.region, n.indicator, n.time_period, n.origin, n.value, m.value AS revised_value, m.document_id AS other_document_id,
    n.document_id, n.record
FROM ordered AS n
JOIN ordered AS m ON m.series_id = n.series_id AND m.period_start = n.period_start AND m.place = n.place - 1 AND m.value <> n.value
JOIN ordered AS o ON o.series_id = n.series_id AND o.period_start = n.period_start AND o.place < m.place AND o.value = n.value
