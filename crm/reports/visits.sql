-- Grain: one row a visit of a deal to a stage; it ends with the deal's next event, wherever that led. The time between a
-- closing and a reopening is a visit to the Won or Lost stage, and so in no open stage. Moments are in microseconds:
-- the difference of two TIMESTAMPTZ takes longer than all the rest.
SELECT
    deal_id,
    to_stage_id AS stage_id,
    epoch_us(happened_at) AS entered,
    epoch_us(lead(happened_at) OVER (PARTITION BY deal_id ORDER BY happened_at, id)) AS left_it
FROM stage_events
