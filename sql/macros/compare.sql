-- title: compare(region, benchmark, indicator): a region against a benchmark, period by period; names as the tables spell them
-- args: wanted_region, wanted_benchmark, wanted_indicator
SELECT
    time_period, region, value, obs_status, benchmark, benchmark_indicator, benchmark_value, benchmark_obs_status,
    gap, gap_percent, ratio, unit, relation, reason, break_id, confidence, note
FROM comparisons
WHERE (region_code = wanted_region OR lower(region) = lower(wanted_region))
    AND benchmark = wanted_benchmark AND indicator = wanted_indicator
ORDER BY period_start
