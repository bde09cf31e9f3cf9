-- What a stage asks of the deals that enter it, how long they usually may stay, and who may win.
ALTER TABLE base.stages ADD COLUMN limit_days INTEGER;  -- idle for longer is stalled; NULL: what was usual for won deals
ALTER TABLE base.pipelines ADD COLUMN winners VARCHAR DEFAULT 'everybody';  -- everybody, managers or named

-- `field` is a column of a deal, or attribute:<id>: an attribute that was deleted must break the rule, not free it.
-- `name` is what the field was called when the rule was made, for when nothing else knows any more.
CREATE TABLE base.stage_requirements (
    stage_id BIGINT NOT NULL,
    field VARCHAR NOT NULL,
    attribute_id BIGINT,
    name VARCHAR NOT NULL,
    PRIMARY KEY (stage_id, field)
);

-- Who may win where `winners` is named.
CREATE TABLE base.pipeline_winners (
    pipeline_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    PRIMARY KEY (pipeline_id, user_id)
);

-- How much each penalty takes off a deal's health, where a pipeline has weights of its own.
CREATE TABLE base.health_weights (
    pipeline_id BIGINT NOT NULL,
    penalty VARCHAR NOT NULL
        CHECK (penalty IN ('idle', 'long_in_stage', 'overdue', 'pushed', 'no_next_step', 'nobody', 'no_value')),
    weight INTEGER NOT NULL CHECK (weight BETWEEN 0 AND 100),
    PRIMARY KEY (pipeline_id, penalty)
);

-- Whether somebody moved this very deal: an import did not, nor who removed the stage that it stood in.
ALTER TABLE base.stage_events ADD COLUMN by_hand BOOLEAN DEFAULT true;
UPDATE base.stage_events SET by_hand = false
WHERE kind = 'import'
   OR (kind <> 'create' AND (deal_id, happened_at) NOT IN (
        SELECT (subject_id, happened_at) FROM base.events WHERE subject_kind = 'deal'
   ))
   OR happened_at IN (SELECT happened_at FROM base.events WHERE name = 'stage.removed');

-- What a deal was worth, when it was expected and whose it was, over time: append-only, grain = one deal and one change
-- of these. The last version of a deal is the deal as it is. Whether it had a contact is kept, not which one: a
-- version is no row of a contact, to be merged or erased with it.
CREATE SEQUENCE base.deal_version_ids;
CREATE TABLE base.deal_versions (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.deal_version_ids'),
    deal_id BIGINT NOT NULL,
    value DECIMAL(18, 4),
    currency VARCHAR NOT NULL,
    expected_close DATE,
    owner_id BIGINT,
    has_contact BOOLEAN NOT NULL,
    happened_at TIMESTAMPTZ NOT NULL,
    by_id BIGINT NOT NULL,
    door VARCHAR NOT NULL CHECK (door IN ('page', 'api', 'command line', 'import', 'system'))
);

