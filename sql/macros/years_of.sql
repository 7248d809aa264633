-- title: years_of(region, indicator, splice): the yearly levels that calculations start from, each with the basis it stands on
-- args: wanted_region, wanted_indicator, splice := false, caller := 'years_of'
-- example: FROM years_of('hefei', 'gdp', splice := true)
-- refuses: an indicator that is not a level
WITH series_asked AS MATERIALIZED (
    SELECT region_code, indicator FROM asked(wanted_region, wanted_indicator, caller := caller, takes := 'level')
)
SELECT
    s.region_code, s.region, s.indicator, CAST(extract(YEAR FROM s.period_start) AS INTEGER) AS year,
    CASE WHEN splice THEN s.linked_value ELSE s.raw_value END AS level,
    CASE WHEN splice THEN s.linked_basis ELSE s.basis END AS basis,
    splice AND s.link_factor <> 1 AS is_estimate,
    s.qualifier, s.unit, s.price_basis, s.origin
FROM series_asked AS a
JOIN spliced_observations AS s ON s.region_code = a.region_code AND s.indicator = a.indicator
ORDER BY year
