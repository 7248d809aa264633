-- title: Where each region stands among the members of each benchmark, figure by figure
-- materialize: table
-- column benchmark: Key of benchmarks, of those with members
-- column region_code: The region; every region of the members' country is placed, member or not
-- column indicator: Indicator; key of indicators
-- column frequency: SDMX FREQ
-- column time_period: The period
-- column period_start: First day of the period
-- column basis: Definition the figure stands on; only figures on one basis are ranked together
-- column value: The region's figure, in unit
-- column unit: Unit; key of units
-- column member: True when the region is a member
-- column place: Place from below among the members' figures, ties broken by code; NULL for others
-- column weight: What the member counts by, when the benchmark is weighted; NULL when it has no such figure
-- column weighted_value: value times weight
-- column standing: 3 measured, 2 derived
-- column confidence: high, medium or low
-- column others: How many other members have a figure on the same basis
-- column ranking: 1 for the highest value; as in sport, equal values share the better rank; NULL when others are fewer than the benchmark wants
-- column tied: How many other members have exactly this value
-- column percentile: Percent of the other members that lie below, those with the same value counted half
WITH countries AS (
    SELECT DISTINCT m.benchmark, c.country
    FROM benchmark_members AS m
    JOIN region_countries AS c ON c.region_code = m.region
),
placed AS (
    SELECT
        b.id AS benchmark, b.min_members, o.region_code, o.indicator, o.frequency, o.time_period, o.period_start, o.basis,
        o.value, o.unit, o.standing, o.confidence, m.region IS NOT NULL AS member, h.weight AS weight_indicator, h.lag_years
    FROM benchmarks AS b
    JOIN countries AS c ON c.benchmark = b.id
    JOIN comparable_observations AS o ON o.country = c.country AND o.counted
    LEFT JOIN benchmark_members AS m ON m.benchmark = b.id AND m.region = o.region_code
    LEFT JOIN benchmark_weights AS h ON h.benchmark = b.id AND h.indicator = o.indicator
    WHERE b.scope = 'members' AND (b.rule <> 'weighted_mean' OR h.indicator IS NOT NULL)
),
counts AS (
    SELECT
        p.*, w.value AS weight,
        count(CASE WHEN p.member THEN 1 END) OVER (PARTITION BY p.benchmark, p.indicator, p.frequency, p.period_start, p.basis) AS members,
        -- Without a frame of its own, a window with an order ends at the last equal value.
        count(CASE WHEN p.member THEN 1 END) OVER (
            PARTITION BY p.benchmark, p.indicator, p.frequency, p.period_start, p.basis ORDER BY p.value DESC
        ) AS not_below,
        count(CASE WHEN p.member THEN 1 END) OVER (
            PARTITION BY p.benchmark, p.indicator, p.frequency, p.period_start, p.basis, p.value
        ) AS level_with,
        row_number() OVER (
            PARTITION BY p.benchmark, p.indicator, p.frequency, p.period_start, p.basis, p.member ORDER BY p.value, p.region_code
        ) AS place,
        CASE WHEN p.member THEN 1 ELSE 0 END AS self
    FROM placed AS p
    LEFT JOIN comparable_observations AS w
        ON w.region_code = p.region_code AND w.indicator = p.weight_indicator AND w.frequency = p.frequency AND w.counted
        AND extract(YEAR FROM w.period_start) = extract(YEAR FROM p.period_start) - p.lag_years
        AND extract(MONTH FROM w.period_start) = extract(MONTH FROM p.period_start)
)
SELECT
    benchmark, region_code, indicator, frequency, time_period, period_start, basis, value, unit, member,
    CASE WHEN member THEN place END AS place,
    weight, value * weight AS weighted_value, standing, confidence, members - self AS others,
    CASE WHEN members - self >= min_members THEN not_below - level_with + 1 END AS ranking,
    CASE WHEN members - self >= min_members THEN level_with - self END AS tied,
    CASE
        WHEN members - self >= min_members
            THEN CAST(100 * (members - not_below) + 50 * (level_with - self) AS DOUBLE) / (members - self)
    END AS percentile
FROM counts
