-- title: as_of(day): what one would have read on that day, one row per series and period
-- args: day
SELECT * FROM vintage_history WHERE CAST(day AS DATE) BETWEEN realtime_start AND realtime_end
