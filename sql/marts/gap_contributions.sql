-- title: What a gap is made of, where an identity holds on both sides
-- materialize: view
-- column identity: Key of gap_parts
-- column region_code: GB/T 2260 code of the region
-- column region: English name of the region
-- column benchmark: Key of benchmarks, of those that are one region's published figures: a median of parts is no part of a median
-- column benchmark_region: That region
-- column indicator: The whole
-- column time_period: The period
-- column unit: Unit of gap and contribution
-- column gap: The gap in the whole
-- column part: The part, an indicator; or the share of the first part in a mix
-- column contribution: What the part adds to the gap, in unit; the contributions add up to the gap
-- column contribution_percent: The same in percent of the gap
-- column share: Mix: the share of the first part that the region's three figures imply, percent
-- column benchmark_share: Mix: the same of the benchmark
-- column reason: Why there is no contribution
WITH wholes AS (
    SELECT DISTINCT g.identity, g.whole, g.kind, count(*) OVER (PARTITION BY g.identity) AS parts
    FROM gap_parts AS g
),
matched AS (
    SELECT
        w.identity, w.kind, w.parts, c.region_code, c.region, c.benchmark, c.benchmark_region, c.indicator, c.frequency,
        c.period_start, c.time_period, c.unit, c.value, c.benchmark_value, c.gap
    FROM wholes AS w
    JOIN comparisons AS c ON c.indicator = w.whole
    WHERE c.benchmark_indicator = c.indicator AND c.relation = 'like_for_like' AND c.benchmark_region IS NOT NULL AND c.gap IS NOT NULL
),
sides AS (
    SELECT
        m.identity, m.kind, m.parts, m.region_code, m.region, m.benchmark, m.benchmark_region, m.indicator, m.frequency,
        m.period_start, m.time_period, m.unit, m.value, m.benchmark_value, m.gap,
        count(c.gap) AS found,
        CAST(sum(CAST(c.value AS DECIMAL(38, 6))) AS DOUBLE) AS sum_value,
        CAST(sum(CAST(c.benchmark_value AS DECIMAL(38, 6))) AS DOUBLE) AS sum_benchmark,
        max(CASE WHEN g.position = 1 THEN c.value END) AS first_value,
        max(CASE WHEN g.position = 2 THEN c.value END) AS second_value,
        max(CASE WHEN g.position = 1 THEN c.benchmark_value END) AS first_benchmark,
        max(CASE WHEN g.position = 2 THEN c.benchmark_value END) AS second_benchmark
    FROM matched AS m
    JOIN gap_parts AS g ON g.identity = m.identity
    LEFT JOIN comparisons AS c
        ON c.region_code = m.region_code AND c.benchmark = m.benchmark AND c.indicator = g.part AND c.frequency = m.frequency
        AND c.period_start = m.period_start AND c.benchmark_indicator = c.indicator AND c.relation = 'like_for_like'
        AND c.gap IS NOT NULL AND c.unit = m.unit
    GROUP BY
        m.identity, m.kind, m.parts, m.region_code, m.region, m.benchmark, m.benchmark_region, m.indicator, m.frequency,
        m.period_start, m.time_period, m.unit, m.value, m.benchmark_value, m.gap
),
shares AS (
    SELECT
        s.*,
        CASE WHEN kind = 'mix' THEN (value - second_value) / nullif(first_value - second_value, 0) END AS share,
        CASE WHEN kind = 'mix' THEN (benchmark_value - second_benchmark) / nullif(first_benchmark - second_benchmark, 0) END AS benchmark_share
    FROM sides AS s
),
judged AS (
    SELECT
        s.*,
        CASE
            WHEN found < parts THEN 'only ' || CAST(found AS VARCHAR) || ' of ' || CAST(parts AS VARCHAR) || ' parts have a gap'
            -- Publishers round each part on its own.
            WHEN kind = 'sum' AND abs(sum_value - value) > 0.001 * abs(value) THEN 'the region''s parts do not add up to the whole'
            WHEN kind = 'sum' AND abs(sum_benchmark - benchmark_value) > 0.001 * abs(benchmark_value)
                THEN 'the benchmark''s parts do not add up to the whole'
            WHEN kind = 'mix' AND (share IS NULL OR share < 0 OR share > 1) THEN 'the region''s whole does not lie between its parts'
            WHEN kind = 'mix' AND (benchmark_share IS NULL OR benchmark_share < 0 OR benchmark_share > 1)
                THEN 'the benchmark''s whole does not lie between its parts'
            ELSE ''
        END AS reason
    FROM shares AS s
),
-- A mix has a third part: the difference in the share itself.
pieces AS (
    SELECT
        j.*, g.part, g.position,
        CASE
            WHEN j.reason <> '' THEN CAST(NULL AS DOUBLE)
            WHEN j.kind = 'sum' THEN c.gap
            WHEN g.position = 1 THEN (j.share + j.benchmark_share) / 2 * (j.first_value - j.first_benchmark)
            ELSE (1 - (j.share + j.benchmark_share) / 2) * (j.second_value - j.second_benchmark)
        END AS contribution
    FROM judged AS j
    JOIN gap_parts AS g ON g.identity = j.identity
    LEFT JOIN comparisons AS c
        ON c.region_code = j.region_code AND c.benchmark = j.benchmark AND c.indicator = g.part AND c.frequency = j.frequency
        AND c.period_start = j.period_start
    UNION ALL
    SELECT
        j.*, 'share of ' || g.part, 3,
        CASE
            WHEN j.reason = '' THEN (j.share - j.benchmark_share)
                * ((j.first_value + j.first_benchmark) / 2 - (j.second_value + j.second_benchmark) / 2)
        END
    FROM judged AS j
    JOIN gap_parts AS g ON g.identity = j.identity AND g.position = 1
    WHERE j.kind = 'mix'
)
SELECT
    identity, region_code, region, benchmark, benchmark_region, indicator, time_period, unit, gap, part, contribution,
    contribution / nullif(gap, 0) * 100 AS contribution_percent, share * 100 AS share, benchmark_share * 100 AS benchmark_share, reason
FROM pieces
