-- Grain: one row a visit of a scoped deal to a stage; it ends with the deal's next event, wherever that led. The time
-- between a closing and a reopening is a visit to the Won or Lost stage, and so in no open stage.
SELECT
    event.deal_id,
    event.to_stage_id AS stage_id,
    event.happened_at AS entered_at,
    lead(event.happened_at) OVER (PARTITION BY event.deal_id ORDER BY event.happened_at, event.id) AS left_at
FROM stage_events AS event
WHERE event.deal_id IN (SELECT id FROM scoped)
