-- One history: when things happened, by the clock of the deals, and beside it when the product knew it.
--
-- `happened_at`: a movement at the moment it was recorded; a closing at the moment recorded where its day is that day,
-- else at the end of its day. `known_at`: the moment recorded. Only what an import tells of a deal that it creates has
-- both alike: the file vouches for that past. Within a deal, the order of ids is the order of happening.
ALTER TABLE base.stage_events ADD COLUMN known_at TIMESTAMPTZ;
-- How the deal was when it closed; empty in every other event. The last closing of a closed deal has its day and reason.
ALTER TABLE base.stage_events ADD COLUMN closed_on DATE;
ALTER TABLE base.stage_events ADD COLUMN value DECIMAL(18, 4);
ALTER TABLE base.stage_events ADD COLUMN currency VARCHAR;
ALTER TABLE base.stage_events ADD COLUMN owner_id BIGINT;
ALTER TABLE base.stage_events ADD COLUMN team_id BIGINT;
ALTER TABLE base.stage_events ADD COLUMN close_reason_id BIGINT;
ALTER TABLE base.deal_versions ADD COLUMN known_at TIMESTAMPTZ;
ALTER TABLE base.deal_versions ADD COLUMN team_id BIGINT;

-- What a stage was called, where it stood and what it promised, over time: append-only, grain = one stage and one change
-- of these. The last version of a stage is the stage as it is.
CREATE SEQUENCE base.stage_version_ids;
CREATE TABLE base.stage_versions (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.stage_version_ids'),
    stage_id BIGINT NOT NULL,
    pipeline_id BIGINT NOT NULL,
    name VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    probability DECIMAL(5, 2) NOT NULL,
    kind VARCHAR NOT NULL,
    removed BOOLEAN NOT NULL,
    happened_at TIMESTAMPTZ NOT NULL,
    by_id BIGINT NOT NULL
);

-- When each import wrote what still stands of it. An import that was undone never happened, but for what it left.
CREATE TEMP TABLE written AS
SELECT change.subject_id AS deal_id, change.change, change.before, import.id AS import_id, import.finished_at AS wrote_at
FROM base.import_changes AS change
JOIN base.imports AS import ON import.id = change.import_id
WHERE change.subject_kind = 'deal'
  AND (
    import.state = 'done'
    OR (import.state = 'undone' AND EXISTS (
        FROM base.import_left AS stayed
        WHERE stayed.import_id = change.import_id
          AND stayed.subject_kind = 'deal'
          AND stayed.subject_id = change.subject_id
    ))
  );

-- Each event as it was stamped: imports wrote closings at noon of their day and openings at midnight, all others wrote
-- the moment recorded.
CREATE TEMP TABLE stamped AS
SELECT
    event.id,
    event.deal_id,
    event.kind,
    event.happened_at,
    day,
    row_number() OVER (PARTITION BY event.deal_id ORDER BY event.id) AS nth,
    lead(event.happened_at) OVER (PARTITION BY event.deal_id ORDER BY event.id) AS next_at,
    event.kind IN ('won', 'lost') AS closes,
    closes AND NOT event.by_hand AND event.happened_at = timezone(zone, day::TIMESTAMP + INTERVAL 12 HOUR) AS at_noon,
    event.kind = 'import' AND event.from_stage_id IS NULL AND event.happened_at = timezone(zone, day::TIMESTAMP)
        AS at_midnight
FROM base.stage_events AS event, (SELECT time_zone AS zone FROM base.workspace),
    LATERAL (SELECT (event.happened_at AT TIME ZONE zone)::DATE AS day);

-- Which import wrote a closing at noon: the last such closing of a deal is of the last import that closed it; the one
-- that is left over came with the deal.
CREATE TEMP TABLE noons AS
SELECT noon.id, wrote.wrote_at
FROM (
    SELECT id, deal_id, row_number() OVER (PARTITION BY deal_id ORDER BY id DESC) AS back FROM stamped WHERE at_noon
) AS noon
JOIN (
    SELECT deal_id, wrote_at, row_number() OVER (PARTITION BY deal_id ORDER BY wrote_at DESC, import_id DESC) AS back
    FROM written
    WHERE change = 'updated'
      AND json_exists(before, '$.stage_id')
      AND (deal_id, wrote_at) NOT IN (SELECT (deal_id, happened_at) FROM base.stage_events WHERE kind NOT IN ('won', 'lost'))
) AS wrote ON wrote.deal_id = noon.deal_id AND wrote.back = noon.back;

