-- title: What leads across each break: the factor that puts earlier figures on the new basis, or why there is none
-- materialize: table
-- row: break_id, region_code
-- inputs meeting: break_sides WHERE this.method = 'overlap' AND break_id = this.break_id AND region_code = this.region_code AND time_period = this.link_period
-- inputs level: basis_observations WHERE this.method = 'published_growth' AND region_code = this.region_code AND indicator = this.indicator AND time_period IN (this.link_period, this.period)
-- inputs growth: preferred_observations WHERE this.method = 'published_growth' AND region_code = this.region_code AND time_period = this.period AND indicator IN (SELECT b.comparable_growth FROM breaks AS b WHERE b.id = this.break_id)
-- column break_id: Key of breaks
-- column region_code: GB/T 2260 code of the region
-- column region: English name of the region
-- column indicator: Indicator; key of indicators
-- column number: Place among the breaks of this region and indicator, as in region_breaks
-- column period: First period on the new basis
-- column title: The break in a few words
-- column method: overlap (one year has a figure on each side), published_growth (growth into the period was published on one basis) or none
-- column link_period: The year in which the two sides meet
-- column before_value: The figure of link_period on the old basis
-- column after_value: The figure of link_period on the new basis: published, or worked out from the published growth
-- column growth: The published growth, in percent, for the method published_growth
-- column link_factor: after_value over before_value; NULL for the method none
-- column reason: Why there is no link; empty when there is one
WITH meetings AS (
    SELECT *
    FROM (
        -- Where a list restates many years, its first year is where the old figures join.
        SELECT s.*, row_number() OVER (PARTITION BY break_id, region_code ORDER BY time_period) AS place
        FROM break_sides AS s
        WHERE ratio IS NOT NULL
    ) AS ranked
    WHERE place = 1
),
rates AS (
    SELECT
        b.break_id, b.region_code, g.time_period AS link_period, g.value AS before_value,
        n.value / (1 + r.value / 100) AS after_value, r.value AS growth
    FROM region_breaks AS b
    JOIN indicators AS i ON i.id = b.indicator
    -- Growth at constant prices leads from no level at current prices to another.
    JOIN indicators AS gi ON gi.id = b.comparable_growth AND gi.price_basis = i.price_basis
    JOIN preferred_observations AS r
        ON r.region_code = b.region_code AND r.indicator = b.comparable_growth AND r.time_period = b.period
        AND r.standing = 3 AND r.qualifier = 'exact' AND r.value > -99
    JOIN basis_observations AS n
        ON n.region_code = b.region_code AND n.indicator = b.indicator AND n.time_period = b.period
    JOIN basis_observations AS g
        ON g.region_code = b.region_code AND g.indicator = b.indicator
        AND extract(YEAR FROM g.period_start) = extract(YEAR FROM n.period_start) - 1
        AND g.basis - power(2, b.number - 1) = n.basis AND g.value <> 0
)
SELECT
    b.break_id, b.region_code, b.region, b.indicator, b.number, b.period, b.title,
    CASE WHEN o.break_id IS NOT NULL THEN 'overlap' WHEN r.break_id IS NOT NULL THEN 'published_growth' ELSE 'none' END AS method,
    coalesce(o.time_period, r.link_period) AS link_period,
    coalesce(o.before_value, r.before_value) AS before_value,
    coalesce(o.after_value, r.after_value) AS after_value,
    CASE WHEN o.break_id IS NULL THEN r.growth END AS growth,
    coalesce(o.ratio, r.after_value / r.before_value) AS link_factor,
    CASE
        WHEN o.break_id IS NOT NULL OR r.break_id IS NOT NULL THEN ''
        WHEN i.price_basis <> gi.price_basis
            THEN 'no year has a figure on both sides, and the growth published across it (' || gi.id || ') is at ' || gi.price_basis
                || ' prices, ' || i.id || ' at ' || i.price_basis || ' prices'
        ELSE 'no year has a figure on both sides, and no growth across it is known to be on one basis'
    END AS reason
FROM region_breaks AS b
JOIN indicators AS i ON i.id = b.indicator
LEFT JOIN indicators AS gi ON gi.id = b.comparable_growth
LEFT JOIN meetings AS o ON o.break_id = b.break_id AND o.region_code = b.region_code
LEFT JOIN rates AS r ON r.break_id = b.break_id AND r.region_code = b.region_code
WHERE i.measure = 'level'
