"""Where changes are kept, as SQL of one shape: the log, and beside it what each change of many records kept.

A change of many records is one event of the log and one row a record in a table of its own. Each source joins the two,
so every row has its event's place in the order of commits, its time, its author and its source.

Columns: seq, happened_at, actor_id, actor_name, source, kind, id, event, payload, imported, old, new. `old` and `new`
are what an import kept of a record's fields, as JSON; elsewhere they are NULL, and the payload has `changes`.
"""

from collections.abc import Callable

from crm.records import registry
from crm.records.declaration import Trait
from crm.records.feed import kinds

_WHO_AND_WHEN = "event.seq, event.happened_at, event.actor_id, event.actor_name, event.door AS source"

LOG = f"""
    SELECT
        {_WHO_AND_WHEN},
        event.subject_kind AS kind,
        event.subject_id AS id,
        event.name AS event,
        event.particulars AS payload,
        false AS imported,
        NULL::VARCHAR AS old,
        NULL::VARCHAR AS new
    FROM base.events AS event
"""

_BY_FIELD = r"""regexp_replace(
    replace(change.before, '"manual_value":', '"value":'), '"a_([a-z0-9_]+)":', '"attribute:\1":', 'g'
)"""
"""An import's `before` names columns, since its undo reads it by these. A quote inside a JSON text is escaped, so none
of the two patterns can meet a value."""

_IMPORT_PAYLOAD = """concat(
            '{"import_id":', change.import_id, ',"line":', change.line, ',"before":',
            coalesce(to_json(change.before)::VARCHAR, 'null'), '}'
        )"""
"""As text: of a million rows, json_object takes longer than everything else."""

IMPORTS = f"""
    SELECT
        {_WHO_AND_WHEN},
        change.subject_kind,
        change.subject_id,
        change.subject_kind || if(change.change = 'created', '.created', '.changed'),
        {_IMPORT_PAYLOAD},
        true,
        {_BY_FIELD},
        coalesce(change.after, '{{}}')
    FROM base.events AS event
    JOIN base.import_changes AS change ON change.import_id = event.subject_id
    WHERE event.name = 'import.applied'
"""

UNDONE_IMPORTS = f"""
    SELECT
        {_WHO_AND_WHEN},
        change.subject_kind,
        change.subject_id,
        change.subject_kind || '.import_undone',
        {_IMPORT_PAYLOAD},
        true,
        coalesce(change.after, '{{}}'),
        {_BY_FIELD}
    FROM base.events AS event
    JOIN base.import_changes AS change ON change.import_id = event.subject_id
    ANTI JOIN base.import_left AS stayed
        ON stayed.import_id = change.import_id
        AND stayed.subject_kind = change.subject_kind
        AND stayed.subject_id = change.subject_id
    WHERE event.name = 'import.undone'
"""

TOLD = frozenset(
    ["add_label", "remove_label", "set_owner", "set_company", "block", "unblock", "delete", "move", "win", "lose",
     "set_status"]
)  # fmt: skip
"""The bulk actions that the two texts below put into words."""

_BULK_EVENT = """
    told.kind || CASE
        WHEN told.action IN ('add_label', 'remove_label') THEN '.labelled'
        WHEN told.action = 'delete' THEN if(told.undoes, '.restored', '.deleted')
        WHEN told.action = 'block' THEN if(told.undoes, '.unblocked', '.blocked')
        WHEN told.action = 'unblock' THEN if(told.undoes, '.blocked', '.unblocked')
        WHEN told.action = 'set_status' THEN '.status_changed'
        WHEN told.action IN ('move', 'win', 'lose') THEN CASE
            WHEN new_stage.kind = 'won' THEN '.won'
            WHEN new_stage.kind = 'lost' THEN '.lost'
            WHEN old_stage.kind <> 'open' THEN '.reopened'
            ELSE '.moved'
        END
        ELSE '.changed'
    END"""

_BULK_FIELDS = """
    CASE
        WHEN told.action = 'set_owner' THEN json_object(
            'owner_id', json_array(told.was, told.became),
            'owner_name', json_array(old_owner.name, new_owner.name)
        )
        WHEN told.action = 'set_company' THEN json_object(
            'company_id', json_array(told.was, told.became),
            'company_name', json_array(old_company.name, new_company.name)
        )
        WHEN told.labels_was IS NOT NULL THEN json_object('labels', json_array(told.labels_was, told.labels_became))
        WHEN told.action IN ('add_label', 'remove_label') THEN json_object(
            'labels',
            if((told.action = 'add_label') <> told.undoes, json_array(NULL, label.name), json_array(label.name, NULL))
        )
        WHEN told.action = 'set_status' THEN json_merge_patch(
            json_object('status', json_array(told.status_was, told.status_became)),
            if(told.paid_on_was IS DISTINCT FROM told.paid_on_became,
                json_object('paid_on', json_array(told.paid_on_was, told.paid_on_became)), json_object())
        )
        WHEN told.action IN ('move', 'win', 'lose') THEN json_merge_patch(
            json_object(
                'stage_id', json_array(told.was, told.became), 'stage_name', json_array(old_stage.name, new_stage.name)
            ),
            if(old_stage.pipeline_id <> new_stage.pipeline_id,
                json_object(
                    'pipeline_id', json_array(old_stage.pipeline_id, new_stage.pipeline_id),
                    'pipeline_name', json_array(old_pipeline.name, new_pipeline.name)
                ), json_object()),
            if(told.closed_on_was IS DISTINCT FROM told.closed_on_became,
                json_object('closed_on', json_array(told.closed_on_was, told.closed_on_became)), json_object()),
            if(told.reason_was IS DISTINCT FROM told.reason_became,
                json_object(
                    'close_reason_id', json_array(told.reason_was, told.reason_became),
                    'close_reason', json_array(old_reason.name, new_reason.name)
                ), json_object()),
            if(told.note_was IS DISTINCT FROM told.note_became,
                json_object('close_note', json_array(told.note_was, told.note_became)), json_object())
        )
        ELSE json_object()
    END"""


