-- title: What the members of each benchmark say together, period by period and definition by definition
-- materialize: table
-- column benchmark: Key of benchmarks, of those with members
-- column indicator: Indicator; key of indicators
-- column frequency: SDMX FREQ
-- column time_period: The period
-- column period_start: First day of the period
-- column basis: Definition the figures stand on; a mean over two definitions is never made
-- column unit: Unit; key of units
-- column members: How many members have a figure on this basis
-- column elsewhere: How many have one on another basis
-- column largest: True for the basis with the most members, which stands for the benchmark where a region has no basis of its own; of equals the current one
-- column weighted: How many of members have a weight; 0 when the benchmark is not weighted
-- column value_sum: Sum of the figures
-- column weight_sum: Sum of the weights
-- column weighted_sum: Sum of figures times weights
-- column below_middle: Of the figures in order, the one at half their number, rounded down: what the median is without one of the members follows from these three
-- column middle: The next one; of an odd number the median
-- column above_middle: The one after it
-- column derived: How many figures are derived and not measured
-- column medium: How many are of medium confidence
-- column low: How many are of low confidence
WITH sums AS (
    SELECT
        r.benchmark, r.indicator, r.frequency, r.time_period, r.period_start, r.basis, r.unit,
        count(*) AS members,
        count(r.weight) AS weighted,
        -- Floating-point sums depend on the order of rows, which engines do not
        -- promise; a decimal sum is the same on every rebuild.
        sum(CAST(r.value AS DECIMAL(38, 6))) AS value_sum,
        sum(CAST(r.weight AS DECIMAL(38, 6))) AS weight_sum,
        sum(CAST(r.weighted_value AS DECIMAL(38, 6))) AS weighted_sum,
        max(CASE WHEN r.place = floor((r.others + 1) / 2) THEN r.value END) AS below_middle,
        max(CASE WHEN r.place = floor((r.others + 1) / 2) + 1 THEN r.value END) AS middle,
        max(CASE WHEN r.place = floor((r.others + 1) / 2) + 2 THEN r.value END) AS above_middle,
        count(CASE WHEN r.standing = 2 THEN 1 END) AS derived,
        count(CASE WHEN r.confidence = 'medium' THEN 1 END) AS medium,
        count(CASE WHEN r.confidence = 'low' THEN 1 END) AS low
    FROM benchmark_ranks AS r
    WHERE r.member
    GROUP BY r.benchmark, r.indicator, r.frequency, r.time_period, r.period_start, r.basis, r.unit
)
SELECT
    benchmark, indicator, frequency, time_period, period_start, basis, unit, members,
    CAST(sum(members) OVER cell AS BIGINT) - members AS elsewhere,
    row_number() OVER (
        PARTITION BY benchmark, indicator, frequency, period_start
        ORDER BY members DESC, CASE WHEN basis = 'current' THEN 0 ELSE 1 END, basis
    ) = 1 AS largest,
    weighted, value_sum, weight_sum, weighted_sum, below_middle, middle, above_middle, derived, medium, low
FROM sums
WINDOW cell AS (PARTITION BY benchmark, indicator, frequency, period_start)
