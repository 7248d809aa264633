-- title: as_of(day): what one would have read on that day, one row per series and period
-- args: day
-- example: FROM as_of('2023-08-05')
-- refuses: a text that is no date
SELECT * EXCLUDE (place)
FROM (
    SELECT v.*, row_number() OVER (
        PARTITION BY v.series_id, v.period_start
        ORDER BY v.standing DESC, v.vintage DESC, t.number DESC, v.document_id DESC, v.record DESC
    ) AS place
    FROM observation_vintages AS v
    JOIN observation_statuses AS t ON t.id = v.status
    WHERE v.visible_from <= CAST(day AS DATE)
)
WHERE place = 1
