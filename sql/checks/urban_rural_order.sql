-- title: Income of all residents does not lie between that of rural and urban residents
-- severity: error
-- hint: Two of the three populations were mixed up, or one figure is of another year; read all three in their documents
WITH incomes AS (
    SELECT o.*, substr(o.indicator, 19) AS scope FROM observations AS o
    WHERE o.indicator IN ('disposable_income_all', 'disposable_income_urban', 'disposable_income_rural') AND o.standing = 3
)
SELECT
    a.region_code, a.region, a.indicator, a.time_period, a.origin, a.value, b.indicator AS other_indicator, b.origin AS other_origin,
    b.value AS other_value, a.document_id, a.record
FROM incomes AS a
JOIN incomes AS b ON b.region_code = a.region_code AND b.frequency = a.frequency AND b.period_start = a.period_start
WHERE (a.scope = 'all' AND b.scope = 'urban' AND a.value >= b.value)
    OR (a.scope = 'rural' AND b.scope IN ('all', 'urban') AND a.value >= b.value)