-- The day and reason that each closing was given: the deal's own for its last one, else what the log or the change of
-- many says.
CREATE TEMP TABLE given AS
SELECT
    stamped.id,
    CASE WHEN is_last THEN deal.closed_on
        ELSE coalesce(CASE WHEN at_noon THEN day END, said.closed_on, together.closed_on, day)
    END AS closed_on,
    CASE WHEN is_last THEN deal.close_reason_id ELSE coalesce(said.reason_id, together.reason_id) END AS reason_id
FROM (
    SELECT *, row_number() OVER (PARTITION BY deal_id ORDER BY id DESC) = 1 AS was_last FROM stamped
) AS stamped
JOIN base.deals AS deal ON deal.id = stamped.deal_id
LEFT JOIN (
    SELECT
        subject_id AS deal_id,
        happened_at,
        any_value(TRY_CAST(particulars->>'$.changes.closed_on[1]' AS DATE)) AS closed_on,
        any_value(TRY_CAST(particulars->>'$.changes.close_reason_id[1]' AS BIGINT)) AS reason_id
    FROM base.events
    WHERE subject_kind = 'deal' AND name IN ('deal.won', 'deal.lost')
    GROUP BY subject_id, happened_at
) AS said ON said.deal_id = stamped.deal_id AND said.happened_at = stamped.happened_at
LEFT JOIN (
    SELECT
        row.subject_id AS deal_id,
        change.created_at AS happened_at,
        any_value(change.closed_on) AS closed_on,
        any_value(change.close_reason_id) AS reason_id
    FROM base.bulk_change_rows AS row
    JOIN base.bulk_changes AS change ON change.id = row.bulk_change_id
    WHERE change.kind = 'deals' AND change.action IN ('win', 'lose')
    GROUP BY row.subject_id, change.created_at
) AS together ON together.deal_id = stamped.deal_id AND together.happened_at = stamped.happened_at,
    LATERAL (SELECT was_last AND deal.closed_on IS NOT NULL AS is_last)
WHERE stamped.closes;

-- The moment recorded, and the one that the clock gives to an event by its day.
CREATE TEMP TABLE clocked AS
SELECT
    stamped.id,
    stamped.deal_id,
    stamped.closes,
    stamped.nth = 1 OR stamped.closes AS holds,
    -- What came with the deal in its file.
    brought.deal_id IS NOT NULL AND (nth = 1 OR (nth = 2 AND at_noon AND noons.id IS NULL)) AS vouched,
    coalesce(
        noons.wrote_at,
        CASE WHEN at_noon OR at_midnight THEN coalesce(brought.wrote_at, least(next_at, deal.updated_at)) END,
        stamped.happened_at
    ) AS recorded_at,
    CASE
        WHEN NOT (stamped.closes OR at_midnight) THEN stamped.happened_at
        WHEN own_day < (recorded_at AT TIME ZONE zone)::DATE
            THEN ends_at - greatest((ends_at AT TIME ZONE zone) - tomorrow + INTERVAL 1 MICROSECOND, INTERVAL 0 SECOND)
        ELSE recorded_at
    END AS due_at
FROM stamped
JOIN base.deals AS deal ON deal.id = stamped.deal_id
LEFT JOIN given ON given.id = stamped.id
LEFT JOIN noons ON noons.id = stamped.id
LEFT JOIN (
    SELECT deal_id, max(wrote_at) AS wrote_at FROM written WHERE change = 'created' GROUP BY deal_id
) AS brought ON brought.deal_id = stamped.deal_id,
    (SELECT time_zone AS zone FROM base.workspace),
    LATERAL (
        SELECT
            coalesce(given.closed_on, stamped.day) AS own_day,
            (own_day + 1)::TIMESTAMP AS tomorrow,
            timezone(zone, tomorrow) - INTERVAL 1 MICROSECOND AS ends_at  -- see crm/pipelines/arrivals.py
    );

