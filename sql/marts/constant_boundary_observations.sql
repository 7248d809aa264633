-- title: Levels of regions that gained territory, on one territory and at the prices of the year it changed: estimates
-- materialize: table
-- row: region_code, indicator, time_period, break_id
-- inputs reference: spliced_observations WHERE region_code = this.region_code AND indicator = this.indicator AND time_period = CAST(this.price_reference_year AS VARCHAR)
-- inputs growth: preferred_observations WHERE region_code = this.region_code AND frequency = 'A' AND indicator IN (SELECT b.comparable_growth FROM breaks AS b WHERE b.id = this.break_id) AND extract(YEAR FROM period_start) > least(CAST(this.time_period AS INTEGER), this.price_reference_year) AND extract(YEAR FROM period_start) <= greatest(CAST(this.time_period AS INTEGER), this.price_reference_year)
-- column region_code: GB/T 2260 code of the region
-- column region: English name of the region
-- column indicator: Indicator; key of indicators
-- column time_period: The year
-- column value: The level on the later territory, at the prices of price_reference_year, in unit
-- column unit: Unit; key of units
-- column price_basis: Always constant
-- column price_reference_year: Year whose prices and published level the series starts from
-- column geography: Day since which the boundaries are in force
-- column raw_value: The published figure, at the prices and on the territory of its time; NULL when there is none
-- column growth: Published real growth of the year, in percent; NULL in the first year
-- column method: reference (the published level), growth (carried by growth published for the later territory) or growth_of_part (carried by growth of the smaller territory: what joined is taken to have grown alike)
-- column obs_status: SDMX OBS_STATUS: E, but for the reference itself
-- column is_estimate: True but for the reference itself
-- column break_id: The break of territory that is undone; key of breaks
WITH bases AS (
    SELECT
        b.break_id, b.region_code, b.region, b.indicator, b.comparable_growth, b.effective,
        extract(YEAR FROM s.period_start) AS reference_year, s.raw_value AS reference_value, s.unit
    FROM region_breaks AS b
    JOIN indicators AS g ON g.id = b.comparable_growth AND g.price_basis = 'constant'
    JOIN spliced_observations AS s
        ON s.region_code = b.region_code AND s.indicator = b.indicator AND s.time_period = b.period AND s.geography = b.effective
    WHERE b.kind = 'territory'
),
rates AS (
    SELECT
        b.break_id, b.region_code, extract(YEAR FROM r.period_start) AS year, r.value AS rate,
        CAST(ln(1 + r.value / 100) AS DECIMAL(28, 18)) AS log_rate
    FROM bases AS b
    JOIN preferred_observations AS r ON r.region_code = b.region_code AND r.indicator = b.comparable_growth
    WHERE r.frequency = 'A' AND r.standing = 3 AND r.qualifier = 'exact' AND r.value > -99
),
-- Years with a rate each, without a gap, share a run; one gap and nothing leads across.
runs AS (
    SELECT r.*, r.year - row_number() OVER (PARTITION BY break_id, region_code ORDER BY year) AS run
    FROM rates AS r
),
summed AS (
    SELECT
        break_id, region_code, run, year, rate,
        sum(log_rate) OVER (PARTITION BY break_id, region_code, run ORDER BY year ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS log_level
    FROM runs
    UNION ALL
    SELECT break_id, region_code, run, min(year) - 1, CAST(NULL AS DOUBLE), CAST(0 AS DECIMAL(38, 18))
    FROM runs
    GROUP BY break_id, region_code, run
)
SELECT
    b.region_code, b.region, b.indicator,
    CAST(y.year AS VARCHAR) AS time_period,
    b.reference_value * exp(CAST(y.log_level - o.log_level AS DOUBLE)) AS value,
    b.unit,
    'constant' AS price_basis,
    b.reference_year AS price_reference_year,
    b.effective AS geography,
    p.raw_value,
    y.rate AS growth,
    CASE WHEN y.year = b.reference_year THEN 'reference' WHEN y.year >= b.reference_year - 1 THEN 'growth' ELSE 'growth_of_part' END AS method,
    CASE WHEN y.year = b.reference_year THEN p.obs_status ELSE 'E' END AS obs_status,
    y.year <> b.reference_year AS is_estimate,
    b.break_id
FROM bases AS b
JOIN summed AS o ON o.break_id = b.break_id AND o.region_code = b.region_code AND o.year = b.reference_year
JOIN summed AS y ON y.break_id = b.break_id AND y.region_code = b.region_code AND y.run = o.run
LEFT JOIN spliced_observations AS p
    ON p.region_code = b.region_code AND p.indicator = b.indicator AND p.time_period = CAST(y.year AS VARCHAR)
