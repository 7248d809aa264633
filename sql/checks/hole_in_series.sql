-- title: Years are missing inside a yearly series
-- severity: warning
-- hint: Look for the document that has them; what is known to be missing is said in data/accepted.csv
WITH years AS (
    SELECT
        o.series_id, o.region_code, o.region, o.indicator, o.origin, extract(YEAR FROM o.period_start) AS year, o.document_id,
        lag(extract(YEAR FROM o.period_start)) OVER w AS before,
        row_number() OVER w AS place,
        count(*) OVER (PARTITION BY o.series_id) AS figures
    FROM observations AS o
    JOIN series AS s ON s.series_id = o.series_id
    WHERE o.frequency = 'A' AND o.standing = 3 AND s.measure <> 'share'
    WINDOW w AS (PARTITION BY o.series_id ORDER BY o.period_start)
)
SELECT
    y.region_code, y.region, y.indicator, CAST(y.before + 1 AS VARCHAR) AS time_period, y.origin,
    y.before + 1 AS first_missing, y.year - 1 AS last_missing
FROM years AS y
-- Three years at least on either side make a series, not scattered figures.
WHERE y.year - y.before > 1 AND y.place > 3 AND y.figures - y.place >= 2
