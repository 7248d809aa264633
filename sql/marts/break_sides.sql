-- title: Both sides of every break: the figures around it and the years that have one on each side
-- materialize: table
-- row: break_id, region_code, time_period
-- inputs before: observation_vintages WHERE document_id = this.before_document_id AND record = this.before_record AND region_code = this.region_code AND indicator = this.indicator AND time_period = this.time_period
-- inputs after: observation_vintages WHERE document_id = this.after_document_id AND record = this.after_record AND region_code = this.region_code AND indicator = this.indicator AND time_period = this.time_period
-- column break_id: Key of breaks
-- column region_code: GB/T 2260 code of the region
-- column region: English name of the region
-- column indicator: Indicator; key of indicators
-- column period: First period on the new basis
-- column kind: territory, definition, census or classification
-- column title: The break in a few words
-- column time_period: The year of the figures
-- column before_value: The figure on the basis the break ended, in unit; NULL when the year has none
-- column after_value: The figure on the basis the break began, in unit; NULL when the year has none
-- column ratio: after_value over before_value, where nothing but this break lies between the two
-- column unit: Unit; key of units
-- column before_origin: Who made before_value; key of publishers
-- column before_document_id: Document of before_value
-- column before_record: Record of before_value in its document
-- column after_origin: Who made after_value; key of publishers
-- column after_document_id: Document of after_value
-- column after_record: Record of after_value in its document
-- column before_basis: Basis of before_value, as in basis_observations
-- column after_basis: Basis of after_value
-- column evidence: What shows the break
-- column publisher: Body whose decision or document shows it; key of publishers
-- column url: Address of the document; NULL when none was recorded
WITH sided AS (
    SELECT
        b.break_id, b.number, o.*,
        mod(CAST(floor(o.basis / power(2, b.number - 1)) AS BIGINT), 2) AS is_before
    FROM region_breaks AS b
    JOIN basis_observations AS o ON o.region_code = b.region_code AND o.indicator = b.indicator
),
-- Of several figures on one side, the one with the fewest other breaks ahead.
nearest AS (
    SELECT *
    FROM (
        SELECT s.*, row_number() OVER (PARTITION BY break_id, region_code, time_period, is_before ORDER BY basis) AS place
        FROM sided AS s
    ) AS ranked
    WHERE place = 1
),
edges AS (
    SELECT
        break_id, region_code,
        max(CASE WHEN is_before = 1 THEN time_period END) AS last_before,
        min(CASE WHEN is_before = 0 THEN time_period END) AS first_after
    FROM nearest
    GROUP BY break_id, region_code
),
years AS (
    SELECT
        e.break_id, e.region_code, n.time_period, e.last_before, e.first_after,
        max(n.unit) AS unit,
        count(*) AS sides
    FROM edges AS e
    JOIN nearest AS n ON n.break_id = e.break_id AND n.region_code = e.region_code
    GROUP BY e.break_id, e.region_code, n.time_period, e.last_before, e.first_after
)
SELECT
    b.break_id, b.region_code, b.region, b.indicator, b.period, b.kind, b.title, y.time_period,
    o.value AS before_value,
    n.value AS after_value,
    CASE WHEN o.basis - power(2, b.number - 1) = n.basis AND o.value <> 0 THEN n.value / o.value END AS ratio,
    y.unit,
    o.origin AS before_origin, o.document_id AS before_document_id, o.record AS before_record,
    n.origin AS after_origin, n.document_id AS after_document_id, n.record AS after_record,
    o.basis AS before_basis, n.basis AS after_basis,
    b.evidence, b.publisher, b.url
FROM years AS y
JOIN region_breaks AS b ON b.break_id = y.break_id AND b.region_code = y.region_code
LEFT JOIN nearest AS o
    ON o.break_id = y.break_id AND o.region_code = y.region_code AND o.time_period = y.time_period AND o.is_before = 1
LEFT JOIN nearest AS n
    ON n.break_id = y.break_id AND n.region_code = y.region_code AND n.time_period = y.time_period AND n.is_before = 0
WHERE y.sides = 2 OR y.time_period IN (y.last_before, y.first_after)
