"""The rules of `crm verify` for every record type: references, unique keys, and the rules of each trait.

Registered types, and columns that follow the schema's naming, are checked without a line here.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from crm.records import registry
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
}
"""{column: the reason why the row that it points to may be missing}."""


def references(tx: Reading, types: Types) -> list[Reference]:
    """The references of the types' fields and attributes, and of every column `<name>_id` to the table of that name:
    `stages` for `from_stage_id`."""
    found = {Reference(one.key + "_attributes", "id", one.plural) for one in types if one.has(Trait.ATTRIBUTES)}
    found |= {
        Reference(one.plural, field.column, _target(field.to)) for one in types for field in one.references.values()
    }
    named = ROLES | {table: table for table in tables(tx)} | {one.key: one.plural for one in types}
    for table, column in columns(tx, "_id"):
        target = _called(column.removesuffix("_id"), named)
        if target and (table, column) not in OUTLIVING:
            found.add(Reference(table, column, target))
    return sorted(found)


def _target(to: str | Target) -> str:
    return to.view.removeprefix("base.") if isinstance(to, Target) else registry.get(to).plural


def _called(name: str, named: dict[str, str]) -> str | None:
    """The table named by the longest suffix of the name: close_reasons for was_close_reason."""
    words = name.split("_")
    ends = ("_".join(words[start:]) for start in range(len(words)))
    return next((named[form] for end in ends for form in (end, f"{end}s") if form in named), None)


def keys(tx: Reading, types: Types) -> list[tuple[str, str]]:
    """(table, column) of the unique keys: those of unique fields, and every `<name>_key`."""
    unique = {(one.plural, field.unique.column) for one in types for field in one.uniques.values() if field.unique}
    return sorted(unique | set(columns(tx, "_key")))


def rules(types: Types) -> dict[str, str]:
    """{description of a fault: query of the ids with it}, for the rules of the traits."""
    types = tuple(types)
    return {
        **{f"{one.a} whose keys and values disagree": _keys_apart(one) for one in types if one.uniques},
        "a record in the bin that still holds a key": _union(
            f"SELECT id FROM base.{one.plural} WHERE deleted_at IS NOT NULL AND ({_any_key(one)})"
            for one in types
            if one.has(Trait.BIN) and one.uniques
        ),
        "a note on a record that is not there": _lost("notes", types, Trait.NOTES),
        "a file of a record that is not there": _lost("attachments", types, Trait.FILES),
        "a merge that stands, though what it absorbed is awake": _union(
            f"""
            SELECT merge.id
            FROM base.merges AS merge
            JOIN base.{one.plural} AS record ON record.id = merge.absorbed_id AND record.deleted_at IS NULL
            WHERE merge.subject_kind = '{one.key}' AND merge.undone_at IS NULL
            """
            for one in types
            if one.has(Trait.MERGE)
        ),
    }


def _keys_apart(one: RecordType[Any]) -> str:
    apart = " OR ".join(
        f"({field.column} IS NULL) <> ({field.unique.column} IS NULL)" for field in one.uniques.values() if field.unique
    )
    awake = "deleted_at IS NULL AND " if one.has(Trait.BIN) else ""
    return f"SELECT id FROM base.{one.plural} WHERE {awake}({apart})"


def _any_key(one: RecordType[Any]) -> str:
    return " OR ".join(f"{field.unique.column} IS NOT NULL" for field in one.uniques.values() if field.unique)


def _lost(table: str, types: Types, trait: Trait) -> str:
    records = _union(f"SELECT '{one.key}' AS kind, id FROM base.{one.plural}" for one in types if one.has(trait))
    return f"""
        SELECT beside.id
        FROM base.{table} AS beside
        ANTI JOIN ({records}) AS record ON record.kind = beside.subject_kind AND record.id = beside.subject_id
    """


def columns_apart(tx: Reading, types: Types) -> Iterator[str]:
    """Each custom attribute owns a column, `a_<key>`, and `d_<id>` while it is in the bin. Without its column the lists
    of its type fail; a column without its attribute holds values that nobody sees, exports or erases."""
    found = tx.rows(
        """
        SELECT table_name, column_name, owner
        FROM (
            SELECT
                model || '_attributes' AS table_name,
                'a_' || key AS column_name,
                'attribute “' || name || '”' AS owner
            FROM base.attributes
            UNION ALL
            SELECT model || '_attributes', 'd_' || id, 'deleted attribute “' || name || '”'
            FROM base.deleted_attributes
        ) AS defined
        FULL JOIN (
            SELECT table_name, column_name, true AS there
            FROM duckdb_columns()
            WHERE database_name = current_database()
              AND schema_name = 'base'
              AND table_name IN (SELECT unnest($tables::VARCHAR[]))
              AND column_name <> 'id'
        ) AS held USING (table_name, column_name)
        WHERE owner IS NULL OR there IS NULL
        ORDER BY table_name, column_name
        """,
        tables=[f"{one.key}_attributes" for one in types if one.has(Trait.ATTRIBUTES)],
    )
    for row in found:
        if row["owner"]:
            yield f"The {row['owner']} has no column {row['column_name']} in {row['table_name']}."
        else:
            yield f"The column {row['column_name']} of {row['table_name']} belongs to no attribute."


def _union(queries: Iterable[str]) -> str:
    return "\nUNION ALL\n".join(queries)