-- Openings and closings hold their day, never before one that went before. A movement recorded after a closing of an
-- earlier day, which nothing refused then, happened by the end of that day: what a person said of the closing counts,
-- and `known_at` keeps when the movement was recorded.
CREATE TEMP TABLE dated AS
SELECT
    id,
    deal_id,
    closes,
    vouched,
    recorded_at,
    max(placed_at) OVER (PARTITION BY deal_id ORDER BY id) AS happened_at
FROM (
    SELECT
        *,
        CASE WHEN holds THEN held_at
            ELSE greatest(
                held_at,
                least(recorded_at, coalesce(
                    min(CASE WHEN holds THEN held_at END) OVER (
                        PARTITION BY deal_id ORDER BY id ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
                    ),
                    recorded_at
                ))
            )
        END AS placed_at
    FROM (
        SELECT *, max(CASE WHEN holds THEN due_at END) OVER (PARTITION BY deal_id ORDER BY id) AS held_at FROM clocked
    )
);

-- Versions first: they are dated by the deals as they were.
CREATE TEMP TABLE first_versions AS
SELECT
    first.id,
    first.deal_id,
    opening.happened_at AS opened_at,
    -- From when the file's words are known: the closing that came with the deal, else the moment of the import.
    coalesce(
        closing.happened_at,
        greatest(brought.wrote_at, opening.happened_at),
        greatest(least(first.next_at, deal.updated_at), opening.happened_at)
    ) AS told_at
FROM (
    SELECT
        *,
        row_number() OVER (PARTITION BY deal_id ORDER BY id) AS nth,
        lead(happened_at) OVER (PARTITION BY deal_id ORDER BY id) AS next_at
    FROM base.deal_versions
) AS first
JOIN base.deals AS deal ON deal.id = first.deal_id
JOIN (
    SELECT deal_id, arg_min(happened_at, id) AS happened_at FROM dated GROUP BY deal_id
) AS opening ON opening.deal_id = first.deal_id
LEFT JOIN (
    SELECT deal_id, min(happened_at) AS happened_at FROM dated WHERE vouched AND closes GROUP BY deal_id
) AS closing ON closing.deal_id = first.deal_id
LEFT JOIN (
    SELECT deal_id, max(wrote_at) AS wrote_at FROM written WHERE change = 'created' GROUP BY deal_id
) AS brought ON brought.deal_id = first.deal_id
WHERE first.nth = 1 AND first.door = 'import';

-- Whose team a deal was is told by the log alone: before a change it held what that change found there.
CREATE TEMP TABLE teams_before AS
SELECT deal_id, changed_at, any_value(team) AS team_id, any_value(by_id) AS by_id, any_value(door) AS door
FROM (
    SELECT
        subject_id AS deal_id,
        happened_at AS changed_at,
        TRY_CAST(particulars->>'$.changes.team_id[0]' AS BIGINT) AS team,
        actor_id AS by_id,
        door
    FROM base.events
    WHERE subject_kind = 'deal' AND name = 'deal.changed' AND json_exists(particulars, '$.changes.team_id')
    UNION ALL
    SELECT written.deal_id, wrote_at, TRY_CAST(before->>'$.team_id' AS BIGINT), import.created_by, 'import'
    FROM written
    JOIN base.imports AS import ON import.id = written.import_id
    WHERE change = 'updated' AND json_exists(before, '$.team_id')
)
GROUP BY deal_id, changed_at;

CREATE TEMP TABLE new_versions AS
WITH
told AS (
    SELECT
        version.deal_id,
        version.id AS after_id,
        1 AS step,
        {
            'value': version.value,
            'currency': version.currency,
            'close': version.expected_close,
            'owner': version.owner_id,
            'contact': version.has_contact
        } AS was,
        coalesce(first.told_at, version.happened_at) AS happened_at,
        version.by_id,
        version.door
    FROM base.deal_versions AS version
    LEFT JOIN first_versions AS first ON first.id = version.id
    WHERE first.id IS NULL OR first.told_at = first.opened_at OR version.value IS NOT NULL
       OR version.expected_close IS NOT NULL
    UNION ALL
    SELECT
        version.deal_id,
        version.id,
        0,
        {
            'value': NULL,
            'currency': version.currency,
            'close': NULL,
            'owner': version.owner_id,
            'contact': version.has_contact
        },
        first.opened_at,
        version.by_id,
        version.door
    FROM base.deal_versions AS version
    JOIN first_versions AS first ON first.id = version.id AND first.told_at > first.opened_at
),
ordered AS (
    SELECT * REPLACE (max(happened_at) OVER (PARTITION BY deal_id ORDER BY after_id, step) AS happened_at) FROM told
),
with_teams AS (
    FROM ordered
    UNION ALL
    SELECT step.deal_id, NULL, 2, NULL, step.changed_at, step.by_id, step.door
    FROM teams_before AS step
    ANTI JOIN ordered ON ordered.deal_id = step.deal_id AND ordered.happened_at = step.changed_at
    SEMI JOIN (SELECT deal_id, min(happened_at) AS opened_at FROM ordered GROUP BY deal_id) AS opened
        ON opened.deal_id = step.deal_id AND opened.opened_at < step.changed_at
)
SELECT
    deal_id,
    coalesce(
        was,
        last_value(was IGNORE NULLS) OVER (PARTITION BY deal_id ORDER BY happened_at, after_id NULLS LAST, step)
    ) AS was,
    happened_at,
    row_number() OVER (PARTITION BY deal_id ORDER BY happened_at, after_id NULLS LAST, step) AS nth,
    by_id,
    door
