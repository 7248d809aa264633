-- title: yoy(region, indicator): the change of a yearly level on the year before, in percent; at current prices it contains inflation; caution tells of a step that a check found and no break explains
-- args: wanted_region, wanted_indicator, splice := false
-- example: FROM yoy('hefei', 'disposable_income_urban', splice := true)
-- refuses: an indicator that is not a level; row by row, a change across a break unless it is spliced, and one of figures printed as about
WITH years AS MATERIALIZED (
    SELECT * FROM years_of(wanted_region, wanted_indicator, splice := splice, caller := 'yoy')
),
both_years AS (
    SELECT y.*, p.level AS previous_level, p.qualifier AS previous_qualifier, p.is_estimate OR y.is_estimate AS estimated, (
        SELECT min_by(b.title || ' (' || b.break_id || ')', b.number)
        FROM region_breaks AS b
        WHERE b.region_code = y.region_code AND b.indicator = y.indicator
            AND ((y.basis >> (b.number - 1)) & 1) <> ((p.basis >> (b.number - 1)) & 1)
    ) AS crossed
    FROM years AS y
    JOIN years AS p ON p.year = y.year - 1
)
SELECT
    year, region, indicator, previous_level AS previous_value, level AS value, unit,
    CASE WHEN reason = '' THEN (level / previous_level - 1) * 100 END AS change_percent,
    price_basis, estimated AS is_estimate, reason, coalesce((
        SELECT string_agg(DISTINCT a.reason, ' ' ORDER BY a.reason)
        FROM accepted AS a
        WHERE a.region = judged.region_code AND a.indicator = judged.indicator AND a.period = CAST(judged.year AS VARCHAR)
            AND (a.checks LIKE '%change_far_from_peers%' OR a.checks LIKE '%level_jump_without_break%' OR a.checks LIKE '%income_step%')
    ), '') AS caution
FROM (
    SELECT *, CASE
        WHEN crossed IS NOT NULL THEN (year - 1) || ' and ' || year || ' stand on two sides of a break: ' || crossed
            || CASE WHEN splice THEN ', which nothing links' ELSE '; splice := true leads across where break_links has a link' END
        WHEN qualifier <> 'exact' OR previous_qualifier <> 'exact' THEN 'printed as about: too rounded for a change'
        WHEN previous_level = 0 THEN (year - 1) || ' is 0'
        ELSE ''
    END AS reason
    FROM both_years
) AS judged
ORDER BY year
