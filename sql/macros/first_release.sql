-- title: first_release(): the first measured vintage of every figure that carries a date
-- example: FROM first_release()
SELECT * EXCLUDE (place)
FROM (
    SELECT v.*, row_number() OVER (
        PARTITION BY v.series_id, v.period_start ORDER BY v.vintage, t.number, v.document_id, v.record
    ) AS place
    FROM observation_vintages AS v
    JOIN observation_statuses AS t ON t.id = v.status
    WHERE v.standing = 3 AND v.published_at IS NOT NULL
)
WHERE place = 1
