-- title: Which documents print which value: a copy is one more document, not one more statement
-- materialize: view
-- row: series_id, period_start, document_id, record
-- inputs said: observation_vintages WHERE series_id = this.series_id AND period_start = this.period_start AND value = this.value
-- column series_id: Series of the figure; key of series
-- column period_start: First day of the period
-- column value: The value printed, in the unit of the series
-- column document_id: Document that prints it; key of store.documents
-- column record: Ordinal of the record in the document
-- column publisher: Who printed it; key of publishers
-- column published_at: When it was printed, at the latest; NULL when not known
-- column first_said: True when the document brought the value; false when it repeated one that was known
WITH said AS (
    SELECT series_id, period_start, value, document_id, record, true AS first_said FROM observation_vintages
    UNION ALL
    SELECT series_id, period, value, document_id, record, false FROM store.attestation
),
numbered AS (
    SELECT
        s.*, d.publisher, d.published_at,
        -- One publication is one document, however often it was asked for and at
        -- however many standings it prints the value.
        row_number() OVER (PARTITION BY s.series_id, s.period_start, s.value, d.source, d.name ORDER BY s.document_id, s.record) AS place
    FROM said AS s
    JOIN store.documents AS d ON d.document_id = s.document_id
)
SELECT series_id, period_start, value, document_id, record, publisher, published_at, first_said
FROM numbered
WHERE place = 1
