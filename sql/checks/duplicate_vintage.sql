-- title: One document gives the same figure twice
-- severity: error
-- hint: Find out how the load let it through; a figure may be stored once per document and status
SELECT series_id, period, status, document_id, count(*) AS copies
FROM store.observation
GROUP BY series_id, period, status, document_id
HAVING count(*) > 1
