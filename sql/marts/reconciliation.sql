-- title: Figures that several origins give: the preferred one beside each other one
-- materialize: table
-- row: region_code, indicator, frequency, time_period, other_origin
-- inputs preferred: observation_vintages WHERE document_id = this.preferred_document_id AND record = this.preferred_record AND region_code = this.region_code AND indicator = this.indicator AND time_period = this.time_period
-- inputs other: observation_vintages WHERE document_id = this.other_document_id AND record = this.other_record AND region_code = this.region_code AND indicator = this.indicator AND time_period = this.time_period
-- column region_code: GB/T 2260 code of the region; ISO 3166-1 alpha-3 for a country
-- column region: English name of the region
-- column indicator: Indicator; key of indicators
-- column frequency: SDMX FREQ
-- column time_period: The period
-- column period_start: First day of the period
-- column unit: Unit of both values; key of units
-- column standing: Standing of both: 3 measured, 2 derived, 1 expected; the lower of the two where they differ
-- column preferred_origin: The origin that preferred_observations takes, by priority in publishers
-- column preferred_value: Its figure, in unit
-- column preferred_obs_status: SDMX OBS_STATUS of it
-- column preferred_published_at: When it was published, at the latest; NULL when not known
-- column preferred_document_id: Document it was read from; key of store.documents
-- column preferred_record: Ordinal of the record in that document
-- column preferred_copies: Documents that print this value of this origin: copies count as one statement
-- column other_origin: The other origin
-- column other_value: Its figure, in unit
-- column other_obs_status: SDMX OBS_STATUS of it
-- column other_published_at: When it was published, at the latest; NULL when not known
-- column other_document_id: Document it was read from
-- column other_record: Ordinal of the record in that document
-- column other_copies: Documents that print this value of the other origin
-- column difference: other_value less preferred_value, in unit (percentage points where the unit is percent)
-- column difference_percent: difference in percent of preferred_value; NULL for rates and shares
-- column within_rounding: True when one is the other with fewer digits
-- column verdict: agree, rounding, disagree, or not_compared (a forecast and a result, or a bound)
-- column independent: False when origin_links says that one takes from the other or both from a third, or when one is derived here
WITH statements AS (
    SELECT series_id, period_start, value, count(*) AS copies FROM attestations GROUP BY series_id, period_start, value
)
SELECT
    c.region_code, c.region, c.indicator, c.frequency, c.time_period, c.period_start, c.unit, c.standing,
    c.origin AS preferred_origin, c.value AS preferred_value, p.obs_status AS preferred_obs_status, p.published_at AS preferred_published_at,
    p.document_id AS preferred_document_id, p.record AS preferred_record, ps.copies AS preferred_copies,
    c.other_origin, c.other_value, o.obs_status AS other_obs_status, o.published_at AS other_published_at,
    o.document_id AS other_document_id, o.record AS other_record, os.copies AS other_copies,
    c.difference, c.difference_percent, c.within_rounding, c.verdict, c.independent
FROM origin_pairs AS c
JOIN preferred_observations AS p ON p.series_id = c.series_id AND p.period_start = c.period_start
JOIN observations AS o ON o.series_id = c.other_series_id AND o.period_start = c.period_start
JOIN statements AS ps ON ps.series_id = c.series_id AND ps.period_start = c.period_start AND ps.value = c.value
JOIN statements AS os ON os.series_id = c.other_series_id AND os.period_start = c.period_start AND os.value = c.other_value
