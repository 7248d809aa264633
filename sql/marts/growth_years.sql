-- title: Which growth rate stands for each year of each growth window
-- materialize: table
-- row: window_id, region_code, year
-- inputs figure: observation_vintages WHERE document_id = this.document_id AND record = this.record AND region_code = this.region_code AND origin = this.origin AND indicator = CASE WHEN this.kind = 'bridge' THEN 'gdp_growth_real_average' ELSE 'gdp_growth_real' END AND (this.kind = 'bridge' OR period_start = CAST(CAST(this.year AS VARCHAR) || '-01-01' AS DATE))
-- column window_id: Key of growth_windows
-- column region_code: GB/T 2260 code of the region
-- column region: English name of the region
-- column year: Year of the window
-- column kind: yearly (that year's published rate), bridge (the published average of the window's bridge), missing
-- column rate: Real growth in percent; NULL when missing
-- column half_unit: Half a unit of the last printed digit of rate, in percentage points
-- column obs_status: SDMX OBS_STATUS of the rate
-- column confidence: high, medium or low
-- column origin: Who made the rate; key of publishers
-- column document_id: Document of the rate
-- column record: Ordinal of the record in the document
WITH digits AS (
    SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4
    UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9
),
years AS (
    SELECT w.id AS window_id, w.bridge, w.first_year + t.d * 10 + u.d AS year
    FROM growth_windows AS w
    CROSS JOIN digits AS t
    CROSS JOIN digits AS u
    WHERE w.first_year + t.d * 10 + u.d <= w.last_year
),
rates AS (
    SELECT
        o.*, i.decimals, extract(YEAR FROM o.period_start) AS first_year,
        -- A5 spans five years. An engine may work this out for rows no join keeps, so
        -- it must not fail on A, Q or M.
        CASE WHEN substr(o.frequency, 2) = '' THEN 1 ELSE CAST(substr(o.frequency, 2) AS INTEGER) END AS span
    FROM preferred_observations AS o
    JOIN indicators AS i ON i.id = o.indicator
    WHERE o.indicator IN ('gdp_growth_real', 'gdp_growth_real_average') AND o.standing = 3 AND o.qualifier = 'exact'
        -- Nothing grows after a loss of everything: such a rate is a misprint, which
        -- the check implausible_value reports, and has no logarithm.
        AND o.value > -99
),
places AS (
    SELECT DISTINCT region_code, region FROM rates
)
SELECT
    y.window_id,
    p.region_code,
    p.region,
    y.year,
    CASE WHEN b.value IS NOT NULL THEN 'bridge' WHEN r.value IS NOT NULL THEN 'yearly' ELSE 'missing' END AS kind,
    coalesce(b.value, r.value) AS rate,
    0.5 * power(10, -coalesce(b.decimals, r.decimals)) AS half_unit,
    coalesce(b.obs_status, r.obs_status) AS obs_status,
    coalesce(b.confidence, r.confidence) AS confidence,
    coalesce(b.origin, r.origin) AS origin,
    coalesce(b.document_id, r.document_id) AS document_id,
    coalesce(b.record, r.record) AS record
FROM years AS y
CROSS JOIN places AS p
LEFT JOIN rates AS r
    ON r.indicator = 'gdp_growth_real' AND r.frequency = 'A' AND r.region_code = p.region_code AND r.first_year = y.year
LEFT JOIN rates AS b
    ON b.indicator = 'gdp_growth_real_average' AND b.time_period = y.bridge AND b.region_code = p.region_code
    AND y.year >= b.first_year AND y.year < b.first_year + b.span
