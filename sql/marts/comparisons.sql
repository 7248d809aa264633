-- title: Every region against every benchmark, indicator by indicator, period by period
-- materialize: view
-- column region_code: GB/T 2260 code of the region; ISO 3166-1 alpha-3 for a country
-- column region: English name of the region
-- column benchmark: Key of benchmarks
-- column indicator: Indicator; key of indicators
-- column frequency: SDMX FREQ
-- column time_period: The period
-- column period_start: First day of the period
-- column unit: Unit of value; key of units
-- column value: The region's figure, in unit
-- column obs_status: SDMX OBS_STATUS of value
-- column qualifier: exact, about, over or under: how value bounds the truth
-- column confidence: high, medium or low: of value
-- column origin: Who made value; key of publishers
-- column document_id: Document of value
-- column record: Record of value in its document
-- column derivation: The arithmetic, when value is derived and not printed
-- column note: Caveat of value
-- column benchmark_indicator: Indicator of the benchmark's figure; differs from indicator where none like it exists
-- column benchmark_region: The region whose published figure it is; NULL for a rule over members
-- column benchmark_value: The benchmark's figure; NULL when it has none for the period
-- column benchmark_unit: Unit of benchmark_value
-- column benchmark_obs_status: SDMX OBS_STATUS of benchmark_value
-- column benchmark_qualifier: exact, about, over or under
-- column benchmark_confidence: high, medium or low
-- column benchmark_members: How many members stand behind benchmark_value
-- column benchmark_members_declared: How many members the benchmark has
-- column benchmark_members_elsewhere: How many have a figure on another definition and are left out
-- column benchmark_weights_missing: How many have a figure and no weight and are left out; 0 unless the benchmark is weighted
-- column benchmark_document_id: Document of benchmark_value
-- column benchmark_record: Record of benchmark_value in its document
-- column benchmark_note: Caveat of benchmark_value
-- column relation: like_for_like, not_like_for_like (labelled wherever it is shown) or context (another measure: no gap)
-- column reason: Why relation is not like_for_like
-- column gap: value less benchmark_value, in unit (percentage points where the unit is percent); NULL for context and bounds
-- column gap_percent: gap in percent of benchmark_value, for levels; NULL for rates and shares
-- column ratio: value over benchmark_value, for levels
-- column index_100: value with the benchmark at 100, for levels
-- column ranking: Rank among the members and the region, 1 for the highest value; equal values share the better rank. Only figures on one definition are ranked, and NULL when too few are
-- column ranking_tied: How many members share the rank
-- column ranking_of: How many are ranked, the region among them
-- column percentile: Percent of the other members below the region, those with the same value counted half
-- column break_id: Break that starts with this period in the region's series; key of breaks
WITH pairs AS (
    SELECT
        b.id AS benchmark, i.id AS indicator, i.measure,
        coalesce(p.benchmark_indicator, i.id) AS benchmark_indicator,
        coalesce(p.relation, 'like_for_like') AS relation,
        coalesce(p.reason_en, '') AS reason
    FROM benchmarks AS b
    CROSS JOIN indicators AS i
    LEFT JOIN benchmark_pairs AS p ON p.benchmark = b.id AND p.indicator = i.id
    LEFT JOIN benchmark_weights AS w ON w.benchmark = b.id AND w.indicator = i.id
    WHERE (b.population_scope IS NULL OR b.population_scope = i.population_scope OR p.benchmark IS NOT NULL)
        AND (b.rule <> 'weighted_mean' OR w.indicator IS NOT NULL)
),
starts AS (
    SELECT region, indicator, period, min(id) AS id FROM breaks GROUP BY region, indicator, period
),
facing AS (
    SELECT
        o.*, p.benchmark, p.measure, p.benchmark_indicator, p.relation AS declared, p.reason AS declared_reason,
        n.benchmark_region, n.value AS benchmark_value, n.unit AS benchmark_unit, n.obs_status AS benchmark_obs_status,
        n.qualifier AS benchmark_qualifier, n.confidence AS benchmark_confidence, n.members AS benchmark_members,
        n.members_declared AS benchmark_members_declared, n.document_id AS benchmark_document_id,
        n.record AS benchmark_record, n.note AS benchmark_note,
        n.members_elsewhere AS benchmark_members_elsewhere, n.weights_missing AS benchmark_weights_missing,
        f.basis, f.basis_until, n.basis AS benchmark_basis, n.basis_until AS benchmark_basis_until,
        k.ranking, k.tied AS ranking_tied, CASE WHEN k.ranking IS NOT NULL THEN k.others + 1 END AS ranking_of, k.percentile,
        own.id AS own_break, shared.id AS shared_break
    FROM preferred_observations AS o
    JOIN comparable_observations AS f
        ON f.region_code = o.region_code AND f.indicator = o.indicator AND f.frequency = o.frequency AND f.period_start = o.period_start
    JOIN pairs AS p ON p.indicator = o.indicator
    LEFT JOIN benchmark_observations AS n
        ON n.benchmark = p.benchmark AND n.region_code = o.region_code AND n.indicator = p.benchmark_indicator
        AND n.frequency = o.frequency AND n.period_start = o.period_start
    LEFT JOIN benchmark_ranks AS k
        ON k.benchmark = p.benchmark AND k.region_code = o.region_code AND k.indicator = o.indicator
        AND k.frequency = o.frequency AND k.period_start = o.period_start
    LEFT JOIN starts AS own ON own.region = o.region_code AND own.indicator = o.indicator AND own.period = o.time_period
    LEFT JOIN starts AS shared ON shared.region IS NULL AND shared.indicator = o.indicator AND shared.period = o.time_period
),
judged AS (
    SELECT
        f.*,
        CASE
            WHEN f.declared = 'like_for_like' AND f.benchmark_value IS NOT NULL AND f.basis <> f.benchmark_basis THEN 'not_like_for_like'
            ELSE f.declared
        END AS relation,
        CASE
            WHEN f.declared <> 'like_for_like' OR f.benchmark_value IS NULL OR f.basis = f.benchmark_basis THEN f.declared_reason
            WHEN f.benchmark_region IS NULL
                THEN 'the region''s figure is on one definition (' || f.basis || '), those of the members on another (' || f.benchmark_basis || ')'
            WHEN f.benchmark_basis = 'current'
                THEN 'the region''s figure is on the definition used before ' || f.basis_until || ', the benchmark''s is not'
            WHEN f.basis = 'current'
                THEN 'the benchmark''s figure is on the definition used before ' || f.benchmark_basis_until || ', the region''s is not'
            ELSE 'the region''s figure is on the definition used before ' || f.basis_until
                || ', the benchmark''s on that used before ' || f.benchmark_basis_until || ', which is another'
        END AS reason,
        CASE
            WHEN f.declared <> 'context' AND f.unit = f.benchmark_unit
                AND f.qualifier IN ('exact', 'about') AND f.benchmark_qualifier IN ('exact', 'about')
                THEN f.value - f.benchmark_value
        END AS gap
    FROM facing AS f
)
SELECT
    region_code, region, benchmark, indicator, frequency, time_period, period_start, unit, value, obs_status, qualifier,
    confidence, origin, document_id, record, derivation, note,
    benchmark_indicator, benchmark_region, benchmark_value, benchmark_unit, benchmark_obs_status, benchmark_qualifier,
    benchmark_confidence, benchmark_members, benchmark_members_declared, benchmark_members_elsewhere, benchmark_weights_missing,
    benchmark_document_id, benchmark_record, benchmark_note,
    relation, reason, gap,
    CASE WHEN measure = 'level' AND benchmark_value <> 0 THEN gap / benchmark_value * 100 END AS gap_percent,
    CASE WHEN measure = 'level' AND gap IS NOT NULL AND benchmark_value <> 0 THEN value / benchmark_value END AS ratio,
    CASE WHEN measure = 'level' AND gap IS NOT NULL AND benchmark_value <> 0 THEN value / benchmark_value * 100 END AS index_100,
    ranking, ranking_tied, ranking_of, percentile,
    coalesce(own_break, shared_break) AS break_id
FROM judged
