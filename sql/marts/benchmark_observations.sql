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
-- column members: How many members other than the region have a figure; 1 for a published figure
-- column members_declared: How many members other than the region the benchmark has
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
        o.region_code AS benchmark_region, 1 AS members, 1 AS members_declared, o.obs_status, o.standing, o.qualifier,
        o.confidence, o.document_id, o.record, o.note
    FROM benchmarks AS b
    CROSS JOIN regions AS r
    JOIN region_countries AS c ON c.region_code = r.code
    JOIN preferred_observations AS o
        ON o.region_code = CASE b.scope WHEN 'country' THEN c.country WHEN 'region' THEN b.region WHEN 'parent' THEN r.parent END
    WHERE b.scope IN ('country', 'region', 'parent') AND o.region_code <> r.code
),
-- A region is never measured against a pool that holds itself, nor against
-- members in another country: money, prices and definitions differ there.
others AS (
    SELECT m.benchmark, m.region, r.region_code
    FROM benchmark_members AS m
    JOIN region_countries AS c ON c.region_code = m.region
    JOIN region_countries AS r ON r.country = c.country
    WHERE m.region <> r.region_code
),
sizes AS (
    SELECT benchmark, region_code, count(*) AS declared FROM others GROUP BY benchmark, region_code
),
pooled AS (
    SELECT
        b.id AS benchmark, b.rule, b.min_members, m.region_code, o.indicator, o.frequency, o.time_period, o.period_start, o.unit,
        -- Floating-point sums depend on the order of rows, which engines do not
        -- promise; a decimal sum is the same on every rebuild.
        CAST(sum(CAST(o.value AS DECIMAL(38, 6))) AS DOUBLE) / count(*) AS mean_value,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY o.value) AS median_value,
        count(*) AS members,
        min(o.standing) AS standing,
        min(CASE o.confidence WHEN 'high' THEN 3 WHEN 'medium' THEN 2 ELSE 1 END) AS confidence
    FROM benchmarks AS b
    JOIN others AS m ON m.benchmark = b.id
    JOIN preferred_observations AS o ON o.region_code = m.region
    WHERE b.scope = 'members' AND o.qualifier = 'exact' AND o.standing >= 2
    GROUP BY b.id, b.rule, b.min_members, m.region_code, o.indicator, o.frequency, o.time_period, o.period_start, o.unit
)
SELECT
    benchmark, region_code, indicator, frequency, time_period, period_start, value, unit, benchmark_region, members,
    members_declared, obs_status, standing, qualifier, confidence, document_id, record, note
FROM single
UNION ALL
SELECT
    p.benchmark, p.region_code, p.indicator, p.frequency, p.time_period, p.period_start,
    CASE WHEN p.members < p.min_members THEN CAST(NULL AS DOUBLE) WHEN p.rule = 'mean' THEN p.mean_value ELSE p.median_value END,
    p.unit, CAST(NULL AS VARCHAR), p.members, s.declared,
    'E',
    p.standing, 'exact',
    CASE p.confidence WHEN 3 THEN 'high' WHEN 2 THEN 'medium' ELSE 'low' END,
    CAST(NULL AS INTEGER), CAST(NULL AS INTEGER), ''
FROM pooled AS p
JOIN sizes AS s ON s.benchmark = p.benchmark AND s.region_code = p.region_code
