-- Grain: one row a deal that the forecast speaks of, with the one place it counts in. `scoped` holds the deals asked about:
-- open ones as they were on the day asked, the others as they were when they closed. An overdue or undated deal is never
-- in the current month: it has a place of its own, whatever the period.
SELECT
    id AS deal_id,
    stage_id,
    status,
    expected_close,
    closed_on,
    owner_id,
    category,
    currency,
    value,
    CASE WHEN status = 'won' THEN 1 ELSE probability * 0.01 END AS weight,
    value::DECIMAL(38, 4) * weight AS weighted,
    CASE WHEN status = 'won' THEN closed_on ELSE $today END AS rate_day,
    CASE
        WHEN status = 'won' THEN 'won'
        WHEN expected_close IS NULL THEN 'undated'
        WHEN expected_close < $today THEN 'overdue'
        WHEN expected_close >= $first AND expected_close < $end THEN 'open'
        ELSE 'outside'
    END AS state,
    CASE state
        WHEN 'won' THEN greatest(date_trunc($grain, closed_on)::DATE, $first)
        WHEN 'open' THEN greatest(date_trunc($grain, expected_close)::DATE, $first)
    END AS bucket
FROM scoped
WHERE status = 'open' OR (status = 'won' AND closed_on >= $first AND closed_on < $end)
