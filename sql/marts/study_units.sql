-- title: The regions of each synthetic-control study, and which of them can take part
-- materialize: view
-- column study_id: Key of studies
-- column region_code: The region
-- column region: English name of the region
-- column role: treated or donor
-- column years: Years of the study for which it has an exact figure above zero
-- column years_wanted: Years of the study
-- column first_missing: The first year without one; NULL when there is none
-- column usable: True when it has every year on one footing
-- column reason: Why it is not usable
WITH units AS (
    SELECT id AS study_id, region AS region_code, 'treated' AS role, indicator, from_year, to_year FROM studies
    UNION ALL
    SELECT s.id, m.region, 'donor', s.indicator, s.from_year, s.to_year
    FROM studies AS s
    JOIN benchmark_members AS m ON m.benchmark = s.donors
    WHERE m.region <> s.region
),
figures AS (
    SELECT
        u.study_id, u.region_code,
        count(*) AS years, count(DISTINCT o.basis) AS bases
    FROM units AS u
    JOIN comparable_observations AS o
        ON o.region_code = u.region_code AND o.indicator = u.indicator AND o.frequency = 'A' AND o.counted AND o.value > 0
        AND extract(YEAR FROM o.period_start) >= u.from_year AND extract(YEAR FROM o.period_start) <= u.to_year
    GROUP BY u.study_id, u.region_code
),
gaps AS (
    SELECT u.study_id, u.region_code, min(y.year) AS first_missing
    FROM units AS u
    JOIN (SELECT DISTINCT extract(YEAR FROM period_start) AS year FROM comparable_observations WHERE frequency = 'A') AS y
        ON y.year >= u.from_year AND y.year <= u.to_year
    LEFT JOIN comparable_observations AS o
        ON o.region_code = u.region_code AND o.indicator = u.indicator AND o.frequency = 'A' AND o.counted AND o.value > 0
        AND extract(YEAR FROM o.period_start) = y.year
    WHERE o.region_code IS NULL
    GROUP BY u.study_id, u.region_code
),
broken AS (
    SELECT u.study_id, u.region_code, min(b.id) AS id, count(*) AS breaks
    FROM units AS u
    JOIN breaks AS b ON b.indicator = u.indicator AND (b.region IS NULL OR b.region = u.region_code)
    WHERE CAST(substr(b.period, 1, 4) AS INTEGER) > u.from_year AND CAST(substr(b.period, 1, 4) AS INTEGER) <= u.to_year
    GROUP BY u.study_id, u.region_code
),
judged AS (
    SELECT
        u.study_id, u.region_code, r.name_en AS region, u.role, coalesce(f.years, 0) AS years,
        u.to_year - u.from_year + 1 AS years_wanted, g.first_missing,
        CASE
            WHEN f.years IS NULL THEN 'no figure in these years'
            WHEN f.years < u.to_year - u.from_year + 1
                THEN CAST(f.years AS VARCHAR) || ' of ' || CAST(u.to_year - u.from_year + 1 AS VARCHAR) || ' years have a figure; the first missing is '
                    || CAST(g.first_missing AS VARCHAR)
            WHEN b.breaks > 1 THEN CAST(b.breaks AS VARCHAR) || ' breaks in these years, ' || b.id || ' among them'
            WHEN b.breaks = 1 THEN 'a break in these years: ' || b.id
            WHEN f.bases > 1 THEN 'its figures stand on more than one definition'
            ELSE ''
        END AS reason
    FROM units AS u
    JOIN regions AS r ON r.code = u.region_code
    LEFT JOIN figures AS f ON f.study_id = u.study_id AND f.region_code = u.region_code
    LEFT JOIN gaps AS g ON g.study_id = u.study_id AND g.region_code = u.region_code
    LEFT JOIN broken AS b ON b.study_id = u.study_id AND b.region_code = u.region_code
)
SELECT study_id, region_code, region, role, years, years_wanted, first_missing, reason = '' AS usable, reason FROM judged
