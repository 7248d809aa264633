-- title: first_release(): the first measured release of every figure that is known and can be placed in time; its status tells whether it is a first figure
-- example: FROM first_release()
SELECT * FROM vintage_history WHERE vintage_number = 1
