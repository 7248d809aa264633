-- title: A stored series does not show in any table people read
-- severity: error
-- hint: Put the region, indicator or origin back into data/, or rebuild without it
SELECT s.series_id, s.region_code, s.indicator, s.origin
FROM store.series AS s
LEFT JOIN series AS t ON t.series_id = s.series_id
WHERE t.series_id IS NULL
