-- title: preferred_as_of(day): preferred_observations as one would have read them on that day
-- args: seen_on
-- example: FROM preferred_as_of('2023-08-05')
-- refuses: a text that is no date
-- instead observation_vintages: SELECT * FROM main.observation_vintages WHERE visible_from <= CAST(seen_on AS DATE)
SELECT * FROM preferred_observations
