-- title: The cities of a province do not add up to it
-- severity: warning
-- hint: Cities and province are often of different vintages; look for a city that is counted twice, missing, or in another unit
WITH cities AS (
    SELECT
        r.parent, o.indicator, o.frequency, o.period_start,
        CAST(sum(CAST(o.value AS DECIMAL(38, 6))) AS DOUBLE) AS together, count(*) AS n
    FROM preferred_observations AS o
    JOIN regions AS r ON r.code = o.region_code
    WHERE r.level = 'prefecture' AND o.indicator IN ('gdp', 'population_resident') AND o.standing >= 2
    GROUP BY r.parent, o.indicator, o.frequency, o.period_start
),
-- Prefectures of the province that existed in the year.
declared AS (
    SELECT c.parent, c.indicator, c.frequency, c.period_start, count(*) AS members
    FROM cities AS c
    JOIN regions AS r ON r.parent = c.parent AND r.level = 'prefecture'
    WHERE (r.valid_from IS NULL OR r.valid_from <= c.period_start) AND (r.valid_to IS NULL OR r.valid_to >= c.period_start)
    GROUP BY c.parent, c.indicator, c.frequency, c.period_start
)
SELECT
    o.region_code, o.region, o.indicator, o.time_period, o.origin, o.value, c.together AS sum_of_cities, c.n AS cities, d.members,
    o.document_id, o.record
FROM preferred_observations AS o
JOIN cities AS c
    ON c.parent = o.region_code AND c.indicator = o.indicator AND c.frequency = o.frequency AND c.period_start = o.period_start
JOIN declared AS d
    ON d.parent = c.parent AND d.indicator = c.indicator AND d.frequency = c.frequency AND d.period_start = c.period_start
JOIN regions AS r ON r.code = o.region_code
WHERE r.level = 'province'
    AND (c.together > 1.03 * o.value
        -- Anhui declares all its prefectures, most provinces only those that are compared.
        OR (o.region_code = '340000' AND c.n = d.members AND c.together < 0.97 * o.value))