FROM with_teams;

DELETE FROM base.deal_versions;
INSERT INTO base.deal_versions (
    deal_id, value, currency, expected_close, owner_id, team_id, has_contact, happened_at, known_at, by_id, door
)
SELECT
    version.deal_id,
    version.was.value,
    version.was.currency,
    version.was.close,
    version.was.owner,
    CASE WHEN later.deal_id IS NULL THEN deal.team_id ELSE later.team_id END,
    version.was.contact,
    version.happened_at,
    version.happened_at,
    version.by_id,
    version.door
FROM new_versions AS version
JOIN base.deals AS deal ON deal.id = version.deal_id
ASOF LEFT JOIN teams_before AS later ON later.deal_id = version.deal_id AND later.changed_at > version.happened_at
ORDER BY version.happened_at, version.deal_id, version.nth;

UPDATE base.deals AS deal SET created_at = opening.happened_at
FROM (
    SELECT deal_id, arg_min(stamped.happened_at, id) AS was, arg_min(dated.happened_at, id) AS happened_at
    FROM stamped
    JOIN dated USING (id, deal_id)
    GROUP BY deal_id
    ORDER BY deal_id
) AS opening
WHERE opening.deal_id = deal.id AND opening.was = deal.created_at AND opening.happened_at <> opening.was;

UPDATE base.stage_events AS event SET
    happened_at = dated.happened_at,
    known_at = CASE WHEN vouched THEN dated.happened_at ELSE greatest(recorded_at, dated.happened_at) END,
    closed_on = CASE WHEN closes THEN (dated.happened_at AT TIME ZONE zone)::DATE END,
    close_reason_id = given.reason_id
FROM (FROM dated ORDER BY id) AS dated
LEFT JOIN given ON given.id = dated.id, (SELECT time_zone AS zone FROM base.workspace)
WHERE dated.id = event.id;

UPDATE base.stage_events AS event SET
    value = known.was.value,
    currency = known.was.currency,
    owner_id = known.was.owner,
    team_id = known.was.team
FROM (
    SELECT
        closing.id,
        arg_max(
            {
                'value': version.value,
                'currency': version.currency,
                'owner': version.owner_id,
                'team': version.team_id
            },
            version.id
        ) AS was
    FROM base.stage_events AS closing
    JOIN base.deal_versions AS version ON version.deal_id = closing.deal_id AND version.known_at <= closing.known_at
    WHERE closing.kind IN ('won', 'lost')
    GROUP BY closing.id
    ORDER BY closing.id
) AS known
WHERE known.id = event.id;

-- The day of a closing that would lie before what went before it is the day on which it can have happened.
UPDATE base.deals AS deal SET closed_on = last.closed_on
FROM (
    SELECT deal_id, arg_max({'day': closed_on}, id).day AS closed_on
    FROM base.stage_events
    GROUP BY deal_id
    ORDER BY deal_id
) AS last
WHERE last.deal_id = deal.id AND deal.closed_on IS NOT NULL AND last.closed_on <> deal.closed_on;

