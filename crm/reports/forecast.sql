-- Grain: one row a deal that the forecast speaks of, with the one place it counts in. Of the deals asked about, `still`
-- holds the open ones as they stand, `closed` the others as they were when they closed. An overdue or undated deal is
-- never in the current month: it has a place of its own, whatever the period.
SELECT
    id AS deal_id,
    owner_id,
    currency,
    value,
    value::DECIMAL(38, 4) * probability * 0.01 AS weighted,
    CASE
        WHEN expected_close IS NULL THEN 'undated'
        WHEN expected_close < $today THEN 'overdue'
        WHEN expected_close >= $first AND expected_close < $end THEN 'open'
        ELSE 'outside'
    END AS state,
    CASE state WHEN 'open' THEN greatest(date_trunc($grain, expected_close)::DATE, $first) END AS bucket
FROM still
UNION ALL
SELECT
    id,
    owner_id,
    currency,
    value,
    value,
    'won',
    greatest(date_trunc($grain, closed_on)::DATE, $first)
FROM closed
WHERE status = 'won' AND closed_on >= $first AND closed_on < $end
