-- title: Observations, every vintage, with its place in time: which release of its figure it is, and the days on which it was the one to read
-- materialize: table
-- per: series_id
-- row: region_code, indicator, frequency, time_period, origin, document_id, record
-- inputs figure: observation_vintages WHERE series_id = this.series_id AND period_start = this.period_start AND document_id = this.document_id AND record = this.record
-- column series_id: Number of the series; key of series
-- column region_code: GB/T 2260 code of the region; ISO 3166-1 alpha-3 for a country
-- column region: English name of the region
-- column indicator: Indicator; key of indicators
-- column frequency: SDMX FREQ: A, S, Q, M; A5 is a span of five years
-- column time_period: The period: 2013, 2020-H1, 2017-Q1, 2024-05, 2016/2020
-- column period_start: First day of the period
-- column value: The figure, in unit
-- column unit: Unit; key of units
-- column price_basis: current, constant or none
-- column population_scope: Whose income: all, urban, rural; none elsewhere
-- column numerator: What a share counts: output or value_added; none elsewhere
-- column geography: Day since which the boundaries the figure is about are in force; NULL when no change is recorded up to then
-- column obs_status: SDMX OBS_STATUS: A normal, P provisional, E estimated (derived here), F forecast or target
-- column status: Standing with the publisher; key of observation_statuses
-- column standing: 3 measured, 2 derived from other figures, 1 expected (forecast or target)
-- column qualifier: exact, about, over (a lower bound) or under (an upper bound)
-- column confidence: high, medium (one step removed) or low (a single weak copy)
-- column origin: Who made the figure; key of publishers
-- column published_at: When the publisher said it, at the latest; NULL when not known
-- column known_at: When this installation received it, UTC
-- column visible_from: First day on which as_of shows it: published_at or the day of known_at, whichever is earlier
-- column vintage: Orders the vintages of one figure; undated documents come first
-- column document_id: Document it was read from; key of store.documents
-- column record: Ordinal of the record in the document
-- column derivation: The arithmetic, when the figure is derived and not printed
-- column note: Caveat of this one figure
-- column vintages: How many vintages of this figure are known
-- column vintage_number: 1 for the first measured release that is known, 2 for the next that says something else, and so on; NULL for one that only confirms the one before it, for figures derived or expected, and for those of unknown date that are not called preliminary
-- column realtime_start: First day on which as_of can show it (ALFRED): the same as visible_from
-- column realtime_end: Last day on which as_of shows it: the day before a vintage that ranks higher was visible; 9999-12-31 for the latest; before realtime_start when it never was the one to read
WITH placed AS (
    -- Narrow rows are sorted, and the rest is joined to them again at the end: a sort
    -- that carries every column takes twice as long.
    --
    -- The order of the vintages of one figure, from the least to the most to be
    -- believed. It stands here and nowhere else: what was measured after what was
    -- derived and that after what was expected, whenever it was said; then the later
    -- vintage; within one day the more settled.
    SELECT
        v.series_id, v.period_start, v.document_id, v.record, v.visible_from, v.value, v.status, v.qualifier,
        CASE
            WHEN v.standing = 3 AND (v.vintage > DATE '0001-01-01' OR v.status = 'preliminary') THEN 1
            ELSE 0
        END AS released,
        row_number() OVER (
            PARTITION BY v.series_id, v.period_start
            ORDER BY v.standing, v.vintage, t.number, v.document_id, v.record
        ) AS place
    FROM observation_vintages AS v
    JOIN observation_statuses AS t ON t.id = v.status
),
compared AS (
    SELECT
        p.*,
        count(*) OVER (PARTITION BY series_id, period_start) AS vintages,
        min(visible_from) OVER (
            PARTITION BY series_id, period_start ORDER BY place ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
        ) AS superseded_from,
        CASE
            WHEN released = 0 THEN 0
            WHEN lag(released) OVER (PARTITION BY series_id, period_start ORDER BY place) = 1
                AND lag(value) OVER (PARTITION BY series_id, period_start ORDER BY place) = value
                AND lag(status) OVER (PARTITION BY series_id, period_start ORDER BY place) = status
                AND lag(qualifier) OVER (PARTITION BY series_id, period_start ORDER BY place) = qualifier
                THEN 0
            ELSE 1
        END AS says_more
    FROM placed AS p
),
numbered AS (
    SELECT
        series_id, period_start, document_id, record, vintages, superseded_from,
        CASE WHEN says_more = 1 THEN
            CAST(sum(CAST(says_more AS BIGINT)) OVER (PARTITION BY series_id, period_start ORDER BY place ROWS UNBOUNDED PRECEDING) AS INTEGER)
        END AS vintage_number
    FROM compared
)
SELECT
    v.series_id, v.region_code, v.region, v.indicator, v.frequency, v.time_period, v.period_start, v.value, v.unit,
    v.price_basis, v.population_scope, v.numerator, v.geography, v.obs_status, v.status, v.standing, v.qualifier, v.confidence, v.origin,
    v.published_at, v.known_at, v.visible_from, v.vintage, v.document_id, v.record, v.derivation, v.note,
    n.vintages, n.vintage_number, v.visible_from AS realtime_start,
    CASE WHEN n.superseded_from IS NULL THEN DATE '9999-12-31' ELSE CAST(n.superseded_from - INTERVAL '1' DAY AS DATE) END AS realtime_end
FROM numbered AS n
JOIN observation_vintages AS v
    ON v.series_id = n.series_id AND v.period_start = n.period_start AND v.document_id = n.document_id AND v.record = n.record
