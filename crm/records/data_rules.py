"""The rules of `crm verify` for every record type: references, unique keys, and the rules of each trait.

Registered types, and columns that follow the schema's naming, are checked without a line here.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from crm.foundation.language import tr
from crm.records import attributes, registry, subjects
from crm.records.attributes import custom_keys
from crm.records.declaration import RecordType, Trait
from crm.records.fields import Target
from crm.store import Reading
from crm.store.verify import Reference, columns, tables

Types = Sequence[RecordType[Any]]

ROLES = {"owner": "users", "assignee": "users", "run": "duplicate_runs", "template": "checklist_templates"}
"""{role in a column's name: the table it refers to}, where that is not the table's own name."""

OUTLIVING = {
    ("notices", "deal_id"): "what somebody was notified of outlives the deal",
    ("stage_requirements", "attribute_id"): "the requirement itself says where its attribute is gone",
    ("event_links", "link_id"): "what is told of a link outlives it",
    ("event_links", "link_label_id"): "as link_id",
    ("bulk_change_rows", "link_id"): "as link_id",
    ("bulk_changes", "link_label_id"): "as link_id",
}
"""{column: the reason why the row that it points to may be missing}."""


def references(tx: Reading, types: Types) -> list[Reference]:
    """The references of the types' fields and attributes, and of every column `<name>_id` to the table of that name:
    `stages` for `from_stage_id`."""
    found = {Reference(of.key + "_attributes", "id", of.plural) for of in types if of.has(Trait.ATTRIBUTES)}
    found |= {Reference(of.plural, field.column, _target(field.to)) for of in types for field in of.references.values()}
    tables_by_name = ROLES | {table: table for table in tables(tx)} | {of.key: of.plural for of in types}
    for table, column in columns(tx, "_id"):
        target = _referenced_table(column.removesuffix("_id"), tables_by_name)
        if target and (table, column) not in OUTLIVING:
            found.add(Reference(table, column, target))
    return sorted(found)


def _target(to: str | Target) -> str:
    return to.view.removeprefix("base.") if isinstance(to, Target) else registry.get(to).plural


def _referenced_table(name: str, tables_by_name: dict[str, str]) -> str | None:
    """The table named by the longest suffix of the name: close_reasons for was_close_reason."""
    words = name.split("_")
    suffixes = ("_".join(words[start:]) for start in range(len(words)))
    return next((tables_by_name[form] for end in suffixes for form in (end, f"{end}s") if form in tables_by_name), None)


def keys(tx: Reading, types: Types) -> list[tuple[str, str]]:
    """(table, column) of the unique keys: those of unique fields, and every `<name>_key`."""
    unique = {(of.plural, field.unique.column) for of in types for field in of.uniques.values() if field.unique}
    return sorted(unique | set(columns(tx, "_key")))


def rules(types: Types) -> dict[str, str]:
    """{description of a fault: query of the ids with it}, for the rules of the traits."""
    types = tuple(types)
    return {
        **{
            tr("{a_kind} whose keys and values disagree", a_kind=of.an): _key_mismatches(of)
            for of in types
            if of.uniques
        },
        tr("a record in the bin that still holds a key"): _union(
            f"SELECT id FROM base.{of.plural} WHERE deleted_at IS NOT NULL AND ({_any_key(of)})"
            for of in types
            if of.has(Trait.BIN) and of.uniques
        ),
        tr("a note on a record that is not there"): _orphans("notes", types, Trait.NOTES),
        tr("a file of a record that is not there"): _orphans("attachments", types, Trait.FILES),
        tr("a link of a record that is not there"): _lost_links("object", [of for of in types if of.custom]),
        tr("a link to a contact or deal that is not there"): _lost_links(
            "subject", [of for of in types if of.key in subjects.LINKABLE]
        ),
        tr("a link with a label of another type"): """
            SELECT link.id
            FROM base.links AS link
            ANTI JOIN base.link_labels AS label
                ON label.id = link.link_label_id AND label.object_kind = link.object_kind
            WHERE link.link_label_id IS NOT NULL
        """,
        tr("a merge that stands, though what it absorbed is awake"): _union(
            f"""
            SELECT merge.id
            FROM base.merges AS merge
            JOIN base.{of.plural} AS record ON record.id = merge.absorbed_id AND record.deleted_at IS NULL
            WHERE merge.subject_kind = '{of.key}' AND merge.undone_at IS NULL
            """
            for of in types
            if of.has(Trait.MERGE)
        ),
    }


def _key_mismatches(of: RecordType[Any]) -> str:
    mismatch = " OR ".join(
        f"({field.column} IS NULL) <> ({field.unique.column} IS NULL)" for field in of.uniques.values() if field.unique
    )
    # In the bin a record keeps its values and gives up its keys.
    live = "deleted_at IS NULL AND " if of.has(Trait.BIN) else ""
    return f"SELECT id FROM base.{of.plural} WHERE {live}({mismatch})"


def _any_key(of: RecordType[Any]) -> str:
    return " OR ".join(f"{field.unique.column} IS NOT NULL" for field in of.uniques.values() if field.unique)


def _orphans(table: str, types: Types, trait: Trait) -> str:
    records = _union(f"SELECT '{of.key}' AS kind, id FROM base.{of.plural}" for of in types if of.has(trait))
    return f"""
        SELECT beside.id
        FROM base.{table} AS beside
        ANTI JOIN ({records}) AS record ON record.kind = beside.subject_kind AND record.id = beside.subject_id
    """


def _lost_links(side: str, types: Types) -> str:
    """Query of the links whose side, the custom record (object) or the other (subject), is of no record."""
    records = _union(f"SELECT '{of.key}' AS kind, id FROM base.{of.plural}" for of in types) or _NO_RECORDS
    return f"""
        SELECT link.id
        FROM base.links AS link
        ANTI JOIN ({records}) AS record ON record.kind = link.{side}_kind AND record.id = link.{side}_id
    """


_NO_RECORDS = "SELECT '' AS kind, 0 AS id WHERE false"


def column_faults(tx: Reading, types: Types) -> Iterator[str]:
    """The faults of attribute columns, a sentence each. An attribute without its column (`a_<key>`, in the bin
    `d_<id>`) makes the lists of its type fail; a column without its attribute holds values that nobody sees, exports or
    erases."""
    found = tx.rows(
        """
        SELECT table_name, column_name, owner
        FROM (
            SELECT
                if(custom, replace(model, 'object_', 'objects_'), model || '_attributes') AS table_name,
                if(custom, key, 'a_' || key) AS column_name,
                'attribute “' || name || '”' AS owner
            FROM (SELECT *, starts_with(model, 'object_') AS custom FROM base.attributes)
            UNION ALL
            SELECT
                if(custom, replace(model, 'object_', 'objects_'), model || '_attributes'),
                'd_' || id,
                'deleted attribute “' || name || '”'
            FROM (SELECT *, starts_with(model, 'object_') AS custom FROM base.deleted_attributes)
        ) AS defined
        FULL JOIN (
            SELECT table_name, column_name, true AS there
            FROM duckdb_columns()
            WHERE database_name = current_database()
              AND schema_name = 'base'
              AND table_name IN (SELECT unnest($tables::VARCHAR[]))
              AND NOT list_contains($own, column_name)
        ) AS held USING (table_name, column_name)
        WHERE owner IS NULL OR there IS NULL
        ORDER BY table_name, column_name
        """,
        tables=[attributes.table_of(of.key) for of in types if of.has(Trait.ATTRIBUTES) or of.custom],
        own=list(custom_keys.COLUMNS),
    )
    for row in found:
        if row["owner"]:
            yield tr(
                "The {owner} has no column {column} in {table}.",
                owner=row["owner"],
                column=row["column_name"],
                table=row["table_name"],
            )
        else:
            yield tr(
                "The column {column} of {table} belongs to no attribute.",
                column=row["column_name"],
                table=row["table_name"],
            )


def _union(queries: Iterable[str]) -> str:
    return "\nUNION ALL\n".join(queries)
