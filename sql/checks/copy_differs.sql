-- title: A copy differs from the figure it copies
-- severity: warning
-- hint: Who makes no statistics can only repeat them: read both; the copy may be a misprint, another vintage, or an estimate from before the result
SELECT
    r.region_code, r.region, r.indicator, r.time_period, r.other_origin AS origin, r.other_value AS value,
    r.preferred_origin, r.preferred_value, r.difference, r.difference_percent, r.other_document_id AS document_id, r.other_record AS record
FROM reconciliation AS r
JOIN publishers AS p ON p.id = r.other_origin
JOIN publishers AS q ON q.id = r.preferred_origin
LEFT JOIN origin_links AS l ON l.origin = r.other_origin AND l.takes_from = r.preferred_origin
WHERE r.verdict = 'disagree' AND r.standing = 3 AND q.kind = 'statistics_office'
    AND (p.kind IN ('press', 'transcription', 'research', 'company') OR (p.kind = 'government' AND l.origin IS NOT NULL))
