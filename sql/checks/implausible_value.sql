-- title: A figure lies outside what its indicator can plausibly be
-- severity: error
-- hint: Look at the document: the unit is probably wrong by a power of ten; if the figure is right, widen the bounds in data/indicators.csv
SELECT o.region_code, o.region, o.indicator, o.time_period, o.origin, o.value, i.plausible_low, i.plausible_high, o.document_id, o.record
FROM observations AS o
JOIN indicators AS i ON i.id = o.indicator
WHERE o.value < i.plausible_low OR o.value > i.plausible_high
