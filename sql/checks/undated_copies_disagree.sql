-- title: An undated document gives a figure otherwise than another document of the same origin
-- severity: warning
-- hint: Neither can be said to revise the other; find the publisher's own page, give its document a date, and keep the copy as the figure of whoever made it
SELECT
    v.region_code, v.region, v.indicator, v.time_period, v.origin, v.value, o.value AS other_value,
    o.document_id AS other_document_id, v.document_id, v.record
FROM observation_vintages AS v
JOIN observation_vintages AS o ON o.series_id = v.series_id AND o.period_start = v.period_start
JOIN indicators AS i ON i.id = v.indicator
WHERE v.standing = 3 AND o.standing = 3 AND v.document_id <> o.document_id AND v.value <> o.value
    -- Nothing says when it is from.
    AND v.published_at IS NULL AND v.vintage = DATE '0001-01-01'
    AND ((o.vintage = v.vintage AND v.document_id > o.document_id)
        -- A dated one shows first; the undated one may be an older vintage, unless it is far off.
        OR (o.vintage > v.vintage
            AND abs(v.value - o.value) > i.revision_tolerance_percent * CASE WHEN i.measure IN ('level', 'ratio') THEN abs(o.value) / 100 ELSE 1 END))
