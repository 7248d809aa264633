-- title: per_capita(region, indicator): a yearly level a head of the population that made it, in single units of its measure
-- args: wanted_region, wanted_indicator, population := 'population_resident'
-- example: FROM per_capita('hefei', 'gdp')
-- refuses: what is a head already, or no level; a population that did not make it, such as the registered one for output; row by row, years without the population of both year ends on one basis
WITH series_asked AS MATERIALIZED (
    SELECT a.*, r.relation, p.indicator AS population_indicator, f.factor AS to_single, f.to_unit AS single, h.factor AS to_heads
    FROM asked(wanted_region, wanted_indicator, caller := 'per_capita', takes := 'level') AS a
    CROSS JOIN asked(wanted_region, population, caller := 'per_capita', takes := 'level') AS p
    LEFT JOIN indicator_relations AS r
        ON r.indicator = a.indicator AND r.other = p.indicator AND r.relation IN ('per_head_of', 'per_head_of_average')
    LEFT JOIN unit_conversions AS f ON f.from_unit = a.unit AND f.to_unit IN (SELECT id FROM units WHERE unit_mult = 0)
    LEFT JOIN unit_conversions AS h ON h.from_unit = p.unit AND h.to_unit IN (SELECT id FROM units WHERE unit_mult = 0)
    WHERE CASE
        WHEN a.population_scope <> 'none' THEN error(
            'per_capita: ' || a.indicator || ' is about ' || a.population_scope || ' residents already and is not divided by ' || p.indicator
        )
        WHEN r.relation IS NULL THEN error(
            'per_capita: ' || a.indicator || ' is not divided by ' || p.indicator || ' (' || p.title || ')' || coalesce(
                '; write ' || (SELECT string_agg(w.other, ' or ' ORDER BY w.other DESC) || '. ' || min(w.note) FROM indicator_relations AS w
                    WHERE w.indicator = a.indicator AND w.relation IN ('per_head_of', 'per_head_of_average')), ''
            )
        )
        ELSE true
    END
),
levels AS MATERIALIZED (
    SELECT * FROM years_of(wanted_region, wanted_indicator, caller := 'per_capita')
),
heads AS MATERIALIZED (
    SELECT * FROM years_of(wanted_region, population, caller := 'per_capita')
),
joined AS (
    SELECT
        l.year, l.region, l.indicator, l.level AS value, l.unit, l.price_basis, a.single, a.to_single, a.population_indicator,
        a.relation = 'per_head_of_average' AS averaged,
        p0.level * a.to_heads AS heads_before, p.level * a.to_heads AS heads,
        (
        SELECT min_by(b.title || ' (' || b.break_id || ')', b.number)
        FROM region_breaks AS b
        WHERE b.region_code = p.region_code AND b.indicator = p.indicator
            AND ((p.basis >> (b.number - 1)) & 1) <> ((p0.basis >> (b.number - 1)) & 1)
    ) AS crossed
    FROM series_asked AS a
    CROSS JOIN levels AS l
    LEFT JOIN heads AS p ON p.year = l.year
    LEFT JOIN heads AS p0 ON p0.year = l.year - 1 AND a.relation = 'per_head_of_average'
),
judged AS (
    SELECT *, CASE WHEN averaged THEN (heads_before + heads) / 2 ELSE heads END AS divisor, CASE
        WHEN heads IS NULL THEN population_indicator || ' has no figure of ' || year
        WHEN averaged AND heads_before IS NULL THEN population_indicator || ' has no figure of ' || (year - 1)
        WHEN averaged AND crossed IS NOT NULL THEN population_indicator || ' of ' || (year - 1) || ' and ' || year || ' stands on two sides of a break: ' || crossed
        ELSE ''
    END AS reason
    FROM joined
)
SELECT
    year, region, indicator, value, unit, CASE WHEN reason = '' THEN divisor END AS persons,
    CASE WHEN reason = '' THEN value * to_single / divisor END AS per_head,
    single AS per_head_unit, price_basis, population_indicator, reason
FROM judged
ORDER BY year
