-- title: A figure is given as measured by a document from before its period ended
-- severity: error
-- hint: What is said before the period is over is a forecast or a target; correct the status
WITH months AS (
    SELECT
        v.*,
        extract(YEAR FROM v.said_at) * 12 + extract(MONTH FROM v.said_at) AS published_month,
        extract(YEAR FROM v.period_start) * 12 + extract(MONTH FROM v.period_start) AS first_month,
        CASE
            WHEN v.frequency = 'M' THEN 1
            WHEN v.frequency = 'Q' THEN 3
            WHEN v.frequency = 'S' THEN 6
            WHEN v.frequency = 'A' THEN 12
            -- A5 spans five years.
            ELSE 12 * CAST('0' || substr(v.frequency, 2) AS INTEGER)
        END AS length
    FROM (
        -- Without a date of publication it was said before it was received.
        SELECT *, coalesce(published_at, CAST(known_at AS DATE)) AS said_at FROM observation_vintages
    ) AS v
    WHERE v.standing = 3
)
SELECT region_code, region, indicator, time_period, origin, value, status, published_at, document_id, record
FROM months
-- A month's figure may be out on its last day; nothing longer is.
WHERE published_month < first_month + length - 1 OR (length > 1 AND published_month = first_month + length - 1)
