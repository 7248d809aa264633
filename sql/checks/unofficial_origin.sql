-- title: An indicator rests on an origin that makes no statistics
-- severity: warning
-- hint: Find the office's own figure or a second independent source; until then it must not be cited alone
SELECT DISTINCT p.indicator, p.origin, b.kind
FROM preferred_observations AS p
JOIN publishers AS b ON b.id = p.origin
WHERE b.kind IN ('press', 'transcription', 'research') AND p.standing = 3
