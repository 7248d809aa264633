-- title: Output divided by residents is not what an economy makes per head
-- severity: error
-- hint: The unit of one of the two is wrong, or one of them is about another region of the same name
WITH divided AS (
    SELECT g.*, h.value AS residents, g.value * 10000 / h.value AS per_head
    FROM observations AS g
    JOIN observations AS h
        ON h.region_code = g.region_code AND h.frequency = g.frequency AND h.period_start = g.period_start
    WHERE g.indicator = 'gdp' AND g.frequency = 'A' AND h.indicator = 'population_resident'
        AND g.standing >= 2 AND h.standing >= 2 AND h.value > 0
)
SELECT
    d.region_code, d.region, d.indicator, d.time_period, d.origin, d.value, d.residents, d.per_head, d.document_id, d.record
FROM divided AS d
-- Yuan a year: from the poorest prefecture of 2000 to twice the richest of today.
WHERE d.per_head < 3000 OR d.per_head > 450000
