-- Scans are for everybody; what was to be merged is of who asked for it.
CREATE OR REPLACE VIEW visible.duplicate_runs AS
SELECT * FROM base.duplicate_runs
-- narrow
WHERE created_by = getvariable('actor_id') OR (task = 'scan' AND getvariable('actor_id') IS NOT NULL)
-- wide
;

-- What merges did to records that pointed to the absorbed one, and undoing them: one row a record and way. Asked for by
-- `row_pk`, as base.merge_rows holds it.
CREATE OR REPLACE VIEW visible.merge_history AS
WITH ways AS (
    SELECT
        id,
        subject_kind,
        [absorbed_id, survivor_id] AS ids,
        [absorbed_name, survivor_name] AS names,
        created_by AS by_id,
        created_at AS happened_at
    FROM base.merges
    UNION ALL
    SELECT
        id,
        subject_kind,
        [survivor_id, absorbed_id],
        [survivor_name, absorbed_name],
        undone_by,
        undone_at
    FROM base.merges
    WHERE undone_at IS NOT NULL
)
SELECT
    CASE moved.table_name WHEN 'deals' THEN 'deal' WHEN 'orders' THEN 'order' ELSE 'contact' END AS subject_kind,
    moved.row_pk,
    way.happened_at,
    way.by_id AS actor_id,
    coalesce(person.name, 'Mallard') AS actor_name,
    CASE moved.table_name
        WHEN 'deals' THEN 'deal.changed'
        WHEN 'orders' THEN 'order.changed'
        ELSE 'contact.changed'
    END AS name,
    json_object(
        'changes', json_object(way.subject_kind || '_id', way.ids, way.subject_kind || '_name', way.names)
    ) AS particulars
FROM base.merge_rows AS moved
JOIN ways AS way ON way.id = moved.merge_id
LEFT JOIN base.users AS person ON person.id = way.by_id
WHERE moved.table_name IN ('deals', 'orders', 'contacts') AND getvariable('actor_id') IS NOT NULL;
