-- title: A figure is exactly nought
-- severity: warning
-- hint: Some publishers write 0 where they have no figure; look at the document, and correct the decoder if it is so
SELECT o.region_code, o.region, o.indicator, o.time_period, o.origin, o.value, o.document_id, o.record
FROM observations AS o
WHERE o.value = 0 AND o.standing = 3
