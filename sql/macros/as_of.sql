-- title: as_of(day): what one would have read on that day, one row per series and period, with its realtime_start and realtime_end (ALFRED)
-- args: day
SELECT v.*, h.vintage_number, h.realtime_start, h.realtime_end
FROM observation_vintages AS v
JOIN vintage_history AS h USING (series_id, period_start, document_id, record)
WHERE CAST(day AS DATE) BETWEEN h.realtime_start AND h.realtime_end
