-- title: Real growth is exactly the change at current prices
-- severity: warning
-- hint: Growth was probably reckoned from levels at current prices, which contain inflation; find the published real rate
SELECT
    o.region_code, o.region, o.indicator, o.time_period, o.origin, o.value, c.change_percent, c.origin AS level_origin, o.document_id, o.record
FROM observations AS o
JOIN changes AS c ON c.region_code = o.region_code AND c.indicator = 'gdp' AND c.time_period = o.time_period
WHERE o.indicator = 'gdp_growth_real' AND o.frequency = 'A' AND o.standing = 3 AND round(c.change_percent, 1) = round(o.value, 1)
