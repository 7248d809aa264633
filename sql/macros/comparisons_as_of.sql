-- title: comparisons_as_of(day): comparisons as one would have read them on that day
-- args: seen_on
-- example: FROM comparisons_as_of('2023-08-05') WHERE region = 'Hefei'
-- refuses: a text that is no date
-- instead observation_vintages: SELECT * FROM main.observation_vintages WHERE visible_from <= CAST(seen_on AS DATE)
SELECT * FROM comparisons
