-- title: Output in yuan and in dollars imply no exchange rate there ever was
-- severity: error
-- hint: One of the two is in another currency or unit; read both in their documents
SELECT
    o.region_code, o.region, o.indicator, o.time_period, o.origin, o.value, d.value AS in_dollars, d.origin AS other_origin,
    o.value * 100000000 / d.value AS yuan_per_dollar, o.document_id, o.record
FROM observations AS o
JOIN observations AS d
    ON d.region_code = o.region_code AND d.indicator = 'gdp_usd' AND d.frequency = o.frequency AND d.period_start = o.period_start
WHERE o.indicator = 'gdp' AND o.standing >= 2 AND d.standing >= 2 AND d.value > 0
    -- Since 1994 a dollar cost between 6.0 and 8.7 yuan on a year's average; revisions add a little.
    AND o.period_start >= DATE '1994-01-01'
    AND (o.value * 100000000 / d.value < 5.5 OR o.value * 100000000 / d.value > 9)
