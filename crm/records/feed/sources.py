"""Where changes are kept, as SQL of one shape: the log, and beside it what each change of many records kept.

A change of many records is one event of the log and one row a record in a table of its own. Each source joins the two,
so every row has its event's place in the order of commits, its time, its author and its source.

Columns: seq, happened_at, actor_id, actor_name, source, kind, id, event, changes, payload, imported, old, new.
`changes` is JSON of {field: [before, after]}, NULL where an event changes no field of the record itself. `old` and
`new` are what an import kept of a record's fields, as JSON; elsewhere they are NULL.
"""

from collections.abc import Callable, Collection, Iterable

from crm.records import registry
from crm.records.declaration import Trait
from crm.records.feed import kinds, of_bulk

ABOUT = "seq, happened_at, actor_id, actor_name, source, kind, id, event"
COLUMNS = f"{ABOUT}, changes, payload, imported, old, new"
WHO_AND_WHEN = "event.seq, event.happened_at, event.actor_id, event.actor_name, event.door AS source"

LOG = f"""
    SELECT
        {WHO_AND_WHEN},
        event.subject_kind AS kind,
        event.subject_id AS id,
        event.name AS event,
        CASE
            -- An event such as note.changed is of what belongs to the record. A search in the text of the payload is
            -- cheaper than parsing those that have none.
            WHEN contains(event.particulars, '"changes":') AND starts_with(event.name, event.subject_kind || '.')
                THEN event.particulars->>'$.changes'
        END AS changes,
        event.particulars AS payload,
        false AS imported,
        NULL::VARCHAR AS old,
        NULL::VARCHAR AS new
    FROM base.events AS event
"""

# A quote inside a JSON text is escaped, so none of the two patterns can match within a value.
_BY_FIELD = r"""regexp_replace(
    replace(change.before, '"manual_value":', '"value":'), '"a_([a-z0-9_]+)":', '"attribute:\1":', 'g'
)"""
"""What an import replaced, by field: `before` has it by column, for the undo."""

# Put together as text: for a million rows, json_object takes longer than everything else.
_IMPORT_PAYLOAD = """concat(
            '{"import_id":', change.import_id, ',"line":', change.line, ',"before":',
            coalesce(to_json(change.before)::VARCHAR, 'null'), '}'
        )"""

IMPORTS = f"""
    SELECT
        {WHO_AND_WHEN},
        change.subject_kind,
        change.subject_id,
        change.subject_kind || if(change.change = 'created', '.created', '.changed'),
        NULL,
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
        {WHO_AND_WHEN},
        change.subject_kind,
        change.subject_id,
        change.subject_kind || '.import_undone',
        NULL,
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


def merges() -> str:
    """SQL of what merges did to records that pointed to the absorbed one, and what undoing them did to those that went
    back."""
    tables = kinds.tables()
    kind_of_table = " ".join(f"WHEN '{table}' THEN '{kind}'" for kind, table in tables.items())
    names = [name for name, place in events_of_many().items() if place == "merges"]
    return f"""
        SELECT
            {WHO_AND_WHEN},
            CASE moved.table_name {kind_of_table} END AS moved_kind,
            TRY_CAST(moved.row_pk[7:-2] AS BIGINT),  -- of {{"id":7}}
            moved_kind || '.changed',
            json_object(
                merge.subject_kind || '_id',
                if(undoes,
                    json_array(merge.survivor_id, merge.absorbed_id),
                    json_array(merge.absorbed_id, merge.survivor_id)),
                merge.subject_kind || '_name',
                if(undoes,
                    json_array(merge.survivor_name, merge.absorbed_name),
                    json_array(merge.absorbed_name, merge.survivor_name))
            )::VARCHAR AS moved_changes,
            concat('{{"merge_id":', merge.id, ',"changes":', moved_changes, '}}'),
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


EVENT_RECORDS = f"""
    SELECT
        {WHO_AND_WHEN},
        record.subject_kind,
        record.subject_id,
        record.name,
        record.changes,
        concat('{{"cause":"', event.name, '","cause_id":', event.subject_id, ',"changes":', record.changes, '}}'),
        false,
        NULL,
        NULL
    FROM base.events AS event
    JOIN base.event_records AS record ON record.seq = event.seq
"""

NAMED = 20
"""Links that a row of the feed names, of those that a change of many records gave to one record."""

_SIDES = """
    SELECT seq, link_id, object_kind, object_id, subject_kind, subject_id, subject_name, label, linked_on
    FROM base.event_links
    UNION ALL
    SELECT seq, link_id, subject_kind, subject_id, object_kind, object_id, object_name, label, linked_on
    FROM base.event_links
"""

# One row a record and event, however many links it got: a reader's place is between two records.
LINKS = f"""
    SELECT
        {WHO_AND_WHEN},
        side.kind,
        side.id,
        if(event.name = 'links.added', 'link.added', 'link.removed'),
        NULL,
        concat(
            '{{"', event.subject_kind, '_id":', event.subject_id,
            ',"many":', side.many,
            ',"links":', to_json(side.links),
            '}}'
        ),
        false,
        NULL,
        NULL
    FROM base.events AS event
    JOIN (
        SELECT
            seq,
            kind,
            id,
            count(*) AS many,
            arg_min(
                {{
                    'link_id': link_id,
                    'linked_kind': linked_kind,
                    'linked_id': linked_id,
                    'linked_name': linked_name,
                    'label': label,
                    'linked_on': linked_on
                }},
                linked_id,
                {NAMED}
            ) AS links
        FROM ({_SIDES}) AS row(seq, link_id, kind, id, linked_kind, linked_id, linked_name, label, linked_on)
        GROUP BY seq, kind, id
    ) AS side ON side.seq = event.seq
    WHERE event.name IN ('links.added', 'links.removed')
"""

PLACES = ("imports", "bulk", "merges", "event_records", "links")
"""Where else than in the log changes are kept."""


def of_many(places: Iterable[str], operations: Collection[of_bulk.Operation] | None = None) -> str:
    """SQL of what changes of many records kept in these places; of some bulk operations alone where these are given."""
    found: dict[str, Callable[[], str]] = {
        "imports": lambda: f"{IMPORTS} UNION ALL {UNDONE_IMPORTS}",
        "bulk": lambda: of_bulk.rows(operations),
        "merges": merges,
        "event_records": lambda: EVENT_RECORDS,
        "links": lambda: LINKS,
    }
    rows = " UNION ALL ".join(found[place]() for place in places)
    return f"FROM ({rows}) AS row({COLUMNS})"


OF_SOMETHING_ELSE = (
    "attribute.converted",
    "attribute.value_deleted",
    "attribute.value_renamed",
    "bin.emptied",
    "contact.erased",
    "label.deleted",
    "label.merged",
)
"""Events whose records stand in `event_records`."""


def events_of_many() -> dict[str, str]:
    """The log's events that stand for changes of many records → where these are kept."""
    merged = {f"{of.key}.{done}": "merges" for of in registry.having(Trait.MERGE) for done in ("merged", "unmerged")}
    return merged | {
        "import.applied": "imports",
        "import.undone": "imports",
        "bulk_change.made": "bulk",
        "bulk_change.undone": "bulk",
        "links.added": "links",
        "links.removed": "links",
        **dict.fromkeys(OF_SOMETHING_ELSE, "event_records"),
    }
