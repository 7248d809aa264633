-- title: growth_as_of(day): average growth by window as one would have read it on that day
-- args: seen_on
-- example: FROM growth_as_of('2023-08-05')
-- refuses: a text that is no date
-- instead observation_vintages: SELECT * FROM main.observation_vintages WHERE visible_from <= CAST(seen_on AS DATE)
SELECT * FROM growth