-- As far as the log tells, backwards from the deal as it is: after a change a field holds what the next change of it
-- found there. `found` is “=” and the text of what was there, NULL where that change left the field alone. An import
-- that was undone never happened.
INSERT INTO base.deal_versions (
    deal_id, value, currency, expected_close, owner_id, has_contact, happened_at, by_id, door
)
WITH
steps AS (
    SELECT
        subject_id AS deal_id,
        happened_at,
        seq AS step,
        actor_id AS by_id,
        door,
        particulars AS said,
        '$.changes.value' AS value_path,
        '$.changes.currency' AS currency_path,
        '$.changes.expected_close' AS close_path,
        '$.changes.owner_id' AS owner_path,
        '$.changes.contact_id' AS contact_path,
        '[0]' AS before
    FROM base.events
    WHERE subject_kind = 'deal' AND name = 'deal.changed'
    UNION ALL
    SELECT
        change.subject_id,
        import.finished_at,
        0,
        import.created_by,
        'import',
        change.before,
        '$.manual_value',
        '$.currency',
        '$.expected_close',
        '$.owner_id',
        '$.contact_id',
        ''
    FROM base.import_changes AS change
    JOIN base.imports AS import ON import.id = change.import_id
    WHERE change.subject_kind = 'deal'
      AND change.change = 'updated'
      AND (
        import.state = 'done'
        OR (import.state = 'undone' AND EXISTS (
            FROM base.import_left AS stayed
            WHERE stayed.import_id = change.import_id
              AND stayed.subject_kind = 'deal'
              AND stayed.subject_id = change.subject_id
        ))
      )
),
found AS (
    SELECT
        deal_id,
        happened_at,
        step,
        by_id,
        door,
        CASE WHEN json_exists(said, value_path) THEN '=' || coalesce(said->>(value_path || before), '') END AS value,
        CASE WHEN json_exists(said, currency_path) THEN '=' || coalesce(said->>(currency_path || before), '') END
            AS currency,
        CASE WHEN json_exists(said, close_path) THEN '=' || coalesce(said->>(close_path || before), '') END AS close,
        CASE WHEN json_exists(said, owner_path) THEN '=' || coalesce(said->>(owner_path || before), '') END AS owner,
        CASE WHEN json_exists(said, contact_path) THEN '=' || coalesce(said->>(contact_path || before), '') END
            AS contact
    FROM steps
),
firsts AS (
    SELECT
        deal.id AS deal_id,
        coalesce(created.by_id, 0) AS by_id,
        coalesce(created.door, 'system') AS door,
        deal.created_at AS happened_at
    FROM base.deals AS deal
    LEFT JOIN (
        SELECT subject_id AS deal_id, any_value(actor_id) AS by_id, any_value(door) AS door
        FROM base.events
        WHERE subject_kind = 'deal' AND name = 'deal.created'
        GROUP BY subject_id
        UNION ALL
        SELECT change.subject_id, any_value(import.created_by), 'import'
        FROM base.import_changes AS change
        JOIN base.imports AS import ON import.id = change.import_id
        WHERE change.subject_kind = 'deal' AND change.change = 'created'
        GROUP BY change.subject_id
    ) AS created ON created.deal_id = deal.id
),
every AS (
    SELECT deal_id, happened_at, -1 AS step, by_id, door, NULL AS value, NULL AS currency, NULL AS close, NULL AS owner,
        NULL AS contact
    FROM firsts
    UNION ALL
    SELECT deal_id, happened_at, step, by_id, door, value, currency, close, owner, contact
    FROM found
    WHERE coalesce(value, currency, close, owner, contact) IS NOT NULL
),
later AS (
    SELECT
        deal_id,
        happened_at,
        step,
        by_id,
        door,
        first_value(value IGNORE NULLS) OVER after_it AS value,
        first_value(currency IGNORE NULLS) OVER after_it AS currency,
        first_value(close IGNORE NULLS) OVER after_it AS close,
        first_value(owner IGNORE NULLS) OVER after_it AS owner,
        first_value(contact IGNORE NULLS) OVER after_it AS contact
    FROM every
    WINDOW after_it AS (
        PARTITION BY deal_id
        ORDER BY step >= 0, happened_at, step
        ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
    )
)
SELECT
    deal.id,
    CASE WHEN later.value IS NULL THEN deal.manual_value ELSE TRY_CAST(later.value[2:] AS DECIMAL(18, 4)) END,
    CASE WHEN later.currency IS NULL THEN deal.currency ELSE later.currency[2:] END,
    CASE WHEN later.close IS NULL THEN deal.expected_close ELSE TRY_CAST(later.close[2:] AS DATE) END,
    CASE WHEN later.owner IS NULL THEN deal.owner_id ELSE TRY_CAST(later.owner[2:] AS BIGINT) END,
    CASE WHEN later.contact IS NULL THEN deal.contact_id IS NOT NULL ELSE later.contact <> '=' END,
    later.happened_at,
    later.by_id,
    later.door
FROM later
JOIN base.deals AS deal ON deal.id = later.deal_id
ORDER BY later.step >= 0, later.happened_at, later.step, deal.id;
