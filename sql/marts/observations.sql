-- title: Observations, latest vintage: one row per series and period
-- materialize: view
-- row: region_code, indicator, frequency, time_period, origin
-- inputs figure: observation_vintages WHERE document_id = this.document_id AND record = this.record AND region_code = this.region_code AND indicator = this.indicator AND frequency = this.frequency AND period_start = this.period_start AND origin = this.origin
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
-- column vintages: How many vintages of this figure are known
-- column document_id: Document it was read from; key of store.documents
-- column record: Ordinal of the record in the document
-- column derivation: The arithmetic, when the figure is derived and not printed
-- column note: Caveat of this one figure
SELECT
    series_id, region_code, region, indicator, frequency, time_period, period_start, value, unit, price_basis,
    population_scope, numerator, geography, obs_status, status, standing, qualifier, confidence, origin, published_at,
    known_at, vintages, document_id, record, derivation, note
FROM vintage_history
WHERE realtime_end = DATE '9999-12-31'
