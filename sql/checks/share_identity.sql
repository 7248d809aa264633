-- title: A share or ratio is not the part divided by the whole
-- severity: warning
-- hint: The share may be of value added where output is meant, or one of the three figures of another vintage
WITH identities AS (
    SELECT 'sei_output_share' AS share, 'sei_output' AS part, 'industrial_output' AS whole, 100 AS times, 0.6 AS allowed
    UNION ALL SELECT 'sei_value_added_share', 'sei_value_added', 'industrial_value_added', 100, 0.6
    UNION ALL SELECT 'income_urban_rural_ratio', 'disposable_income_urban', 'disposable_income_rural', 1, 0.02
)
SELECT
    o.region_code, o.region, o.indicator, o.time_period, o.origin, o.value, i.times * p.value / w.value AS computed,
    p.value AS part_value, w.value AS whole_value, o.document_id, o.record
FROM observations AS o
JOIN identities AS i ON i.share = o.indicator
JOIN preferred_observations AS p
    ON p.region_code = o.region_code AND p.indicator = i.part AND p.frequency = o.frequency AND p.period_start = o.period_start
JOIN preferred_observations AS w
    ON w.region_code = o.region_code AND w.indicator = i.whole AND w.frequency = o.frequency AND w.period_start = o.period_start
WHERE o.standing = 3 AND w.value > 0 AND abs(o.value - i.times * p.value / w.value) > i.allowed
