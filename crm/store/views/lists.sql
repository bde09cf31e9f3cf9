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
        change.becomes AS new,
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
        change.becomes,
        row.was,
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
    coalesce(person.name, 'Mallard') AS actor_name,
    told.subject_kind || CASE
        WHEN told.action IN ('add_label', 'remove_label') THEN '.labelled'
        WHEN told.action = 'delete' THEN if(told.undoes, '.restored', '.deleted')
        WHEN told.action IN ('block', 'unblock') THEN if((told.action = 'block') <> told.undoes, '.blocked', '.unblocked')
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
-- narrow
WHERE (told.subject_kind = 'contact' AND told.subject_id IN (SELECT id FROM visible.contacts))
   OR (told.subject_kind = 'company' AND told.subject_id IN (SELECT id FROM visible.companies))
-- wide
;
