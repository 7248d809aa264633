-- title: Revisions: every vintage that changed a figure, with what it replaced
-- materialize: table
-- row: region_code, indicator, origin, time_period, old_document_id, old_status, new_document_id, new_status
-- inputs before: observation_vintages WHERE series_id = this.series_id AND time_period = this.time_period AND document_id = this.old_document_id AND status = this.old_status
-- inputs after: observation_vintages WHERE series_id = this.series_id AND time_period = this.time_period AND document_id = this.new_document_id AND status = this.new_status
-- column series_id: Number of the series; key of series
-- column region_code: GB/T 2260 code of the region
-- column region: English name of the region
-- column indicator: Indicator; key of indicators
-- column time_period: The period
-- column origin: Who made the figures; key of publishers
-- column unit: Unit; key of units
-- column old_value: The figure before, in unit
-- column new_value: The figure after, in unit
-- column change: new_value less old_value, in unit
-- column old_status: Standing of the old figure
-- column new_status: Standing of the new figure
-- column old_document_id: Document of the old figure
-- column new_document_id: Document of the new figure
-- column published_at: When the new figure was published, at the latest; NULL when not known
-- column known_at: When this installation received it, UTC
SELECT
    series_id, region_code, region, indicator, time_period, origin, unit,
    old_value, value AS new_value, value - old_value AS change, old_status, status AS new_status,
    old_document_id, document_id AS new_document_id, published_at, known_at
FROM (
    SELECT
        v.*,
        lag(v.value) OVER w AS old_value,
        lag(v.status) OVER w AS old_status,
        lag(v.document_id) OVER w AS old_document_id
    FROM observation_vintages AS v
    JOIN observation_statuses AS t ON t.id = v.status
    -- A forecast that turns out otherwise is no revision, nor is a figure derived here.
    WHERE v.standing = 3
    WINDOW w AS (PARTITION BY v.series_id, v.period_start ORDER BY v.vintage, t.number, v.document_id, v.record)
) AS in_order
WHERE old_value <> value
