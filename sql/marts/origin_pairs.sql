-- title: Every two origins that give one figure, and what becomes of their difference
-- materialize: view
-- row: region_code, indicator, frequency, time_period, origin, other_origin
-- inputs figure: observations WHERE series_id = this.series_id AND period_start = this.period_start
-- inputs other: observations WHERE series_id = this.other_series_id AND period_start = this.period_start
-- column region_code: GB/T 2260 code of the region; ISO 3166-1 alpha-3 for a country
-- column region: English name of the region
-- column indicator: Indicator; key of indicators
-- column frequency: SDMX FREQ
-- column time_period: The period
-- column period_start: First day of the period
-- column unit: Unit of both values; key of units
-- column series_id: Series of the figure
-- column other_series_id: Series of the other figure, of another origin
-- column origin: Who made the figure; key of publishers
-- column other_origin: Who made the other figure
-- column value: The figure, in unit
-- column other_value: The other figure, in unit
-- column standing: Standing of both; the lower of the two where they differ
-- column difference: other_value less value, in unit (percentage points where the unit is percent)
-- column difference_percent: difference in percent of value; NULL for rates and shares
-- column within_rounding: True when one is the other with fewer digits
-- column verdict: agree, rounding, disagree, or not_compared (a forecast and a result, or a bound)
-- column independent: False when origin_links says that one takes from the other or both from a third, or when one is derived here
WITH figures AS (
    SELECT
        o.*, i.measure,
        -- Digits it is printed with. A rate always has one after the point, so that
        -- 10 is 10.0; a level that ends in noughts may have been rounded to them.
        CASE
            WHEN i.measure IN ('growth', 'average_growth', 'share') AND round(o.value, 1) = o.value THEN 1
            WHEN round(o.value, -3) = o.value THEN -3
            WHEN round(o.value, -2) = o.value THEN -2
            WHEN round(o.value, -1) = o.value THEN -1
            WHEN round(o.value, 0) = o.value THEN 0
            WHEN round(o.value, 1) = o.value THEN 1
            WHEN round(o.value, 2) = o.value THEN 2
            WHEN round(o.value, 3) = o.value THEN 3
            ELSE 4
        END AS digits
    FROM observations AS o
    JOIN indicators AS i ON i.id = o.indicator
),
related AS (
    SELECT origin AS a, takes_from AS b FROM origin_links
    UNION SELECT takes_from, origin FROM origin_links
    UNION SELECT x.origin, y.origin FROM origin_links AS x JOIN origin_links AS y ON y.takes_from = x.takes_from
),
paired AS (
    SELECT
        a.region_code, a.region, a.indicator, a.frequency, a.time_period, a.period_start, a.unit, a.measure, a.series_id,
        b.series_id AS other_series_id, a.origin, b.origin AS other_origin, a.value, b.value AS other_value,
        least(a.standing, b.standing) AS standing,
        -- The finer one, written with the digits of the coarser one, is the coarser one.
        CASE
            WHEN a.digits <= b.digits THEN round(b.value, CAST(a.digits AS INTEGER)) = a.value
            ELSE round(a.value, CAST(b.digits AS INTEGER)) = b.value
        END AS within_rounding,
        a.standing = b.standing AND a.qualifier IN ('exact', 'about') AND b.qualifier IN ('exact', 'about') AS comparable,
        l.a IS NULL AND a.standing <> 2 AND b.standing <> 2 AS independent
    FROM figures AS a
    JOIN figures AS b
        ON b.region_code = a.region_code AND b.indicator = a.indicator AND b.frequency = a.frequency
        AND b.period_start = a.period_start AND b.series_id <> a.series_id
    LEFT JOIN related AS l ON l.a = a.origin AND l.b = b.origin
)
SELECT
    region_code, region, indicator, frequency, time_period, period_start, unit, series_id, other_series_id, origin, other_origin,
    value, other_value, standing, other_value - value AS difference,
    CASE WHEN measure IN ('level', 'ratio') AND value <> 0 THEN (other_value / value - 1) * 100 END AS difference_percent,
    within_rounding,
    CASE
        WHEN NOT comparable THEN 'not_compared'
        WHEN value = other_value THEN 'agree'
        WHEN within_rounding THEN 'rounding'
        ELSE 'disagree'
    END AS verdict,
    independent
FROM paired
