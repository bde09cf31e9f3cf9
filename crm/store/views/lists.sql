CREATE OR REPLACE VIEW visible.segments AS
SELECT segment.*, person.name AS user_name
FROM base.segments AS segment
JOIN base.users AS person ON person.id = segment.user_id
WHERE segment.user_id = getvariable('actor_id') OR segment.shared;

CREATE OR REPLACE VIEW visible.preferences AS
SELECT * FROM base.preferences WHERE user_id = getvariable('actor_id');

CREATE OR REPLACE VIEW visible.bulk_changes AS
SELECT * FROM base.bulk_changes
-- narrow
WHERE created_by = getvariable('actor_id')
-- wide
;

-- What changes of many records did to each that the actor may see, whoever made them, in the words of the log.
CREATE OR REPLACE VIEW visible.bulk_history AS
WITH told AS (
    SELECT
        row.subject_kind,
        row.subject_id,
        change.id,
        change.action,
        change.changed,
        change.created_at AS happened_at,
        change.created_by AS actor_id,
        row.was AS old,
        coalesce(row.became, change.becomes) AS new,
        row.was_closed_on AS old_closed_on,
        change.closed_on AS new_closed_on,
        row.was_close_reason_id AS old_reason_id,
        change.close_reason_id AS new_reason_id,
        row.was_close_note AS old_note,
        change.close_note AS new_note,
        false AS undoes
    FROM base.bulk_change_rows AS row
    JOIN base.bulk_changes AS change ON change.id = row.bulk_change_id
    UNION ALL
    SELECT
        row.subject_kind,
        row.subject_id,
        change.id,
        change.action,
        change.changed,
        change.undone_at,
        change.undone_by,
        coalesce(row.became, change.becomes),
        row.was,
        change.closed_on,
        row.was_closed_on,
        change.close_reason_id,
        row.was_close_reason_id,
        change.close_note,
        row.was_close_note,
        true
    FROM base.bulk_change_rows AS row
    JOIN base.bulk_changes AS change ON change.id = row.bulk_change_id
    WHERE change.undone_at IS NOT NULL AND row.left_because IS NULL
)
SELECT
    told.subject_kind,
    told.subject_id,
    told.happened_at,
    told.actor_id,
    told.undoes,
    coalesce(person.name, 'Mallard') AS actor_name,
    told.subject_kind || CASE
        WHEN told.action IN ('add_label', 'remove_label') THEN '.labelled'
        WHEN told.action = 'delete' THEN if(told.undoes, '.restored', '.deleted')
        WHEN told.action IN ('block', 'unblock') THEN if((told.action = 'block') <> told.undoes, '.blocked', '.unblocked')
        WHEN told.action IN ('move', 'win', 'lose') THEN CASE
            WHEN new_stage.kind = 'won' THEN '.won'
            WHEN new_stage.kind = 'lost' THEN '.lost'
            WHEN old_stage.kind <> 'open' THEN '.reopened'
            ELSE '.moved'
        END
        ELSE '.changed'
    END AS name,
    json_object(
        'bulk_change_id', told.id,
        'many', told.changed,
        'undoes', told.undoes,
        'changes', CASE
            WHEN told.action = 'set_owner' THEN json_object(
                'owner_id', json_array(told.old, told.new),
                'owner_name', json_array(old_owner.name, new_owner.name)
            )
            WHEN told.action = 'set_company' THEN json_object(
                'company_id', json_array(told.old, told.new),
                'company_name', json_array(old_company.name, new_company.name)
            )
            WHEN told.action IN ('add_label', 'remove_label') THEN json_object(
                'labels',
                if((told.action = 'add_label') <> told.undoes, json_array(NULL, label.name), json_array(label.name, NULL))
            )
            WHEN told.action IN ('move', 'win', 'lose') THEN json_merge_patch(
                json_object(
                    'stage_id', json_array(told.old, told.new),
                    'stage_name', json_array(old_stage.name, new_stage.name)
                ),
                if(told.old_closed_on IS DISTINCT FROM told.new_closed_on,
                    json_object('closed_on', json_array(told.old_closed_on, told.new_closed_on)), json_object()),
                if(told.old_reason_id IS DISTINCT FROM told.new_reason_id,
                    json_object('close_reason', json_array(old_reason.name, new_reason.name)), json_object()),
                if(told.old_note IS DISTINCT FROM told.new_note,
                    json_object('close_note', json_array(told.old_note, told.new_note)), json_object())
            )
            ELSE json_object()
        END
    )::VARCHAR AS particulars
FROM told
LEFT JOIN base.users AS person ON person.id = told.actor_id
LEFT JOIN base.users AS old_owner ON old_owner.id = told.old AND told.action = 'set_owner'
LEFT JOIN base.users AS new_owner ON new_owner.id = told.new AND told.action = 'set_owner'
LEFT JOIN base.companies AS old_company ON old_company.id = told.old AND told.action = 'set_company'
LEFT JOIN base.companies AS new_company ON new_company.id = told.new AND told.action = 'set_company'
LEFT JOIN base.labels AS label
    ON label.id = coalesce(told.new, told.old) AND told.action IN ('add_label', 'remove_label')
LEFT JOIN base.stages AS old_stage ON old_stage.id = told.old AND told.action IN ('move', 'win', 'lose')
LEFT JOIN base.stages AS new_stage ON new_stage.id = told.new AND told.action IN ('move', 'win', 'lose')
LEFT JOIN base.close_reasons AS old_reason ON old_reason.id = told.old_reason_id
LEFT JOIN base.close_reasons AS new_reason ON new_reason.id = told.new_reason_id
-- narrow
WHERE (told.subject_kind = 'contact' AND told.subject_id IN (SELECT id FROM visible.contacts))
   OR (told.subject_kind = 'company' AND told.subject_id IN (SELECT id FROM visible.companies))
   OR (told.subject_kind = 'deal' AND told.subject_id IN (SELECT id FROM visible.deals))
-- wide
;
