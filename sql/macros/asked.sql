-- title: asked(region, indicator): what two names mean: one row, or a refusal that says what to write
-- args: wanted_region, wanted_indicator, caller := 'asked', takes := ''
-- example: FROM asked('合肥', 'gdp')
-- refuses: a name that no region or indicator has, and one that several have; an indicator whose measure is not what the calculation takes
WITH named AS (
    SELECT 1 AS rank, code FROM regions WHERE code = wanted_region OR lower(name_en) = lower(wanted_region)
    UNION ALL
    SELECT 2, code FROM regions WHERE name_zh = wanted_region OR list_contains(str_split(aliases, ';'), wanted_region)
),
best AS (
    SELECT min(code) AS code, count(DISTINCT code) AS found, string_agg(DISTINCT code, ', ' ORDER BY code) AS codes
    FROM named WHERE rank = (SELECT min(rank) FROM named)
),
meant AS (
    SELECT
        (SELECT CASE
            WHEN found = 0 THEN error(caller || ': no region is called ' || wanted_region || '; the table regions has their names')
            WHEN found > 1 THEN error(caller || ': several regions are called ' || wanted_region || '; write one of the codes ' || codes)
            ELSE code
        END FROM best) AS region_code,
        coalesce(
            (SELECT min(id) FROM indicators WHERE id = wanted_indicator OR lower(title_en) = lower(wanted_indicator) OR title_zh = wanted_indicator),
            error(caller || ': no indicator is called ' || wanted_indicator || '; the table indicators has their names')
        ) AS indicator
)
SELECT m.region_code, r.name_en AS region, m.indicator, i.title_en AS title, i.measure, i.unit, i.price_basis, i.population_scope, i.numerator, i.accumulation
FROM meant AS m
JOIN regions AS r ON r.code = m.region_code
JOIN indicators AS i ON i.id = m.indicator
WHERE CASE
    WHEN takes <> '' AND i.measure <> takes THEN error(
        caller || ' takes ' || CASE takes WHEN 'level' THEN 'a level' ELSE 'yearly growth' END || ', but ' || i.id || ' is ' || CASE i.measure
            WHEN 'growth' THEN 'yearly growth' WHEN 'average_growth' THEN 'average growth over several years' ELSE 'a ' || i.measure
        END
    )
    ELSE true
END
