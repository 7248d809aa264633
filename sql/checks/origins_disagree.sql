-- title: Two origins give one measured figure and differ by more than one percent, or half a percentage point
-- severity: warning
-- hint: Read both documents; the preferred one is chosen by priority in data/publishers.csv, and citystats reconcile shows both
SELECT
    r.region_code, r.region, r.indicator, r.time_period, r.other_origin AS origin, r.other_value AS value,
    r.preferred_origin, r.preferred_value, r.difference, r.difference_percent, r.other_document_id AS document_id, r.other_record AS record
FROM reconciliation AS r
JOIN indicators AS i ON i.id = r.indicator
WHERE r.verdict = 'disagree' AND r.standing = 3
    AND CASE WHEN i.measure IN ('level', 'ratio') THEN abs(r.difference_percent) > 1 ELSE abs(r.difference) > 0.5 END
