-- title: revision_triangle(region, indicator): one row for each period and release (rev_date, time_period, obs_values, as R's rjd3revisions takes them); origins stand side by side
-- args: asked_region, asked_indicator
-- example: FROM revision_triangle('china', 'gdp')
-- refuses: a region or an indicator that is not known
WITH called AS (
    SELECT 1 AS rank, code FROM regions WHERE code = asked_region OR lower(name_en) = lower(asked_region) OR name_zh = asked_region
    UNION ALL
    SELECT 2, code FROM regions WHERE list_contains(str_split(aliases, ';'), asked_region)
),
found AS (
    SELECT min(code) AS code, count(DISTINCT code) AS n, string_agg(DISTINCT code, ', ' ORDER BY code) AS codes
    FROM called WHERE rank = (SELECT min(rank) FROM called)
),
asked AS (
    SELECT
        CASE
            WHEN n = 0 THEN error('revision_triangle: no region is called ' || asked_region || '; the nearest are ' || (
                SELECT string_agg(code || ' ' || name_en, ', ' ORDER BY nearness DESC, code)
                FROM (SELECT code, name_en, jaro_winkler_similarity(lower(name_en), lower(asked_region)) AS nearness FROM regions ORDER BY nearness DESC, code LIMIT 3)
            ))
            WHEN n > 1 THEN error('revision_triangle: several regions are called ' || asked_region || '; write one of the codes ' || codes)
            ELSE code
        END AS region_code,
        coalesce(
            (SELECT min(id) FROM indicators WHERE id = asked_indicator OR lower(title_en) = lower(asked_indicator) OR title_zh = asked_indicator),
            error('revision_triangle: no indicator is called ' || asked_indicator || '; the nearest are ' || (
                SELECT string_agg(id, ', ' ORDER BY nearness DESC, id)
                FROM (SELECT id, jaro_winkler_similarity(id, lower(asked_indicator)) AS nearness FROM indicators ORDER BY nearness DESC, id LIMIT 3)
            ))
        ) AS indicator
    FROM found
)
SELECT
    h.region_code, h.region, h.indicator, h.frequency, h.origin, h.time_period, h.period_start, h.vintage_number,
    h.published_at AS rev_date, h.value AS obs_values, h.unit, h.obs_status, h.status, h.qualifier, h.confidence,
    h.realtime_start, h.realtime_end, h.document_id, h.record
FROM asked AS a
JOIN vintage_history AS h ON h.region_code = a.region_code AND h.indicator = a.indicator
WHERE h.vintage_number IS NOT NULL
ORDER BY h.origin, h.frequency, h.period_start, h.vintage_number
