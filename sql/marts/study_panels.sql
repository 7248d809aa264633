-- title: The figures each synthetic-control study is made from
-- materialize: view
-- column study_id: Key of studies
-- column region_code: A region that can take part
-- column region: English name of the region
-- column role: treated or donor
-- column year: The year
-- column treated: True from the first year the event can have changed
-- column value: The outcome, in unit
-- column unit: Unit; key of units
SELECT
    u.study_id, u.region_code, u.region, u.role, extract(YEAR FROM o.period_start) AS year,
    extract(YEAR FROM o.period_start) >= s.first_treated AS treated, o.value, o.unit
FROM study_units AS u
JOIN studies AS s ON s.id = u.study_id
JOIN comparable_observations AS o
    ON o.region_code = u.region_code AND o.indicator = s.indicator AND o.frequency = 'A' AND o.counted
    AND extract(YEAR FROM o.period_start) >= s.from_year AND extract(YEAR FROM o.period_start) <= s.to_year
WHERE u.usable
