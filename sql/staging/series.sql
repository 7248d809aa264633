-- title: Series: what each one measures, spelled out
-- materialize: table
-- column series_id: Number of the series
-- column region_code: GB/T 2260 code of the region; ISO 3166-1 alpha-3 for a country
-- column region: English name of the region
-- column region_zh: Chinese name of the region
-- column indicator: Indicator; key of indicators
-- column indicator_title: English title of the indicator
-- column measure: level, growth, average_growth, share or ratio
-- column unit: Unit of every value of the series; key of units
-- column unit_measure: SDMX UNIT_MEASURE: what the unit measures
-- column unit_mult: SDMX UNIT_MULT: the power of ten one unit stands for
-- column decimals: Digits after the point that publishers normally print
-- column price_basis: current, constant or none
-- column population_scope: Whose income: all, urban, rural; none elsewhere
-- column numerator: What a share counts: output or value_added; none elsewhere
-- column denominator: What a share is a share of
-- column accumulation: period, year_to_date or stock
-- column frequency: SDMX FREQ: A, S, Q, M; A5 is a span of five years
-- column origin: Who made the figures; key of publishers
-- column origin_name: English name of the origin
-- column origin_priority: Lower is preferred where several origins give one figure
SELECT
    s.series_id,
    s.region_code,
    r.name_en AS region,
    r.name_zh AS region_zh,
    s.indicator,
    i.title_en AS indicator_title,
    i.measure,
    i.unit,
    u.unit_measure,
    u.unit_mult,
    i.decimals,
    i.price_basis,
    i.population_scope,
    i.numerator,
    i.denominator,
    i.accumulation,
    s.frequency,
    s.origin,
    p.name_en AS origin_name,
    p.priority AS origin_priority
FROM store.series AS s
JOIN regions AS r ON r.code = s.region_code
JOIN indicators AS i ON i.id = s.indicator
JOIN units AS u ON u.id = i.unit
JOIN publishers AS p ON p.id = s.origin
