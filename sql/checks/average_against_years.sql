-- title: A published average growth is not what the years give
-- severity: warning
-- hint: The average may be of other years, of another vintage or simply of other prices; read what it spans
WITH spans AS (
    SELECT o.*, extract(YEAR FROM o.period_start) AS first_year, CAST('0' || substr(o.frequency, 2) AS INTEGER) AS years
    FROM observations AS o
    WHERE o.indicator = 'gdp_growth_real_average'
),
chained AS (
    SELECT
        s.series_id, s.period_start, s.years, count(*) AS n, (exp(sum(ln(1 + y.value / 100)) / count(*)) - 1) * 100 AS average
    FROM spans AS s
    JOIN preferred_observations AS y
        ON y.region_code = s.region_code AND y.indicator = 'gdp_growth_real' AND y.frequency = 'A' AND y.standing = 3 AND y.value > -99
        AND extract(YEAR FROM y.period_start) >= s.first_year AND extract(YEAR FROM y.period_start) < s.first_year + s.years
    GROUP BY s.series_id, s.period_start, s.years
)
SELECT s.region_code, s.region, s.indicator, s.time_period, s.origin, s.value, c.average AS chained_average, s.document_id, s.record
FROM spans AS s
JOIN chained AS c ON c.series_id = s.series_id AND c.period_start = s.period_start
WHERE c.n = s.years AND abs(s.value - c.average) > 0.5
