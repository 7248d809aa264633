-- title: The members whose levels stand on one footing through a whole window
-- materialize: view
-- column benchmark: Key of benchmarks, of those with members
-- column window_id: Key of comparison_windows
-- column region_code: Member
-- column indicator: Indicator
-- column from_year: First year of the window
-- column to_year: Last year of the window
-- column complete: True when it has a figure for every year between, not only for both ends
-- column log_from: Logarithm of its figure in the first year
-- column log_to: Logarithm of its figure in the last year
WITH broken AS (
    SELECT w.id AS window_id, m.benchmark, m.region
    FROM comparison_windows AS w
    JOIN breaks AS b ON b.indicator = w.indicator
    JOIN benchmark_members AS m ON b.region IS NULL OR b.region = m.region
    WHERE CAST(substr(b.period, 1, 4) AS INTEGER) > w.from_year AND CAST(substr(b.period, 1, 4) AS INTEGER) <= w.to_year
    GROUP BY w.id, m.benchmark, m.region
)
SELECT
    r.benchmark, w.id AS window_id, r.region_code, w.indicator, w.from_year, w.to_year,
    count(*) = w.to_year - w.from_year + 1 AS complete,
    ln(max(CASE WHEN extract(YEAR FROM r.period_start) = w.from_year THEN r.value END)) AS log_from,
    ln(max(CASE WHEN extract(YEAR FROM r.period_start) = w.to_year THEN r.value END)) AS log_to
FROM comparison_windows AS w
JOIN benchmark_ranks AS r
    ON r.indicator = w.indicator AND r.frequency = 'A' AND r.member AND r.value > 0
    AND extract(YEAR FROM r.period_start) >= w.from_year AND extract(YEAR FROM r.period_start) <= w.to_year
LEFT JOIN broken AS b ON b.window_id = w.id AND b.benchmark = r.benchmark AND b.region = r.region_code
WHERE b.region IS NULL
GROUP BY r.benchmark, w.id, r.region_code, w.indicator, w.from_year, w.to_year
HAVING max(CASE WHEN extract(YEAR FROM r.period_start) = w.from_year THEN r.value END) IS NOT NULL
    AND max(CASE WHEN extract(YEAR FROM r.period_start) = w.to_year THEN r.value END) IS NOT NULL