def _both_ways(name: str, was: str, became: str) -> str:
    return f"if(undoes, {became}, {was}) AS {name}_was, if(undoes, {was}, {became}) AS {name}_became"


BULK = f"""
    SELECT
        told.seq,
        told.happened_at,
        told.actor_id,
        told.actor_name,
        told.source,
        told.kind,
        told.id,
        {_BULK_EVENT},
        json_object(
            'bulk_change_id', told.change_id, 'many', told.changed, 'undoes', told.undoes, 'changes', {_BULK_FIELDS}
        )::VARCHAR,
        false,
        NULL,
        NULL
    FROM (
        SELECT
            {_WHO_AND_WHEN},
            event.name = 'bulk_change.undone' AS undoes,
            row.subject_kind AS kind,
            row.subject_id AS id,
            change.id AS change_id,
            change.action,
            change.changed,
            change.becomes,
            if(undoes, coalesce(row.became, change.becomes), row.was) AS was,
            if(undoes, row.was, coalesce(row.became, change.becomes)) AS became,
            {_both_ways("labels", "row.was_labels", "row.became_labels")},
            {_both_ways("closed_on", "row.was_closed_on", "change.closed_on")},
            {_both_ways("reason", "row.was_close_reason_id", "change.close_reason_id")},
            {_both_ways("status", "row.was_status", "change.status")},
            {_both_ways("paid_on", "row.was_paid_on", "row.became_paid_on")},
            {_both_ways("note", "row.was_close_note", "change.close_note")}
        FROM base.events AS event
        JOIN base.bulk_changes AS change ON change.id = event.subject_id
        JOIN base.bulk_change_rows AS row ON row.bulk_change_id = change.id
        WHERE event.name = 'bulk_change.made' OR (event.name = 'bulk_change.undone' AND row.left_because IS NULL)
    ) AS told
    LEFT JOIN base.users AS old_owner ON old_owner.id = told.was AND told.action = 'set_owner'
    LEFT JOIN base.users AS new_owner ON new_owner.id = told.became AND told.action = 'set_owner'
    LEFT JOIN base.companies AS old_company ON old_company.id = told.was AND told.action = 'set_company'
    LEFT JOIN base.companies AS new_company ON new_company.id = told.became AND told.action = 'set_company'
    LEFT JOIN base.labels AS label ON label.id = told.becomes AND told.action IN ('add_label', 'remove_label')
    LEFT JOIN base.stages AS old_stage ON old_stage.id = told.was AND told.action IN ('move', 'win', 'lose')
    LEFT JOIN base.stages AS new_stage ON new_stage.id = told.became AND told.action IN ('move', 'win', 'lose')
    LEFT JOIN base.pipelines AS old_pipeline ON old_pipeline.id = old_stage.pipeline_id
    LEFT JOIN base.pipelines AS new_pipeline ON new_pipeline.id = new_stage.pipeline_id
    LEFT JOIN base.close_reasons AS old_reason ON old_reason.id = told.reason_was
    LEFT JOIN base.close_reasons AS new_reason ON new_reason.id = told.reason_became
"""


def merges() -> str:
    """What merges did to records that pointed to the absorbed one, and what undoing them did to those that went
    back."""
    tables = kinds.tables()
    kind_of_table = " ".join(f"WHEN '{table}' THEN '{kind}'" for kind, table in tables.items())
    names = [name for name, place in events_of_many().items() if place == "merges"]
    return f"""
        SELECT
            {_WHO_AND_WHEN},
            CASE moved.table_name {kind_of_table} END AS moved_kind,
            TRY_CAST(moved.row_pk[7:-2] AS BIGINT),  -- of {{"id":7}}
            moved_kind || '.changed',
            json_object(
                'merge_id', merge.id,
                'changes', json_object(
                    merge.subject_kind || '_id',
                    if(undoes,
                        json_array(merge.survivor_id, merge.absorbed_id),
                        json_array(merge.absorbed_id, merge.survivor_id)),
                    merge.subject_kind || '_name',
                    if(undoes,
                        json_array(merge.survivor_name, merge.absorbed_name),
                        json_array(merge.absorbed_name, merge.survivor_name))
                )
            )::VARCHAR,
            false,
            NULL,
            NULL
        FROM (
            SELECT
                *,
                ends_with(name, '.unmerged') AS undoes,
                TRY_CAST(particulars->>'$.merge_id' AS BIGINT) AS merge_id
            FROM base.events
            WHERE name IN ({kinds.listed(names)})
        ) AS event
        JOIN base.merges AS merge ON merge.id = event.merge_id
        JOIN base.merge_rows AS moved ON moved.merge_id = merge.id
        WHERE moved.table_name IN ({kinds.listed(tables.values())}) AND NOT (undoes AND coalesce(moved.stayed, false))
    """


OF_MANY: dict[str, Callable[[], str]] = {
    "imports": lambda: f"{IMPORTS} UNION ALL {UNDONE_IMPORTS}",
    "bulk": lambda: BULK,
    "merges": merges,
}
"""What changes of many records kept, by the place where it stands."""


def events_of_many() -> dict[str, str]:
    """The log's events that stand for changes of many records → where these are kept."""
    merged = {f"{of.key}.{done}": "merges" for of in registry.having(Trait.MERGE) for done in ("merged", "unmerged")}
    return merged | {
        "import.applied": "imports",
        "import.undone": "imports",
        "bulk_change.made": "bulk",
        "bulk_change.undone": "bulk",
    }
