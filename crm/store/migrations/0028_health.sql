-- What a deal's health needs of its history, one row a deal: a score that reads it plans one plain statement instead of
-- five. In a table of its own, so that a note does not write `base.deals`, which every board and list reads.
-- crm/deals/activity says what each column holds.
CREATE TABLE base.deal_activity (
    deal_id BIGINT PRIMARY KEY,
    entered_at TIMESTAMPTZ,
    moved_at TIMESTAMPTZ,
    edited_at TIMESTAMPTZ,
    noted_at TIMESTAMPTZ,
    filed_at TIMESTAMPTZ,
    pushes INTEGER NOT NULL DEFAULT 0
);
INSERT INTO base.deal_activity
WITH
versions AS (
    SELECT
        deal_id,
        known_at,
        door IN ('page', 'api') AS by_hand,
        (value, expected_close) AS became,
        expected_close,
        lag((value, expected_close)) OVER former AS was,
        lag(expected_close) OVER former AS close_was
    FROM base.deal_versions
    WINDOW former AS (PARTITION BY deal_id ORDER BY id)
)
SELECT deal.id, entered_at, moved_at, edited_at, noted_at, filed_at, coalesce(pushes, 0)
FROM base.deals AS deal
LEFT JOIN (
    SELECT deal_id, max(happened_at) AS entered_at, max(happened_at) FILTER (by_hand) AS moved_at
    FROM base.stage_events
    GROUP BY deal_id
) AS moves ON moves.deal_id = deal.id
LEFT JOIN (
    SELECT
        deal_id,
        max(known_at) FILTER (by_hand AND was IS NOT NULL AND was <> became) AS edited_at,
        count(*) FILTER (expected_close > close_was) AS pushes
    FROM versions
    GROUP BY deal_id
) AS edits ON edits.deal_id = deal.id
LEFT JOIN (
    SELECT subject_id, max(created_at) AS noted_at FROM base.notes WHERE subject_kind = 'deal' GROUP BY subject_id
) AS noted ON noted.subject_id = deal.id
LEFT JOIN (
    SELECT subject_id, max(created_at) AS filed_at FROM base.attachments WHERE subject_kind = 'deal' GROUP BY subject_id
) AS filed ON filed.subject_id = deal.id
ORDER BY deal.id;

-- How long deals that are won stood in each stage, one row a completed visit: what is usual for a stage is read from
-- here, and changes with closings alone, while the history changes with every move.
CREATE TABLE base.won_visits (
    stage_event_id BIGINT PRIMARY KEY,  -- the arrival that began it
    deal_id BIGINT NOT NULL,
    stage_id BIGINT NOT NULL,
    stood BIGINT NOT NULL  -- microseconds
);
INSERT INTO base.won_visits
SELECT id, deal_id, to_stage_id, stood
FROM (
    SELECT
        id,
        deal_id,
        to_stage_id,
        epoch_us(lead(happened_at) OVER after_it) - epoch_us(happened_at) AS stood,
        last_value(to_stage_id) OVER (
            PARTITION BY deal_id
            ORDER BY happened_at, id
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS stands_in
    FROM base.stage_events
    WINDOW after_it AS (PARTITION BY deal_id ORDER BY happened_at, id)
)
WHERE stood IS NOT NULL AND stands_in IN (SELECT id FROM base.stages WHERE kind = 'won')
ORDER BY id;

-- How well the health score of each pipeline predicts, as the worker last computed it. `parameters` and `closings` say
-- of what: another text, or many more closings, make it stale.
CREATE TABLE base.health_evaluations (
    pipeline_id BIGINT PRIMARY KEY,
    auc DOUBLE,
    low DOUBLE,
    high DOUBLE,
    won BIGINT NOT NULL,
    lost BIGINT NOT NULL,
    why VARCHAR NOT NULL,
    parameters VARCHAR NOT NULL,
    closings BIGINT NOT NULL,
    computed_at TIMESTAMPTZ NOT NULL
);
