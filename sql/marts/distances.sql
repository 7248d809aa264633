-- title: Great-circle distances between regions that have a point
-- materialize: view
-- column region_code: Key of regions
-- column region: English name of the region
-- column other_region_code: Key of regions
-- column other_region: English name of the other region
-- column great_circle_km: Shortest way over a sphere of the Earth's mean radius, in kilometres; no road or railway is that short
SELECT
    a.region AS region_code,
    r.name_en AS region,
    b.region AS other_region_code,
    s.name_en AS other_region,
    -- The haversine formula. The ellipsoid would change the result by half a percent
    -- at most, which is less than the centre of a city is uncertain.
    2 * 6371.0088 * asin(least(1, sqrt(
        power(sin(radians(b.latitude - a.latitude) / 2), 2)
        + cos(radians(a.latitude)) * cos(radians(b.latitude)) * power(sin(radians(b.longitude - a.longitude) / 2), 2)
    ))) AS great_circle_km
FROM region_points AS a
JOIN region_points AS b ON b.region <> a.region
JOIN regions AS r ON r.code = a.region
JOIN regions AS s ON s.code = b.region
