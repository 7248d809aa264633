-- title: comparisons_as_of(day): comparisons as one would have read them on that day
-- args: seen_on
-- instead observation_vintages: SELECT * FROM main.observation_vintages WHERE visible_from <= CAST(seen_on AS DATE)
SELECT * FROM comparisons
