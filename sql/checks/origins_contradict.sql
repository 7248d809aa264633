-- title: Two origins give one measured figure and differ beyond any revision
-- severity: error
-- hint: One of them is wrong or means another thing; ask for an official or two independent sources, and leave the other out
SELECT
    r.region_code, r.region, r.indicator, r.time_period, r.other_origin AS origin, r.other_value AS value,
    r.preferred_origin, r.preferred_value, r.difference, r.difference_percent, r.other_document_id AS document_id, r.other_record AS record
FROM reconciliation AS r
JOIN indicators AS i ON i.id = r.indicator
WHERE r.verdict = 'disagree' AND r.standing = 3
    AND CASE WHEN i.measure IN ('level', 'ratio') THEN abs(r.difference_percent) ELSE abs(r.difference) END > 4 * i.revision_tolerance_percent
