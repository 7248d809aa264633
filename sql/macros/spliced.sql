-- title: spliced(region, indicator): yearly levels as published and carried onto the latest basis, with the link that did it or the reason why none could
-- args: wanted_region, wanted_indicator
-- example: FROM spliced('hefei', 'gdp')
-- refuses: an indicator that is not a level
WITH series_asked AS MATERIALIZED (
    SELECT region_code, indicator FROM asked(wanted_region, wanted_indicator, caller := 'spliced', takes := 'level')
)
SELECT
    s.time_period, s.region, s.indicator, s.raw_value, s.spliced_value, s.link_factor, s.is_estimate, s.obs_status, s.unit,
    s.price_basis, s.origin, s.geography, s.break_id, s.method, s.reason, s.document_id, s.record
FROM series_asked AS a
JOIN spliced_observations AS s ON s.region_code = a.region_code AND s.indicator = a.indicator
ORDER BY s.period_start
