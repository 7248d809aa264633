-- title: A figure is called a forecast by a document from long after its period
-- severity: warning
-- hint: A document that looks back more than a year gives results; correct the status
SELECT
    v.region_code, v.region, v.indicator, v.time_period, v.origin, v.value, v.status, v.published_at, v.document_id, v.record
FROM observation_vintages AS v
WHERE v.standing = 1 AND v.frequency = 'A' AND extract(YEAR FROM v.published_at) > extract(YEAR FROM v.period_start) + 1
