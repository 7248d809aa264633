-- title: Records of a document could not be read
-- severity: warning
-- hint: Open the document at the place given, then correct the source's decoder or the document
SELECT d.source, d.name, q.place, q.reason
FROM store.quarantine AS q
JOIN store.documents AS d ON d.document_id = q.document_id
