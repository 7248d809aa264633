-- title: Regions and the country each lies in
-- materialize: table
-- column region_code: Key of regions
-- column country: Code of the country, found by going up from parent to parent; a country's own code is its country's
SELECT
    r.code AS region_code,
    CASE
        WHEN r.level = 'country' THEN r.code
        WHEN a.level = 'country' THEN a.code
        WHEN b.level = 'country' THEN b.code
        WHEN c.level = 'country' THEN c.code
        WHEN d.level = 'country' THEN d.code
    END AS country
FROM regions AS r
LEFT JOIN regions AS a ON a.code = r.parent
LEFT JOIN regions AS b ON b.code = a.parent
LEFT JOIN regions AS c ON c.code = b.parent
LEFT JOIN regions AS d ON d.code = c.parent
