-- title: Yearly levels of series with breaks, one for each basis that has one
-- materialize: table
-- row: region_code, indicator, time_period, basis
-- inputs figure: observation_vintages WHERE document_id = this.document_id AND record = this.record AND region_code = this.region_code AND indicator = this.indicator AND time_period = this.time_period
-- column region_code: GB/T 2260 code of the region
-- column region: English name of the region
-- column indicator: Indicator; key of indicators
-- column time_period: The year
-- column period_start: First day of the year
-- column basis: Which basis it stands on, as in observation_bases; 0 is the latest
-- column value: The measured figure, in unit
-- column unit: Unit; key of units
-- column obs_status: SDMX OBS_STATUS of the figure
-- column qualifier: exact or about
-- column confidence: high, medium or low
-- column origin: Who made it; key of publishers
-- column geography: Day since which the boundaries it is about are in force; NULL when no change is recorded up to then
-- column document_id: Document of the figure
-- column record: Record of the figure in its document
SELECT
    region_code, region, indicator, time_period, period_start, basis, value, unit, obs_status, qualifier, confidence,
    origin, geography, document_id, record
FROM (
    SELECT
        v.region_code, v.region, v.indicator, v.time_period, v.period_start, b.basis, v.value, v.unit, v.obs_status,
        v.qualifier, v.confidence, v.origin, v.geography, v.document_id, v.record,
        -- As in preferred_observations, but that no basis hides behind another.
        row_number() OVER (
            PARTITION BY v.region_code, v.indicator, v.period_start, b.basis
            ORDER BY CASE v.qualifier WHEN 'exact' THEN 0 ELSE 1 END, s.origin_priority, v.series_id,
                v.vintage DESC, t.number DESC, v.document_id DESC, v.record DESC
        ) AS place
    FROM observation_vintages AS v
    JOIN observation_bases AS b
        ON b.series_id = v.series_id AND b.period_start = v.period_start AND b.document_id = v.document_id AND b.record = v.record
    JOIN series AS s ON s.series_id = v.series_id
    JOIN observation_statuses AS t ON t.id = v.status
    WHERE s.measure = 'level' AND v.frequency = 'A' AND v.standing = 3 AND v.qualifier IN ('exact', 'about')
) AS ranked
WHERE place = 1
