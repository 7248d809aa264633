-- title: first_release(): the first measured release of every figure that is known and can be placed in time; its status tells whether it is a first figure
SELECT v.*, h.vintage_number, h.realtime_start, h.realtime_end
FROM observation_vintages AS v
JOIN vintage_history AS h USING (series_id, period_start, document_id, record)
WHERE h.vintage_number = 1
