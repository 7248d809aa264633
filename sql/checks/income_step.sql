-- title: Income falls by more than 2 percent or rises by more than 25 in a year, and no break explains it
-- severity: warning
-- hint: Look for another definition (net income, another survey, other residents) or a misprint; enter a break in data/breaks.csv or, if it is as printed, say so in data/accepted.csv
SELECT
    c.region_code, c.region, c.indicator, c.time_period, c.origin, c.value, c.previous_value, c.change_percent, o.document_id, o.record
FROM changes AS c
JOIN observations AS o ON o.series_id = c.series_id AND o.time_period = c.time_period
WHERE c.indicator LIKE 'disposable_income%' AND (c.change_percent < -2 OR c.change_percent > 25)
