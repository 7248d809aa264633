-- title: resembling(region, year, candidate_year := NULL, set := 'development'): regions by how near they stood to one in a year, each at its nearest; candidate_year NULL is the same year, 0 any
-- args: wanted_region, wanted_year, candidate_year := NULL, wanted_set := 'development'
WITH positions AS (
    SELECT * FROM resemblance_positions WHERE set_id = wanted_set
),
reference AS (
    SELECT p.*
    FROM positions AS p
    WHERE (p.region_code = wanted_region OR lower(p.region) = lower(wanted_region)) AND p.year = wanted_year
),
-- What is near depends on how far apart regions are in that year.
spread AS (
    SELECT r.indicator, count(*) AS regions, sqrt(CAST(sum(CAST((p.position - m.mean) * (p.position - m.mean) AS DECIMAL(28, 18))) AS DOUBLE) / (count(*) - 1)) AS deviation
    FROM reference AS r
    JOIN positions AS p ON p.indicator = r.indicator AND p.year = r.year AND p.basis = r.basis AND p.kind = r.kind
    JOIN (
        SELECT q.indicator, q.year, q.basis, q.kind, CAST(sum(CAST(q.position AS DECIMAL(28, 18))) AS DOUBLE) / count(*) AS mean
        FROM positions AS q GROUP BY ALL
    ) AS m ON m.indicator = r.indicator AND m.year = r.year AND m.basis = r.basis AND m.kind = r.kind
    GROUP BY r.indicator
    HAVING count(*) > 1
),
used AS (
    SELECT r.*, s.deviation
    FROM reference AS r
    JOIN spread AS s ON s.indicator = r.indicator
    WHERE s.deviation > 0 AND s.regions >= (SELECT min_spread FROM resemblance_sets WHERE id = wanted_set)
),
candidates AS (
    SELECT DISTINCT p.region_code, p.region, p.year
    FROM positions AS p
    WHERE p.region_code NOT IN (SELECT region_code FROM reference)
        AND p.kind IN (SELECT kind FROM reference)
        AND (p.year = coalesce(candidate_year, wanted_year) OR candidate_year = 0)
),
-- Indicators that one of the two lacks are left out of the mean, not guessed.
distances AS (
    SELECT
        c.region_code, c.region, c.year,
        count(p.position) AS shared,
        count(*) AS wanted,
        sqrt(sum(u.weight * power((p.position - u.position) / u.deviation, 2) ORDER BY u.indicator)
            / sum(CASE WHEN p.position IS NOT NULL THEN u.weight END)) AS distance,
        string_agg(u.indicator, ', ' ORDER BY u.indicator) FILTER (WHERE p.position IS NOT NULL) AS indicators,
        string_agg(u.indicator || CASE WHEN other.position IS NULL THEN '' ELSE ' (another definition)' END, ', ' ORDER BY u.indicator)
            FILTER (WHERE p.position IS NULL) AS missing
    FROM candidates AS c
    CROSS JOIN used AS u
    LEFT JOIN positions AS p ON p.region_code = c.region_code AND p.year = c.year AND p.indicator = u.indicator AND p.basis = u.basis
    LEFT JOIN positions AS other ON other.region_code = c.region_code AND other.year = c.year AND other.indicator = u.indicator
    GROUP BY ALL
),
judged AS (
    SELECT d.*, d.shared >= (SELECT min_shared FROM resemblance_sets WHERE id = wanted_set) AS enough
    FROM distances AS d
),
nearest AS (
    SELECT *, row_number() OVER (PARTITION BY region_code ORDER BY enough DESC, CASE WHEN enough THEN distance END, shared DESC, year DESC) AS attempt
    FROM judged
)
SELECT
    CASE WHEN enough THEN row_number() OVER (ORDER BY enough DESC, distance, region_code) END AS place,
    region_code, region, year,
    CASE WHEN enough THEN distance END AS distance,
    shared, wanted, coalesce(indicators, '') AS indicators, coalesce(missing, '') AS missing,
    (SELECT coalesce(string_agg(i.indicator, ', ' ORDER BY i.indicator), '') FROM resemblance_indicators AS i
        WHERE i.set_id = wanted_set AND i.indicator NOT IN (SELECT indicator FROM used)) AS not_used,
    CASE WHEN enough THEN '' ELSE 'too few indicators in common' END AS reason
FROM nearest
WHERE attempt = 1
ORDER BY place, region_code
