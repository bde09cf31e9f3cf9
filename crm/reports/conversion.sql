-- Grain: one row a deal that arrived in the pipeline in the period (created there, or brought from another one), with
-- how far it ever came. `scoped` holds the deals asked about; `steps` the pipeline's stages with their number in the
-- order of the cohort's start, 1 for the first open one; Won is the number after the last; and with their place among
-- those that the strict measure asks for. A deal that was never in an open stage stands in the first.
SELECT
    arrival.deal_id,
    deal.stage_id,
    deal.status,
    deal.expected_close,
    deal.closed_on,
    deal.owner_id,
    deal.team_id,
    deal.source,
    deal.currency,
    deal.value,
    NULL AS weighted,
    arrival.arrived_at,
    deal.close_reason_id AS reason_id,
    coalesce(arrival.furthest, 1) AS furthest,
    arrival.strict,
    arrival.touched,
    CASE
        WHEN deal.pipeline_id <> $pipeline_id THEN 'out'
        WHEN arrival.furthest = $won AND deal.status <> 'won' THEN 'reversed'
        ELSE deal.status
    END AS state
FROM (
    SELECT
        event.deal_id,
        min(event.happened_at) AS arrived_at,
        max(step.number) AS furthest,
        coalesce(bit_or(1::HUGEINT << step.number::INTEGER), 0) AS touched,  -- one bit a stage
        -- Of all arrivals in order, those that are each the next stage in turn: whatever comes between changes nothing.
        coalesce(
            list_reduce(
                list(step.place ORDER BY event.happened_at, event.id) FILTER (step.place IS NOT NULL),
                lambda entered, place: if(place = entered + 1, place, entered),
                0::BIGINT
            ),
            0
        ) AS strict
    FROM base.stage_events AS event  -- base: of the visible deals, by the join with `scoped`
    LEFT JOIN steps AS step ON step.id = event.to_stage_id
    WHERE event.pipeline_id = $pipeline_id AND event.known_at <= $as_of
    GROUP BY event.deal_id
    HAVING min(event.happened_at) >= $arrived_from AND min(event.happened_at) < $arrived_before
) AS arrival
JOIN scoped AS deal ON deal.id = arrival.deal_id
