-- title: A yearly level lies far from the path between the years before and after it
-- severity: warning
-- hint: Read the figure in its document digit by digit; if it is as printed, say so in data/accepted.csv, or enter the break in data/breaks.csv
WITH yearly AS (
    SELECT
        o.*, extract(YEAR FROM o.period_start) AS year,
        -- How far a level strays in one year differs: residents hardly move, an
        -- economy at current prices does.
        CASE
            WHEN o.indicator LIKE 'population%' THEN 0.03
            WHEN o.indicator LIKE 'disposable_income%' THEN 0.05
            WHEN o.indicator LIKE 'gdp%' THEN 0.1
            ELSE 0.2
        END AS allowed
    FROM observations AS o
    JOIN indicators AS i ON i.id = o.indicator
    WHERE i.measure = 'level' AND o.frequency = 'A' AND o.standing = 3 AND o.qualifier = 'exact' AND o.value > 0
),
neighbours AS (
    SELECT region_code, indicator, extract(YEAR FROM period_start) AS year, value
    FROM preferred_observations
    WHERE frequency = 'A' AND standing = 3 AND qualifier = 'exact' AND value > 0
),
between AS (
    SELECT y.*, sqrt(p.value * n.value) AS expected, p.value AS previous_value, n.value AS next_value
    FROM yearly AS y
    JOIN neighbours AS p ON p.region_code = y.region_code AND p.indicator = y.indicator AND p.year = y.year - 1
    JOIN neighbours AS n ON n.region_code = y.region_code AND n.indicator = y.indicator AND n.year = y.year + 1
    LEFT JOIN breaks AS b
        ON b.indicator = y.indicator AND (b.region IS NULL OR b.region = y.region_code)
        AND b.period IN (CAST(y.year AS VARCHAR), CAST(y.year + 1 AS VARCHAR))
    WHERE b.id IS NULL
),
strays AS (
    -- One bad figure bends the path of its neighbours too; the worst of the three is meant.
    SELECT
        *, abs(value / expected - 1) AS stray,
        lag(abs(value / expected - 1)) OVER w AS stray_before, lag(year) OVER w AS year_before,
        lead(abs(value / expected - 1)) OVER w AS stray_after, lead(year) OVER w AS year_after
    FROM between
    WINDOW w AS (PARTITION BY series_id ORDER BY year)
)
SELECT
    region_code, region, indicator, time_period, origin, value, previous_value, next_value, expected,
    (value / expected - 1) * 100 AS stray_percent, document_id, record
FROM strays
WHERE stray > allowed
    AND (year_before IS NULL OR year_before < year - 1 OR stray_before <= stray)
    AND (year_after IS NULL OR year_after > year + 1 OR stray_after <= stray)
