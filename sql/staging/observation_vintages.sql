-- title: Observations, every vintage: what each publisher said and when
-- materialize: view
-- row: series_id, period_start, document_id, record
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
-- column document_name: What its source calls the document: the same question asked again has the same name
-- column record: Ordinal of the record in the document
-- column derivation: The arithmetic, when the figure is derived and not printed
-- column note: Caveat of this one figure
WITH territories AS (
    SELECT region, effective, lead(effective) OVER (PARTITION BY region ORDER BY effective) AS until
    FROM (SELECT DISTINCT region, effective FROM region_events WHERE kind IN ('annexation', 'merger')) AS changes
),
-- Earlier years that a document restates for a later territory.
restated AS (
    SELECT
        d.document_id, r.region, b.indicator, e.effective,
        CAST(substr(r.first, 1, 4) AS INTEGER) AS first_year, CAST(substr(r.last, 1, 4) AS INTEGER) AS last_year
    FROM restatements AS r
    JOIN breaks AS b ON b.id = r.break_id
    JOIN region_events AS e ON e.id = b.event
    JOIN store.documents AS d ON d.name = r.document
    WHERE r.side = 'after'
)
SELECT
    o.series_id,
    s.region_code,
    s.region,
    s.indicator,
    s.frequency,
    CASE s.frequency
        WHEN 'A' THEN CAST(extract(YEAR FROM o.period) AS VARCHAR)
        WHEN 'S' THEN CAST(extract(YEAR FROM o.period) AS VARCHAR) || '-H' || CASE WHEN extract(MONTH FROM o.period) < 7 THEN '1' ELSE '2' END
        WHEN 'Q' THEN CAST(extract(YEAR FROM o.period) AS VARCHAR) || '-Q' || CAST(CAST(floor((extract(MONTH FROM o.period) + 2) / 3) AS INTEGER) AS VARCHAR)
        WHEN 'M' THEN CAST(extract(YEAR FROM o.period) AS VARCHAR) || '-' || lpad(CAST(extract(MONTH FROM o.period) AS VARCHAR), 2, '0')
        ELSE CAST(extract(YEAR FROM o.period) AS VARCHAR) || '/' || CAST(extract(YEAR FROM o.period) + CAST(substr(s.frequency, 2) AS INTEGER) - 1 AS VARCHAR)
    END AS time_period,
    o.period AS period_start,
    o.value,
    s.unit,
    s.price_basis,
    s.population_scope,
    s.numerator,
    coalesce(later.effective, own.effective) AS geography,
    t.obs_status,
    t.id AS status,
    t.standing,
    CASE o.qualifier WHEN 0 THEN 'exact' WHEN 1 THEN 'about' WHEN 2 THEN 'over' ELSE 'under' END AS qualifier,
    CASE o.confidence WHEN 3 THEN 'high' WHEN 2 THEN 'medium' ELSE 'low' END AS confidence,
    s.origin,
    d.published_at,
    d.known_at,
    least(coalesce(d.published_at, CAST(d.known_at AS DATE)), CAST(d.known_at AS DATE)) AS visible_from,
    o.vintage,
    o.document_id,
    d.name AS document_name,
    o.record,
    coalesce(m.derivation, '') AS derivation,
    coalesce(m.note, '') AS note
FROM store.observation AS o
JOIN series AS s ON s.series_id = o.series_id
JOIN observation_statuses AS t ON t.number = o.status
JOIN store.documents AS d ON d.document_id = o.document_id
LEFT JOIN store.remark AS m ON m.document_id = o.document_id AND m.record = o.record
-- The territory on the last day of the period: a day is not after it when its month
-- is not after the period's last.
LEFT JOIN territories AS own
    ON own.region = s.region_code
    AND extract(YEAR FROM own.effective) * 12 + extract(MONTH FROM own.effective)
        <= extract(YEAR FROM o.period) * 12 + extract(MONTH FROM o.period) - 1 + CASE s.frequency
            WHEN 'A' THEN 12 WHEN 'S' THEN 6 WHEN 'Q' THEN 3 WHEN 'M' THEN 1 ELSE 12 * CAST(substr(s.frequency, 2) AS INTEGER)
        END
    AND (
        own.until IS NULL
        OR extract(YEAR FROM own.until) * 12 + extract(MONTH FROM own.until)
            > extract(YEAR FROM o.period) * 12 + extract(MONTH FROM o.period) - 1 + CASE s.frequency
                WHEN 'A' THEN 12 WHEN 'S' THEN 6 WHEN 'Q' THEN 3 WHEN 'M' THEN 1 ELSE 12 * CAST(substr(s.frequency, 2) AS INTEGER)
            END
    )
LEFT JOIN restated AS later
    ON later.document_id = o.document_id AND later.region = s.region_code AND later.indicator = s.indicator
    AND extract(YEAR FROM o.period) >= later.first_year AND extract(YEAR FROM o.period) <= later.last_year
