-- title: On which basis each vintage of a series with breaks stands
-- materialize: view
-- column series_id: Number of the series; key of series
-- column period_start: First day of the period
-- column document_id: Document of the vintage
-- column record: Record of the vintage in its document
-- column basis: Two vintages stand on one basis where this is equal: the sum of 2 to the power of (number - 1) over the region_breaks that the vintage is before; 0 is the latest basis
SELECT
    v.series_id, v.period_start, v.document_id, v.record,
    CAST(sum(CASE
        WHEN coalesce(t.side, CASE WHEN v.time_period < b.period THEN 'before' ELSE 'after' END) = 'before' THEN power(2, b.number - 1)
        ELSE 0
    END) AS BIGINT) AS basis
FROM observation_vintages AS v
JOIN region_breaks AS b ON b.region_code = v.region_code AND b.indicator = v.indicator
LEFT JOIN restatements AS t
    ON t.break_id = b.break_id AND t.region = v.region_code AND t.document = v.document_name
    AND (t.status IS NULL OR t.status = v.status) AND v.time_period >= t.first AND v.time_period <= t.last
GROUP BY v.series_id, v.period_start, v.document_id, v.record
