-- title: Where each region stands by each indicator of each resemblance set
-- materialize: view
-- column set_id: Key of resemblance_sets
-- column region_code: The region
-- column region: English name of the region
-- column kind: city (prefectures and the municipalities) or the administrative level: only one kind is compared
-- column indicator: Indicator; key of indicators
-- column weight: How much it counts
-- column year: The year
-- column value: The figure, in the indicator's unit
-- column position: The figure as it is compared: relative to the set's benchmark of the year and as a logarithm, where the set says so
-- column basis: Definition the figure stands on; only positions on one basis are compared
SELECT
    s.set_id, o.region_code, r.name_en AS region,
    CASE WHEN r.level = 'prefecture' OR r.major_city THEN 'city' ELSE r.level END AS kind,
    o.indicator, s.weight, extract(YEAR FROM o.period_start) AS year, o.value,
    CASE
        WHEN s.transform = 'none' THEN o.value / coalesce(n.value, 1)
        ELSE ln(o.value / coalesce(n.value, 1))
    END AS position,
    o.basis
FROM resemblance_indicators AS s
JOIN comparable_observations AS o ON o.indicator = s.indicator AND o.frequency = 'A' AND o.counted
JOIN regions AS r ON r.code = o.region_code
LEFT JOIN benchmark_observations AS n
    ON n.benchmark = s.relative_to AND n.region_code = o.region_code AND n.indicator = o.indicator AND n.frequency = 'A'
    AND n.period_start = o.period_start
WHERE (s.transform = 'none' OR o.value > 0) AND (s.relative_to IS NULL OR n.value > 0)
