-- title: Revisions: every release that changed a measured figure, with what it replaced and why
-- materialize: table
-- row: region_code, indicator, frequency, origin, time_period, new_document_id, new_record
-- inputs before: observation_vintages WHERE series_id = this.series_id AND time_period = this.time_period AND document_id = this.old_document_id AND record = this.old_record
-- inputs after: observation_vintages WHERE series_id = this.series_id AND time_period = this.time_period AND document_id = this.new_document_id AND record = this.new_record
-- column series_id: Number of the series; key of series
-- column region_code: GB/T 2260 code of the region
-- column region: English name of the region
-- column indicator: Indicator; key of indicators
-- column frequency: SDMX FREQ
-- column time_period: The period
-- column period_start: First day of the period
-- column origin: Who made the figures; key of publishers
-- column unit: Unit; key of units
-- column vintage_number: Which release the new figure is: 2 for the first revision; see vintage_history
-- column old_value: The figure before, in unit
-- column new_value: The figure after, in unit
-- column change: new_value less old_value, in unit (percentage points where the unit is percent)
-- column change_percent: change in percent of old_value, for levels and ratios; NULL for rates and shares
-- column tolerances: Size of the change in tolerances of the indicator (revision_tolerance_percent), by which levels and rates can be ranked together
-- column type: update (later or fuller data in the ordinary course: ONS R1, R2), correction (ONS C), methodology (ONS R3) or census (ONS R3)
-- column event_id: The declared event it belongs to; key of revision_events; NULL when none is declared
-- column old_status: Standing of the old figure
-- column new_status: Standing of the new figure
-- column old_document_id: Document of the old figure
-- column old_record: Record of the old figure in its document
-- column new_document_id: Document of the new figure
-- column new_record: Record of the new figure in its document
-- column published_at: When the new figure was published, at the latest; NULL when not known
-- column visible_from: First day on which as_of can show the new figure
-- column known_at: When this installation received it, UTC
WITH released AS (
    SELECT
        h.*, t.number AS status_number,
        lag(h.value) OVER (PARTITION BY h.series_id, h.period_start ORDER BY h.vintage_number) AS old_value,
        lag(h.status) OVER (PARTITION BY h.series_id, h.period_start ORDER BY h.vintage_number) AS old_status,
        lag(t.number) OVER (PARTITION BY h.series_id, h.period_start ORDER BY h.vintage_number) AS old_number,
        lag(h.document_id) OVER (PARTITION BY h.series_id, h.period_start ORDER BY h.vintage_number) AS old_document_id,
        lag(h.record) OVER (PARTITION BY h.series_id, h.period_start ORDER BY h.vintage_number) AS old_record
    FROM vintage_history AS h
    JOIN observation_statuses AS t ON t.id = h.status
    WHERE h.vintages > 1 AND h.vintage_number IS NOT NULL
),
-- Of two undated figures nobody can say which revised which.
changed AS (
    SELECT * FROM released WHERE old_value <> value AND vintage > DATE '0001-01-01'
),
within AS (
    SELECT code AS region, code AS area FROM regions
    UNION ALL SELECT code, parent FROM regions
    UNION ALL SELECT r.code, p.parent FROM regions AS r JOIN regions AS p ON p.code = r.parent
    UNION ALL SELECT r.code, g.parent FROM regions AS r JOIN regions AS p ON p.code = r.parent JOIN regions AS g ON g.code = p.parent
),
-- The declared event of each revision: one about this maker before one about any,
-- then the one that moves most.
explained AS (
    SELECT
        c.series_id, c.period_start, c.vintage_number, e.id, e.kind,
        row_number() OVER (
            PARTITION BY c.series_id, c.period_start, c.vintage_number
            ORDER BY
                CASE WHEN e.origin IS NULL THEN 2 ELSE 1 END,
                CASE e.kind WHEN 'census' THEN 1 WHEN 'methodology' THEN 2 WHEN 'correction' THEN 3 ELSE 4 END,
                e.id
        ) AS place
    FROM changed AS c
    JOIN within AS w ON w.region = c.region_code
    JOIN revision_events AS e
        ON e.region = w.area AND e.indicator = c.indicator
        AND extract(YEAR FROM c.period_start) BETWEEN e.first AND e.last
        AND c.vintage BETWEEN e.published_from AND coalesce(e.published_to, DATE '9999-12-31')
    WHERE e.origin IS NULL OR e.origin = c.origin
)
SELECT
    c.series_id, c.region_code, c.region, c.indicator, c.frequency, c.time_period, c.period_start, c.origin, c.unit, c.vintage_number,
    c.old_value, c.value AS new_value, c.value - c.old_value AS change,
    CASE WHEN i.measure IN ('level', 'ratio') AND c.old_value <> 0 THEN (c.value - c.old_value) / abs(c.old_value) * 100 END AS change_percent,
    CASE
        WHEN i.revision_tolerance_percent = 0 OR (i.measure IN ('level', 'ratio') AND c.old_value = 0) THEN CAST(NULL AS DOUBLE)
        WHEN i.measure IN ('level', 'ratio') THEN abs((c.value - c.old_value) / c.old_value * 100) / i.revision_tolerance_percent
        ELSE abs(c.value - c.old_value) / i.revision_tolerance_percent
    END AS tolerances,
    -- Undeclared, a figure that is more settled than the last, or called a later
    -- vintage after no final one, is an update; the same standing said otherwise is a
    -- correction.
    CASE
        WHEN e.kind IS NOT NULL THEN e.kind
        WHEN c.status_number > c.old_number OR (c.status = 'revised' AND c.old_status = 'revised') THEN 'update'
        ELSE 'correction'
    END AS type,
    e.id AS event_id,
    c.old_status, c.status AS new_status, c.old_document_id, c.old_record, c.document_id AS new_document_id, c.record AS new_record,
    c.published_at, c.visible_from, c.known_at
FROM changed AS c
JOIN indicators AS i ON i.id = c.indicator
LEFT JOIN explained AS e
    ON e.series_id = c.series_id AND e.period_start = c.period_start AND e.vintage_number = c.vintage_number AND e.place = 1
