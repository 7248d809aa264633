-- title: An origin repeats another one digit by digit
-- severity: warning
-- hint: A copy is no second statement: give its figures the origin that made them, or say in data/origin_links.csv that one takes from the other
SELECT a.indicator, b.origin, a.origin AS other_origin, count(*) AS identical_figures
FROM observations AS a
JOIN observations AS b
    ON b.region_code = a.region_code AND b.indicator = a.indicator AND b.frequency = a.frequency AND b.period_start = a.period_start
    AND b.value = a.value AND b.origin <> a.origin
JOIN publishers AS p ON p.id = b.origin
JOIN publishers AS q ON q.id = a.origin
LEFT JOIN origin_links AS l ON l.origin = b.origin AND l.takes_from = a.origin
WHERE a.standing = 3 AND b.standing = 3 AND a.value <> 0
    -- More than three digits: rates and round figures agree by chance.
    AND abs(a.value - round(a.value / power(10, floor(log10(abs(a.value))) - 2)) * power(10, floor(log10(abs(a.value))) - 2)) > 1e-9 * abs(a.value)
    AND p.kind IN ('press', 'transcription', 'research', 'international') AND q.priority < p.priority AND l.origin IS NULL
GROUP BY a.indicator, b.origin, a.origin
HAVING count(*) >= 3
