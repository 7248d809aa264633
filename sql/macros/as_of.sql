-- title: as_of(day): what one would have read on that day, one row per series and period
-- args: day
-- example: FROM as_of('2023-08-05')
-- refuses: a text that is no date
SELECT * FROM vintage_history WHERE CAST(day AS DATE) BETWEEN realtime_start AND realtime_end
