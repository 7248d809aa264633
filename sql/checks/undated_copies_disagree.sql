-- title: Two undated documents give one figure of one origin differently
-- severity: warning
-- hint: Neither can be said to revise the other; find the publisher's own page, give its document a date, and keep the copy as the figure of whoever made it
SELECT
    v.region_code, v.region, v.indicator, v.time_period, v.origin, v.value, o.value AS other_value,
    o.document_id AS other_document_id, v.document_id, v.record
FROM observation_vintages AS v
JOIN observation_vintages AS o ON o.series_id = v.series_id AND o.period_start = v.period_start
WHERE v.published_at IS NULL AND o.published_at IS NULL AND v.standing = 3 AND o.standing = 3
    AND v.document_id <> o.document_id AND v.value <> o.value AND v.vintage = o.vintage
    AND (v.document_id > o.document_id)
