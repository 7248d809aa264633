-- title: Vintages in order: which release of its figure each one is, and on which days it was the one to read
-- materialize: table
-- column series_id: Number of the series; key of series
-- column period_start: First day of the period
-- column document_id: Document of the vintage; with record, series_id and period_start it names a row of observation_vintages
-- column record: Ordinal of the record in the document
-- column vintages: How many vintages of this figure are known
-- column vintage_number: 1 for the first measured release that is known, 2 for the next that says something else, and so on; NULL for one that only confirms the one before it, for figures derived or expected, and for those of unknown date that are not called preliminary
-- column realtime_start: First day on which as_of can show it (ALFRED): the day from which it was visible
-- column realtime_end: Last day on which as_of shows it: the day before a vintage that ranks higher was visible; 9999-12-31 for the latest; before realtime_start when it never was the one to read
WITH placed AS (
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
)
SELECT
    series_id, period_start, document_id, record, vintages,
    CASE WHEN says_more = 1 THEN
        CAST(sum(CAST(says_more AS BIGINT)) OVER (PARTITION BY series_id, period_start ORDER BY place ROWS UNBOUNDED PRECEDING) AS INTEGER)
    END AS vintage_number,
    visible_from AS realtime_start,
    CASE WHEN superseded_from IS NULL THEN DATE '9999-12-31' ELSE CAST(superseded_from - INTERVAL '1' DAY AS DATE) END AS realtime_end
FROM compared