-- Stages, as far as the log tells. A name and a chance were, before a change, what that change found there. Where a stage
-- stood, each new order tells; before the first one they stood as they were made.
INSERT INTO base.stage_versions (
    stage_id, pipeline_id, name, position, probability, kind, removed, happened_at, by_id
)
WITH
said AS (
    SELECT seq, happened_at, actor_id AS by_id, name AS event, subject_id AS pipeline_id, particulars
    FROM base.events
    WHERE subject_kind = 'pipeline'
),
born AS (
    SELECT
        stage.id AS stage_id,
        least(coalesce(added.happened_at, pipeline.created_at), coalesce(reached.reached_at, pipeline.created_at)) AS happened_at,
        coalesce(added.by_id, made.by_id, 0) AS by_id,
        row_number() OVER (
            PARTITION BY stage.pipeline_id ORDER BY stage.kind = 'lost', stage.kind = 'won', stage.id
        ) AS position
    FROM base.stages AS stage
    JOIN base.pipelines AS pipeline ON pipeline.id = stage.pipeline_id
    LEFT JOIN (
        SELECT (particulars->>'$.stage_id')::BIGINT AS stage_id, min(happened_at) AS happened_at, any_value(by_id) AS by_id
        FROM said
        WHERE event = 'stage.added'
        GROUP BY stage_id
    ) AS added ON added.stage_id = stage.id
    LEFT JOIN (
        SELECT pipeline_id, any_value(by_id) AS by_id FROM said WHERE event = 'pipeline.created' GROUP BY pipeline_id
    ) AS made ON made.pipeline_id = stage.pipeline_id
    LEFT JOIN (
        SELECT to_stage_id AS stage_id, min(happened_at) AS reached_at FROM base.stage_events GROUP BY to_stage_id
    ) AS reached ON reached.stage_id = stage.id
),
steps AS (
    SELECT stage_id, 0 AS seq, happened_at, by_id, NULL AS name_before, NULL AS chance_before, position, false AS removes
    FROM born
    UNION ALL
    SELECT
        (particulars->>'$.stage_id')::BIGINT,
        seq,
        happened_at,
        by_id,
        particulars->>'$.changes.name[0]',
        particulars->>'$.changes.probability[0]',
        NULL,
        event = 'stage.removed'
    FROM said
    WHERE event = 'stage.removed'
       OR (event = 'stage.changed' AND (
            json_exists(particulars, '$.changes.name') OR json_exists(particulars, '$.changes.probability')
       ))
    UNION ALL
    SELECT placed.stage_id, seq, happened_at, by_id, NULL, NULL, placed.position, false
    FROM said, LATERAL (
        SELECT
            unnest(CAST(particulars->'$.order' AS BIGINT[])) AS stage_id,
            generate_subscripts(CAST(particulars->'$.order' AS BIGINT[]), 1) AS position
    ) AS placed
    WHERE event = 'stages.reordered'
),
spoken AS (
    SELECT
        stage_id,
        seq,
        happened_at,
        by_id,
        first_value(name_before IGNORE NULLS) OVER after_it AS name,
        first_value(chance_before IGNORE NULLS) OVER after_it AS chance,
        last_value(position IGNORE NULLS) OVER (PARTITION BY stage_id ORDER BY seq) AS position,
        max(removes) OVER (PARTITION BY stage_id ORDER BY seq) AS removed,
        row_number() OVER (PARTITION BY stage_id ORDER BY seq DESC) = 1 AS is_last
    FROM steps
    WINDOW after_it AS (PARTITION BY stage_id ORDER BY seq ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
)
SELECT
    stage.id,
    stage.pipeline_id,
    coalesce(spoken.name, stage.name),
    CASE WHEN is_last THEN stage.position ELSE spoken.position END,
    coalesce(TRY_CAST(spoken.chance AS DECIMAL(5, 2)), stage.probability),
    stage.kind,
    CASE WHEN is_last THEN stage.deleted_at IS NOT NULL ELSE spoken.removed END,
    spoken.happened_at,
    spoken.by_id
FROM spoken
JOIN base.stages AS stage ON stage.id = spoken.stage_id
ORDER BY spoken.happened_at, spoken.seq, stage.id;

DROP TABLE temp.written;
DROP TABLE temp.stamped;
DROP TABLE temp.noons;
DROP TABLE temp.given;
DROP TABLE temp.clocked;
DROP TABLE temp.dated;
DROP TABLE temp.first_versions;
DROP TABLE temp.teams_before;
DROP TABLE temp.new_versions;
