-- title: The country each region belongs to
-- materialize: view
-- column region_code: Key of regions
-- column country: Code of its country; itself for a country
SELECT r.code AS region_code, coalesce(p3.code, p2.code, p1.code, r.code) AS country
FROM regions AS r
LEFT JOIN regions AS p1 ON p1.code = r.parent
LEFT JOIN regions AS p2 ON p2.code = p1.parent
LEFT JOIN regions AS p3 ON p3.code = p2.parent
