-- title: Real and nominal growth of an income lie further apart than prices moved
-- severity: warning
-- hint: The two rates may be swapped, or of different residents or years; read both in their documents
WITH rates AS (
    SELECT o.*, CASE WHEN o.indicator LIKE '%_real' THEN 'real' ELSE 'nominal' END AS basis, replace(replace(o.indicator, '_real', ''), '_nominal', '') AS stem
    FROM observations AS o
    WHERE o.indicator LIKE 'disposable_income_%_growth_%' AND o.standing = 3
)
SELECT
    r.region_code, r.region, r.indicator, r.time_period, r.origin, r.value, n.value AS nominal_growth, p.value AS price_growth,
    r.document_id, r.record
FROM rates AS r
JOIN rates AS n
    ON n.region_code = r.region_code AND n.frequency = r.frequency AND n.period_start = r.period_start AND n.stem = r.stem AND n.basis = 'nominal'
LEFT JOIN preferred_observations AS p
    ON p.region_code = r.region_code AND p.indicator = 'cpi_growth' AND p.frequency = r.frequency AND p.period_start = r.period_start
WHERE r.basis = 'real'
    AND ((p.value IS NOT NULL AND abs(n.value - r.value - p.value) > 0.5)
        OR (p.value IS NULL AND (n.value - r.value < -2 OR n.value - r.value > 8)))
