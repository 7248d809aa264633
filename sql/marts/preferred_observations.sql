-- title: Observations, one per region, indicator and period: the preferred origin's
-- materialize: table
-- row: region_code, indicator, frequency, time_period
-- inputs figure: observation_vintages WHERE document_id = this.document_id AND record = this.record AND region_code = this.region_code AND indicator = this.indicator AND frequency = this.frequency AND period_start = this.period_start AND origin = this.origin
-- per: region_code, indicator
-- column region_code: GB/T 2260 code of the region; ISO 3166-1 alpha-3 for a country
-- column region: English name of the region
-- column indicator: Indicator; key of indicators
-- column frequency: SDMX FREQ: A, S, Q, M; A5 is a span of five years
-- column time_period: The period: 2013, 2020-H1, 2017-Q1, 2024-05, 2016/2020
-- column period_start: First day of the period
-- column value: The figure, in unit
-- column unit: Unit; key of units
-- column obs_status: SDMX OBS_STATUS: A normal, P provisional, E estimated (derived here), F forecast or target
-- column standing: 3 measured, 2 derived from other figures, 1 expected (forecast or target)
-- column qualifier: exact, about, over (a lower bound) or under (an upper bound)
-- column confidence: high, medium (one step removed) or low (a single weak copy)
-- column origin: Who made the figure; key of publishers
-- column origins: How many origins give this figure; all are in observations
-- column series_id: Number of the series it is from
-- column published_at: When the publisher said it, at the latest; NULL when not known
-- column document_id: Document it was read from; key of store.documents
-- column record: Ordinal of the record in the document
-- column derivation: The arithmetic, when the figure is derived and not printed
-- column note: Caveat of this one figure
SELECT
    region_code, region, indicator, frequency, time_period, period_start, value, unit, obs_status, standing,
    qualifier, confidence, origin, origins, series_id, published_at, document_id, record, derivation, note
FROM (
    SELECT
        o.*,
        count(*) OVER (PARTITION BY o.region_code, o.indicator, o.frequency, o.period_start) AS origins,
        -- The declared rule: measured before derived before expected, then the
        -- origin's priority in publishers.csv.
        row_number() OVER (
            PARTITION BY o.region_code, o.indicator, o.frequency, o.period_start
            ORDER BY o.standing DESC, s.origin_priority, o.series_id
        ) AS place
    FROM observations AS o
    JOIN series AS s ON s.series_id = o.series_id
) AS ranked
WHERE place = 1
