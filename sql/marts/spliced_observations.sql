-- title: Yearly levels as published and spliced: earlier figures carried onto the latest basis where a link exists, and nowhere else
-- materialize: table
-- row: region_code, indicator, time_period
-- inputs figure: observation_vintages WHERE document_id = this.document_id AND record = this.record AND region_code = this.region_code AND indicator = this.indicator AND time_period = this.time_period
-- inputs link: break_links WHERE region_code = this.region_code AND indicator = this.indicator AND link_factor IS NOT NULL AND mod(CAST(floor(this.basis / power(2, number - 1)) AS BIGINT), 2) = 1
-- column region_code: GB/T 2260 code of the region; ISO 3166-1 alpha-3 for a country
-- column region: English name of the region
-- column indicator: Indicator; key of indicators
-- column time_period: The year
-- column period_start: First day of the year
-- column raw_value: The published figure, in unit; where the year has one on several bases, that of the latest basis
-- column spliced_value: raw_value on the latest basis; NULL where no link leads there
-- column linked_value: raw_value carried as far towards the latest basis as links lead
-- column linked_basis: The basis of linked_value; years with the same number compare
-- column link_factor: linked_value over raw_value: the product of the factors in break_links
-- column is_estimate: True where spliced_value is not a published figure
-- column obs_status: SDMX OBS_STATUS of spliced_value: that of the figure, or E where it is estimated
-- column unit: Unit; key of units
-- column price_basis: current, constant or none
-- column qualifier: exact or about: of raw_value
-- column origin: Who made raw_value; key of publishers
-- column geography: Day since which the boundaries raw_value is about are in force; NULL when no change is recorded up to then
-- column basis: Years with the same number stand on one basis, and their raw values compare
-- column break_id: The next break that raw_value is before; NULL on the latest basis
-- column method: How break_id is crossed: overlap, published_growth or none; NULL on the latest basis
-- column reason: Why spliced_value is NULL; empty otherwise
-- column document_id: Document of raw_value
-- column record: Record of raw_value in its document
WITH newest AS (
    SELECT *
    FROM (
        SELECT o.*, row_number() OVER (PARTITION BY region_code, indicator, period_start ORDER BY basis) AS place
        FROM basis_observations AS o
    ) AS ranked
    WHERE place = 1
),
ahead AS (
    SELECT
        n.region_code, n.indicator, n.time_period, l.break_id, l.number, l.title, l.method, l.reason, l.link_factor
    FROM newest AS n
    JOIN break_links AS l
        ON l.region_code = n.region_code AND l.indicator = n.indicator
        AND mod(CAST(floor(n.basis / power(2, l.number - 1)) AS BIGINT), 2) = 1
),
stops AS (
    SELECT
        region_code, indicator, time_period,
        min(number) AS next_number,
        min(CASE WHEN link_factor IS NULL THEN number END) AS stopped_at
    FROM ahead
    GROUP BY region_code, indicator, time_period
),
-- Breaks are crossed in their order, up to the first without a link.
paths AS (
    SELECT
        s.region_code, s.indicator, s.time_period, s.next_number, s.stopped_at,
        coalesce(CAST(sum(power(2, a.number - 1)) AS BIGINT), 0) AS crossed,
        -- Summed as decimals, as in growth, so that every rebuild gives the same digits.
        coalesce(exp(CAST(sum(CAST(ln(a.link_factor) AS DECIMAL(28, 18))) AS DOUBLE)), 1) AS factor
    FROM stops AS s
    LEFT JOIN ahead AS a
        ON a.region_code = s.region_code AND a.indicator = s.indicator AND a.time_period = s.time_period
        AND (s.stopped_at IS NULL OR a.number < s.stopped_at)
    GROUP BY s.region_code, s.indicator, s.time_period, s.next_number, s.stopped_at
),
unbroken AS (
    SELECT
        p.region_code, p.region, p.indicator, p.time_period, p.period_start, p.value, p.unit, p.obs_status, p.qualifier, p.origin,
        o.geography, p.document_id, p.record, i.price_basis
    FROM preferred_observations AS p
    JOIN indicators AS i ON i.id = p.indicator
    JOIN observations AS o ON o.series_id = p.series_id AND o.period_start = p.period_start
    WHERE i.measure = 'level' AND p.frequency = 'A' AND p.standing = 3 AND p.qualifier IN ('exact', 'about')
        AND NOT EXISTS (SELECT 1 FROM region_breaks AS b WHERE b.region_code = p.region_code AND b.indicator = p.indicator)
)
SELECT
    n.region_code, n.region, n.indicator, n.time_period, n.period_start,
    n.value AS raw_value,
    CASE WHEN a.next_number IS NULL THEN n.value WHEN a.stopped_at IS NULL THEN n.value * a.factor END AS spliced_value,
    n.value * coalesce(a.factor, 1) AS linked_value,
    n.basis - coalesce(a.crossed, 0) AS linked_basis,
    coalesce(a.factor, 1) AS link_factor,
    a.next_number IS NOT NULL AND a.stopped_at IS NULL AS is_estimate,
    CASE WHEN a.next_number IS NOT NULL AND a.stopped_at IS NULL THEN 'E' ELSE n.obs_status END AS obs_status,
    n.unit, i.price_basis, n.qualifier, n.origin, n.geography, n.basis,
    x.break_id, x.method,
    CASE WHEN a.stopped_at IS NULL THEN '' ELSE w.title || ' (' || w.break_id || '): ' || w.reason END AS reason,
    n.document_id, n.record
FROM newest AS n
JOIN indicators AS i ON i.id = n.indicator
LEFT JOIN paths AS a ON a.region_code = n.region_code AND a.indicator = n.indicator AND a.time_period = n.time_period
LEFT JOIN ahead AS x
    ON x.region_code = n.region_code AND x.indicator = n.indicator AND x.time_period = n.time_period AND x.number = a.next_number
LEFT JOIN ahead AS w
    ON w.region_code = n.region_code AND w.indicator = n.indicator AND w.time_period = n.time_period AND w.number = a.stopped_at
UNION ALL
SELECT
    region_code, region, indicator, time_period, period_start, value, value, value, CAST(0 AS BIGINT), CAST(1 AS DOUBLE), false, obs_status, unit,
    price_basis, qualifier, origin, geography, CAST(0 AS BIGINT), CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), '', document_id, record
FROM unbroken
