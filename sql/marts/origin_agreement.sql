-- title: How well each two origins agree, indicator by indicator
-- materialize: view
-- row: indicator, origin, other_origin
-- inputs pair: origin_pairs WHERE indicator = this.indicator AND origin = this.origin AND other_origin = this.other_origin AND standing = 3 AND verdict <> 'not_compared'
-- column indicator: Indicator; key of indicators
-- column origin: One origin; key of publishers
-- column other_origin: The other one
-- column compared: Measured figures that both give
-- column identical: Of them the same to the digit
-- column rounding: Of them the same but for rounding
-- column within_tolerance: Of them within the indicator's revision_tolerance_percent, the identical ones included
-- column agreeing_percent: identical and rounding in percent of compared
-- column median_difference: Median of the differences without sign: percent for levels and ratios, percentage points for rates and shares
-- column largest_difference: Largest of them
-- column first_period: First period compared
-- column last_period: Last period compared
-- column independent: False when origin_links says that one takes from the other or both from a third
WITH sizes AS (
    SELECT
        p.*, i.revision_tolerance_percent AS tolerance,
        abs(CASE WHEN i.measure IN ('level', 'ratio') THEN p.difference_percent ELSE p.difference END) AS size
    FROM origin_pairs AS p
    JOIN indicators AS i ON i.id = p.indicator
    WHERE p.standing = 3 AND p.verdict <> 'not_compared' AND p.origin < p.other_origin
)
SELECT
    indicator, origin, other_origin,
    count(*) AS compared,
    count(*) FILTER (WHERE verdict = 'agree') AS identical,
    count(*) FILTER (WHERE verdict = 'rounding') AS rounding,
    count(*) FILTER (WHERE size <= tolerance) AS within_tolerance,
    100.0 * CAST(count(*) FILTER (WHERE verdict IN ('agree', 'rounding')) AS DOUBLE) / count(*) AS agreeing_percent,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY size) AS median_difference,
    max(size) AS largest_difference,
    min(time_period) AS first_period,
    max(time_period) AS last_period,
    min(CASE WHEN independent THEN 1 ELSE 0 END) = 1 AS independent
FROM sizes
GROUP BY indicator, origin, other_origin
