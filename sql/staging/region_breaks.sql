-- title: Breaks, region by region: those of all regions are spread over the regions that have the indicator
-- materialize: table
-- column region_code: GB/T 2260 code of the region
-- column region: English name of the region
-- column indicator: Indicator; key of indicators
-- column break_id: Key of breaks
-- column number: Place among the breaks of this region and indicator, in the order of their periods, from 1
-- column period: First period on the new basis
-- column kind: territory, definition, census or classification
-- column title: The break in a few words
-- column evidence: What shows it
-- column publisher: Body whose decision or document shows it; key of publishers
-- column url: Address of the document; NULL when none was recorded
-- column effective: For a break of territory, the day the boundary changed
-- column comparable_growth: Indicator whose published growth into the period is on one basis; NULL when none is known
WITH covered AS (
    SELECT DISTINCT region_code, indicator FROM series
),
spread AS (
    SELECT region AS region_code, id, 0 AS shared FROM breaks WHERE region IS NOT NULL
    UNION ALL
    SELECT c.region_code, b.id, 1 FROM breaks AS b JOIN covered AS c ON c.indicator = b.indicator WHERE b.region IS NULL
)
SELECT
    s.region_code,
    r.name_en AS region,
    b.indicator,
    b.id AS break_id,
    row_number() OVER (PARTITION BY s.region_code, b.indicator ORDER BY b.period, s.shared, b.id) AS number,
    b.period,
    b.kind,
    b.title_en AS title,
    b.evidence,
    b.publisher,
    b.url,
    e.effective,
    b.comparable_growth
FROM spread AS s
JOIN breaks AS b ON b.id = s.id
JOIN regions AS r ON r.code = s.region_code
LEFT JOIN region_events AS e ON e.id = b.event
