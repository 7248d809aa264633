-- title: A share is below 0 or above 100 percent
-- severity: error
-- hint: Look at the document; the unit or the column is probably wrong
SELECT o.region_code, o.region, o.indicator, o.time_period, o.origin, o.value, o.document_id, o.record
FROM observations AS o
JOIN indicators AS i ON i.id = o.indicator
WHERE i.measure = 'share' AND (o.value < 0 OR o.value > 100)
