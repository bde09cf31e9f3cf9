-- Grain: one row a deal closed in the period, by its last closing day. `scoped` holds the deals asked about, each with
-- value, currency, owner and team as they were at that closing.
SELECT
    id AS deal_id,
    owner_id,
    currency,
    value,
    value AS weighted,
    status AS state,
    close_reason_id AS reason_id,
    close_note IS NOT NULL AS noted,
    closed_on - (created_at AT TIME ZONE $time_zone)::DATE AS cycle,
    greatest(date_trunc($grain, closed_on)::DATE, $first) AS bucket
FROM scoped
WHERE closed_on >= $first AND closed_on < $end
