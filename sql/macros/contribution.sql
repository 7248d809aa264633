-- title: contribution(region, part, whole): percentage points that a part contributed to the growth of its whole, at the price basis of both
-- args: wanted_region, part, whole, splice := false
-- example: FROM contribution('hefei', 'sei_output', 'industrial_output')
-- refuses: a part that is not declared to be contained in the whole; indicators of two price bases or measures; row by row, changes across a break of either unless spliced
WITH series_asked AS MATERIALIZED (
    SELECT p.indicator, f.factor
    FROM asked(wanted_region, part, caller := 'contribution', takes := 'level') AS p
    CROSS JOIN asked(wanted_region, whole, caller := 'contribution', takes := 'level') AS w
    LEFT JOIN indicator_relations AS r ON r.indicator = p.indicator AND r.relation = 'part_of' AND r.other = w.indicator
    LEFT JOIN unit_conversions AS f ON f.from_unit = p.unit AND f.to_unit = w.unit
    LEFT JOIN indicator_pairs AS x ON x.indicator = p.indicator AND x.other = w.indicator
    WHERE CASE
        WHEN f.factor IS NULL OR p.price_basis <> w.price_basis THEN error('contribution: ' || x.refusal)
        WHEN r.indicator IS NULL THEN error('contribution: ' || p.indicator || ' is not contained in ' || w.indicator || coalesce('; ' || x.refusal, '; indicator_relations has what is'))
        ELSE true
    END
),
parts AS MATERIALIZED (
    SELECT * FROM years_of(wanted_region, part, splice := splice, caller := 'contribution')
),
wholes AS MATERIALIZED (
    SELECT * FROM years_of(wanted_region, whole, splice := splice, caller := 'contribution')
),
joined AS (
    SELECT
        w.year, w.region, p.indicator AS part_indicator, w.indicator AS whole_indicator, w.price_basis,
        p.level * a.factor AS part_level, p0.level * a.factor AS part_before, w.level AS whole_level, w0.level AS whole_before,
        p.qualifier = 'exact' AND p0.qualifier = 'exact' AND w.qualifier = 'exact' AND w0.qualifier = 'exact' AS exact,
        p.is_estimate OR p0.is_estimate OR w.is_estimate OR w0.is_estimate AS is_estimate,
        coalesce((
        SELECT min_by(b.title || ' (' || b.break_id || ')', b.number)
        FROM region_breaks AS b
        WHERE b.region_code = w.region_code AND b.indicator = w.indicator
            AND ((w.basis >> (b.number - 1)) & 1) <> ((w0.basis >> (b.number - 1)) & 1)
    ), (
        SELECT min_by(b.title || ' (' || b.break_id || ')', b.number)
        FROM region_breaks AS b
        WHERE b.region_code = p.region_code AND b.indicator = p.indicator
            AND ((p.basis >> (b.number - 1)) & 1) <> ((p0.basis >> (b.number - 1)) & 1)
    )) AS crossed
    FROM series_asked AS a
    CROSS JOIN wholes AS w
    JOIN wholes AS w0 ON w0.year = w.year - 1
    JOIN parts AS p ON p.year = w.year
    JOIN parts AS p0 ON p0.year = w.year - 1
)
SELECT
    year, region, part_indicator, whole_indicator,
    CASE WHEN reason = '' THEN (part_level - part_before) / whole_before * 100 END AS contribution_points,
    CASE WHEN reason = '' THEN (whole_level / whole_before - 1) * 100 END AS whole_growth_percent,
    price_basis, is_estimate, reason
FROM (
    SELECT *, CASE
        WHEN crossed IS NOT NULL THEN (year - 1) || ' and ' || year || ' stand on two sides of a break: ' || crossed
        WHEN NOT exact THEN 'printed as about: too rounded for a change'
        WHEN whole_before = 0 THEN (year - 1) || ' is 0'
        ELSE ''
    END AS reason
    FROM joined
)
ORDER BY year
