-- Grain: one row a deal closed in the period, by its last closing day. `scoped` holds the deals asked about, each with
-- value, currency, owner and team as they were at that closing. Nothing may follow the WHERE: `closed` adds to it.
SELECT
    id AS deal_id,
    stage_id,
    expected_close,
    closed_on,
    status,
    owner_id,
    team_id,
    source,
    currency,
    value,
    1 AS weight,
    value AS weighted,
    coalesce(closed_on, $end - 1) AS rate_day,
    status AS state,
    close_reason_id AS reason_id,
    closed_on - (opened_at AT TIME ZONE $time_zone)::DATE AS cycle,
    greatest(date_trunc($grain, closed_on)::DATE, $first) AS bucket
FROM scoped
WHERE status <> 'open' AND closed_on >= $first AND closed_on < $end
