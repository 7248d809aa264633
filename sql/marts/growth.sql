-- title: Average real growth by window: chained rates, with the years that are missing
-- materialize: table
-- row: window_id, region_code
-- inputs year: growth_years WHERE window_id = this.window_id AND region_code = this.region_code
-- column window_id: Key of growth_windows
-- column region_code: GB/T 2260 code of the region
-- column region: English name of the region
-- column first_year: First growth year of the window
-- column last_year: Last growth year of the window
-- column years: Years of the window
-- column years_missing: Years without a rate; growth_years names them
-- column years_bridged: Years covered by the published average of the window's bridge
-- column average_growth: Geometric mean of the rates, percent a year; NULL while a year is missing
-- column average_low: The same with every bridged year at the lowest rate that rounds to the printed average
-- column average_high: The same with every bridged year at the highest
-- column arithmetic_mean: Arithmetic mean of the rates, percent; NULL while a year is missing
-- column provisional: True when any rate is provisional
-- column weakest_confidence: Confidence of the weakest rate
WITH logs AS (
    -- Floating-point sums depend on the order of rows, which engines do not promise;
    -- the logarithms are summed as decimals so that every rebuild gives the same digits.
    SELECT
        y.*,
        CAST(ln(1 + y.rate / 100) AS DECIMAL(28, 18)) AS log_rate,
        CAST(ln(1 + (y.rate - CASE WHEN y.kind = 'bridge' THEN y.half_unit ELSE 0 END) / 100) AS DECIMAL(28, 18)) AS log_low,
        CAST(ln(1 + (y.rate + CASE WHEN y.kind = 'bridge' THEN y.half_unit ELSE 0 END) / 100) AS DECIMAL(28, 18)) AS log_high
    FROM growth_years AS y
),
sums AS (
    SELECT
        window_id, region_code, region,
        min(year) AS first_year,
        max(year) AS last_year,
        count(*) AS years,
        count(*) FILTER (WHERE kind = 'missing') AS years_missing,
        count(*) FILTER (WHERE kind = 'bridge') AS years_bridged,
        CAST(sum(log_rate) AS DOUBLE) / count(*) AS mean_log,
        CAST(sum(log_low) AS DOUBLE) / count(*) AS mean_log_low,
        CAST(sum(log_high) AS DOUBLE) / count(*) AS mean_log_high,
        CAST(sum(CAST(rate AS DECIMAL(28, 12))) AS DOUBLE) / count(*) AS mean_rate,
        count(*) FILTER (WHERE obs_status = 'P') > 0 AS provisional,
        min(CASE confidence WHEN 'high' THEN 3 WHEN 'medium' THEN 2 WHEN 'low' THEN 1 END) AS weakest
    FROM logs
    GROUP BY window_id, region_code, region
)
SELECT
    window_id, region_code, region, first_year, last_year, years, years_missing, years_bridged,
    CASE WHEN years_missing = 0 THEN (exp(mean_log) - 1) * 100 END AS average_growth,
    CASE WHEN years_missing = 0 THEN (exp(mean_log_low) - 1) * 100 END AS average_low,
    CASE WHEN years_missing = 0 THEN (exp(mean_log_high) - 1) * 100 END AS average_high,
    CASE WHEN years_missing = 0 THEN mean_rate END AS arithmetic_mean,
    provisional,
    CASE weakest WHEN 3 THEN 'high' WHEN 2 THEN 'medium' WHEN 1 THEN 'low' END AS weakest_confidence
FROM sums
