-- title: rebase(region, indicator, base_year): yearly levels as an index, base_year = 100
-- args: wanted_region, wanted_indicator, base_year, splice := false
-- example: FROM rebase('hefei', 'gdp', 2018, splice := true)
-- refuses: an indicator that is not a level; a base year without a figure; row by row, a year on another side of a break than the base year
WITH years AS MATERIALIZED (
    SELECT * FROM years_of(wanted_region, wanted_indicator, splice := splice, caller := 'rebase')
),
base AS MATERIALIZED (
    SELECT CASE
        WHEN count(*) = 0 THEN error('rebase: no figure of ' || wanted_indicator || ' is known for ' || wanted_region)
        WHEN count(*) FILTER (WHERE year = base_year) = 0
            THEN error('rebase: ' || base_year || ' has no figure; the years go from ' || min(year) || ' to ' || max(year))
        WHEN max(level) FILTER (WHERE year = base_year) = 0 THEN error('rebase: the figure of ' || base_year || ' is 0')
        ELSE max(level) FILTER (WHERE year = base_year)
    END AS level, max(basis) FILTER (WHERE year = base_year) AS basis
    FROM years
)
SELECT
    y.year, y.region, y.indicator, y.level AS value, y.unit,
    CASE WHEN y.basis = b.basis THEN y.level / b.level * 100 END AS index_value,
    y.price_basis, y.is_estimate,
    CASE WHEN y.basis <> b.basis THEN y.year || ' and ' || base_year || ' stand on two sides of a break: ' || (
        SELECT min_by(b.title || ' (' || b.break_id || ')', b.number)
        FROM region_breaks AS b
        WHERE b.region_code = y.region_code AND b.indicator = y.indicator
            AND ((y.basis >> (b.number - 1)) & 1) <> ((b.basis >> (b.number - 1)) & 1)
    ) ELSE '' END AS reason
FROM years AS y
CROSS JOIN base AS b
ORDER BY y.year
