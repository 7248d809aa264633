-- title: What each benchmark says for each region, indicator and period
-- materialize: view
-- column benchmark: Key of benchmarks
-- column region_code: The region that is compared; its own figure is not in here
-- column indicator: Indicator; key of indicators
-- column frequency: SDMX FREQ
-- column time_period: The period
-- column period_start: First day of the period
-- column value: The benchmark's figure, in unit; NULL when too few members have one
-- column unit: Unit; key of units
-- column benchmark_region: The region whose published figure it is; NULL for a rule over members
-- column basis: Definition the figure stands on. For a rule that of the region's own figure, or of most members when too few share it
-- column basis_until: Period in which a published figure's definition changes; NULL on the current one and for a rule
-- column members: How many members other than the region have a figure on basis, and a weight if the benchmark is weighted; 1 for a published figure
-- column members_declared: How many members other than the region the benchmark has
-- column members_elsewhere: How many other members have a figure on another definition and are left out
-- column weights_missing: How many members with a figure on basis have no weight; 0 unless the benchmark is weighted
-- column obs_status: SDMX OBS_STATUS of the figure; E for a rule, whose result is derived here
-- column standing: 3 measured, 2 derived, 1 expected; of the weakest member for a rule
-- column qualifier: exact, about, over or under
-- column confidence: high, medium or low; of the weakest member for a rule
-- column document_id: Document of a published figure; NULL for a rule
-- column record: Record of a published figure; NULL for a rule
-- column note: Caveat of a published figure
WITH single AS (
    SELECT
        b.id AS benchmark, r.code AS region_code, o.indicator, o.frequency, o.time_period, o.period_start, o.value, o.unit,
        o.region_code AS benchmark_region, f.basis, f.basis_until, o.obs_status, o.standing, o.qualifier,
        o.confidence, o.document_id, o.record, o.note
    FROM benchmarks AS b
    CROSS JOIN regions AS r
    JOIN region_countries AS c ON c.region_code = r.code
    JOIN preferred_observations AS o
        ON o.region_code = CASE b.scope WHEN 'region' THEN b.region WHEN 'parent' THEN r.parent WHEN 'country' THEN c.country END
    JOIN comparable_observations AS f
        ON f.region_code = o.region_code AND f.indicator = o.indicator AND f.frequency = o.frequency AND f.period_start = o.period_start
    WHERE b.scope <> 'members' AND o.region_code <> r.code
),
sizes AS (
    SELECT benchmark, count(*) AS declared FROM benchmark_members GROUP BY benchmark
),
-- Members are of a country, and only its regions are measured against them.
countries AS (
    SELECT DISTINCT m.benchmark, c.country
    FROM benchmark_members AS m
    JOIN region_countries AS c ON c.region_code = m.region
),
-- Each region meets the members on its own definition, if enough of them are, and
-- else the definition that most of them stand on: never a mixture of two.
asked AS (
    SELECT
        f.benchmark, b.rule, b.min_members, z.declared, c.region_code, m.region IS NOT NULL AS member,
        f.indicator, f.frequency, f.time_period, f.period_start,
        CASE
            WHEN s.basis IS NULL THEN f.basis
            WHEN s.members - CASE WHEN m.region IS NOT NULL AND o.counted THEN 1 ELSE 0 END >= b.min_members THEN s.basis
            WHEN f.members >= b.min_members THEN f.basis
            ELSE s.basis
        END AS basis,
        CASE WHEN m.region IS NOT NULL AND o.counted THEN o.basis END AS own_basis
    FROM benchmark_pools AS f
    JOIN benchmarks AS b ON b.id = f.benchmark
    JOIN sizes AS z ON z.benchmark = f.benchmark
    JOIN countries AS k ON k.benchmark = f.benchmark
    JOIN region_countries AS c ON c.country = k.country
    LEFT JOIN benchmark_members AS m ON m.benchmark = f.benchmark AND m.region = c.region_code
    LEFT JOIN comparable_observations AS o
        ON o.region_code = c.region_code AND o.indicator = f.indicator AND o.frequency = f.frequency AND o.period_start = f.period_start
    LEFT JOIN benchmark_pools AS s
        ON s.benchmark = f.benchmark AND s.indicator = f.indicator AND s.frequency = f.frequency AND s.period_start = f.period_start
        AND s.basis = o.basis
    WHERE f.largest
),
-- A region is never measured against a pool that holds itself: what is its own is
-- taken out again.
others AS (
    SELECT
        a.*, p.unit, p.elsewhere, p.below_middle, p.middle, p.above_middle, own.place, p.members AS counted,
        p.members - CASE WHEN own.place IS NULL THEN 0 ELSE 1 END AS members,
        p.weighted - CASE WHEN own.weight IS NULL THEN 0 ELSE 1 END AS weighted,
        p.value_sum - coalesce(CAST(own.value AS DECIMAL(38, 6)), 0) AS value_sum,
        p.weight_sum - coalesce(CAST(own.weight AS DECIMAL(38, 6)), 0) AS weight_sum,
        p.weighted_sum - coalesce(CAST(own.weighted_value AS DECIMAL(38, 6)), 0) AS weighted_sum,
        p.derived - CASE WHEN own.standing = 2 THEN 1 ELSE 0 END AS derived,
        p.medium - CASE WHEN own.confidence = 'medium' THEN 1 ELSE 0 END AS medium,
        p.low - CASE WHEN own.confidence = 'low' THEN 1 ELSE 0 END AS low
    FROM asked AS a
    JOIN benchmark_pools AS p
        ON p.benchmark = a.benchmark AND p.indicator = a.indicator AND p.frequency = a.frequency AND p.period_start = a.period_start
        AND p.basis = a.basis
    LEFT JOIN benchmark_ranks AS own
        ON own.member AND own.benchmark = a.benchmark AND own.region_code = a.region_code AND own.indicator = a.indicator
        AND own.frequency = a.frequency AND own.period_start = a.period_start AND own.basis = a.basis
),
pooled AS (
    SELECT
        o.*,
        CASE WHEN rule = 'weighted_mean' THEN weighted ELSE members END AS voices,
        CASE rule
            WHEN 'mean' THEN CASE WHEN members > 0 THEN CAST(value_sum AS DOUBLE) / members END
            WHEN 'weighted_mean' THEN CASE WHEN weight_sum > 0 THEN CAST(weighted_sum AS DOUBLE) / CAST(weight_sum AS DOUBLE) END
            -- The middle of the others: with place p taken out, what stood above it
            -- moves down by one.
            ELSE CASE
                WHEN place IS NULL AND counted % 2 = 1 THEN middle
                WHEN place IS NULL THEN (below_middle + middle) / 2
                WHEN counted % 2 = 0 AND place > counted / 2 THEN below_middle
                WHEN counted % 2 = 0 THEN middle
                WHEN place > (counted + 1) / 2 THEN (below_middle + middle) / 2
                WHEN place < (counted + 1) / 2 THEN (middle + above_middle) / 2
                ELSE (below_middle + above_middle) / 2
            END
        END AS value
    FROM others AS o
)
SELECT
    benchmark, region_code, indicator, frequency, time_period, period_start, value, unit, benchmark_region, basis, basis_until,
    1 AS members, 1 AS members_declared, 0 AS members_elsewhere, 0 AS weights_missing,
    obs_status, standing, qualifier, confidence, document_id, record, note
FROM single
UNION ALL
SELECT
    benchmark, region_code, indicator, frequency, time_period, period_start,
    CASE WHEN voices >= min_members THEN value END,
    unit, CAST(NULL AS VARCHAR), basis, CAST(NULL AS VARCHAR), voices,
    declared - CASE WHEN member THEN 1 ELSE 0 END,
    elsewhere - CASE WHEN own_basis <> basis THEN 1 ELSE 0 END,
    CASE WHEN rule = 'weighted_mean' THEN members - weighted ELSE 0 END,
    'E',
    CASE WHEN derived > 0 THEN 2 ELSE 3 END,
    'exact',
    CASE WHEN low > 0 THEN 'low' WHEN medium > 0 THEN 'medium' ELSE 'high' END,
    CAST(NULL AS INTEGER), CAST(NULL AS INTEGER), ''
FROM pooled
WHERE members > 0
