-- title: A part is larger than the whole it belongs to
-- severity: error
-- hint: Read both figures; a region may have been taken for another of the same name, a unit may be wrong, or output was taken for value added
WITH whole AS (
    SELECT * FROM preferred_observations WHERE standing >= 2 AND qualifier IN ('exact', 'about')
),
part AS (
    SELECT o.* FROM observations AS o WHERE o.standing >= 2 AND o.qualifier IN ('exact', 'over')
),
-- A region within the region it belongs to.
territories AS (
    SELECT p.*, w.region AS whole_region, w.indicator AS whole_indicator, w.value AS whole_value
    FROM part AS p
    JOIN regions AS r ON r.code = p.region_code
    JOIN whole AS w ON w.region_code = r.parent AND w.indicator = p.indicator AND w.frequency = p.frequency AND w.period_start = p.period_start
    WHERE p.indicator IN (
        'gdp', 'population_resident', 'population_registered', 'industrial_output', 'industrial_value_added', 'sei_output',
        'sei_value_added', 'nev_output', 'value_added_primary', 'value_added_secondary', 'value_added_tertiary'
    )
),
-- A branch within the economy, value added within output.
containment AS (
    SELECT 'value_added_primary' AS part, 'gdp' AS whole
    UNION ALL SELECT 'value_added_secondary', 'gdp'
    UNION ALL SELECT 'value_added_tertiary', 'gdp'
    UNION ALL SELECT 'industrial_value_added', 'gdp'
    UNION ALL SELECT 'industrial_value_added', 'value_added_secondary'
    UNION ALL SELECT 'industrial_value_added', 'industrial_output'
    UNION ALL SELECT 'sei_output', 'industrial_output'
    UNION ALL SELECT 'sei_value_added', 'industrial_value_added'
    UNION ALL SELECT 'sei_value_added', 'sei_output'
),
branches AS (
    SELECT p.*, w.region AS whole_region, w.indicator AS whole_indicator, w.value AS whole_value
    FROM part AS p
    JOIN containment AS c ON c.part = p.indicator
    JOIN whole AS w ON w.region_code = p.region_code AND w.indicator = c.whole AND w.frequency = p.frequency AND w.period_start = p.period_start
),
-- The first quarter within the year, for what adds up over time.
times AS (
    SELECT p.*, w.region AS whole_region, w.indicator AS whole_indicator, w.value AS whole_value
    FROM part AS p
    JOIN indicators AS i ON i.id = p.indicator
    JOIN whole AS w
        ON w.region_code = p.region_code AND w.indicator = p.indicator AND w.frequency = 'A'
        AND extract(YEAR FROM w.period_start) = extract(YEAR FROM p.period_start)
    WHERE i.measure = 'level' AND i.accumulation <> 'stock' AND p.frequency IN ('S', 'Q', 'M')
)
SELECT
    region_code, region, indicator, time_period, origin, value, whole_region, whole_indicator, whole_value, document_id, record
FROM (
    SELECT * FROM territories
    UNION ALL SELECT * FROM branches
    UNION ALL SELECT * FROM times
) AS pairs
-- Rounding may make them equal, not more.
WHERE value > whole_value * 1.001
    -- No prefecture makes nearly all of its province: that is the province under the name of the city.
    OR (whole_region <> region AND indicator = whole_indicator AND value > 0.95 * whole_value)
