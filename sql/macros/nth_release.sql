-- title: nth_release(n): the nth measured release of every figure, from 1; a figure with fewer known releases has no row
-- args: n
-- example: FROM nth_release(2)
-- refuses: an n below 1
SELECT *
FROM vintage_history
WHERE vintage_number = CASE
    WHEN n IS NULL OR n < 1 THEN error('nth_release: n is ' || coalesce(CAST(n AS VARCHAR), 'NULL') || '; releases are counted from 1, the first')
    ELSE n
END
