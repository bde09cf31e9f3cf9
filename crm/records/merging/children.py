"""Child rows of a record in other tables, found in the database catalog, so that a new table needs no line here.

A child names its owner in a column `contact_id` or `company_id`, or in the pair `subject_kind`, `subject_id`; a link
names its custom record in the pair `object_kind`, `object_id`.
"""

from dataclasses import dataclass

from crm.records import registry
from crm.store import Reading, Writing

STAYS = {
    "events": "the log is never changed; both timelines tell of the merge",
    "import_changes": "what an import did to a record is of that record, wherever it is now",
    "import_left": "as import_changes",
    "bulk_change_rows": "as import_changes",
    "bulk_change_refusals": "as import_changes",
    "event_records": "as import_changes",
    "event_links": "as import_changes",
}
"""{table whose rows stay with the absorbed record: the reason}."""

_CHANGED = ("version", "updated_at")


@dataclass(frozen=True)
class Child:
    table: str
    column: str
    """The column with the owner's id."""
    kind_column: str | None
    """The column with the owner's kind, in tables for several kinds."""
    primary_key: tuple[str, ...]
    uniques: tuple[tuple[str, ...], ...]
    """Unique keys that contain the owner: rows of two owners may clash when they get the same one."""
    counted: tuple[str, ...]
    """Which of `version` and `updated_at` it counts changes in: a record that names another owner was changed; what is
    attached to a record was not."""

    @property
    def of_owner(self) -> str:
        return f"row.{self.column} = $owner" + (f" AND row.{self.kind_column} = $kind" if self.kind_column else "")

    @property
    def row_pk(self) -> str:
        # Without the owner, which the move changes: the rest of the key finds the row before and after it.
        own = [column for column in self.primary_key if column not in (self.column, self.kind_column)]
        return "CAST(json_object(" + ", ".join(f"'{column}', row.{column}" for column in own) + ") AS VARCHAR)"


def children(tx: Reading, kind: str) -> list[Child]:
    """The tables that hold children of records of this kind."""
    found = tx.rows(
        """
        SELECT
            table_name,
            list(column_name) AS columns
        FROM duckdb_columns()
        SEMI JOIN duckdb_tables() USING (schema_name, table_name)  -- not views
        WHERE schema_name = 'base' AND NOT list_contains($stays, table_name)
        GROUP BY table_name
        HAVING list_contains(columns, $owner)
            OR (list_contains(columns, $pair || '_kind') AND list_contains(columns, $pair || '_id'))
            OR (list_contains(columns, 'subject_kind') AND list_contains(columns, 'subject_id'))
        ORDER BY table_name
        """,
        owner=f"{kind}_id",
        pair=pair_of(kind),
        stays=list(STAYS),
    )
    keys = _keys(tx)
    return [_child(row["table_name"], row["columns"], keys, kind) for row in found]


def pair_of(kind: str) -> str:
    """How tables for several kinds name a record of this kind that is more to them than a subject: `object_kind` and
    `object_id` where it is a custom record, in links."""
    return "object" if registry.is_custom(kind) else "subject"


def move(tx: Writing, child: Child, kind: str, merge_id: int, *, from_id: int, to_id: int) -> int:
    """Move the rows of one owner to the other and record which; how many. Rows that would violate a unique key stay."""
    condition = child.of_owner + "".join(_unless_duplicate(child, unique) for unique in child.uniques)
    moved = tx.run(
        f"""
        INSERT INTO base.merge_rows (merge_id, table_name, row_pk)
        SELECT $merge_id, $table, {child.row_pk} FROM base.{child.table} AS row WHERE {condition}
        """,
        merge_id=merge_id,
        table=child.table,
        owner=from_id,
        **_kind(child, kind),
        **({"heir": to_id} if child.uniques else {}),
    )
    # Recorded first, then moved: the undo knows the rows by this list, whatever happens to them later.
    if moved:
        _reassign(tx, child, kind, merge_id, from_id=from_id, to_id=to_id)
    return moved


def move_back(tx: Writing, child: Child, kind: str, merge_id: int, *, from_id: int, to_id: int) -> int:
    """Move the rows of a merge back that are still there; how many are not."""
    moved = int(
        tx.value(
            "SELECT count(*) FROM base.merge_rows WHERE merge_id = $merge_id AND table_name = $table",
            merge_id=merge_id,
            table=child.table,
        )
    )
    if not moved:
        return 0
    _mark_staying(tx, child, kind, merge_id, owner_id=from_id, other_id=to_id)
    return moved - _reassign(tx, child, kind, merge_id, from_id=from_id, to_id=to_id)


def _mark_staying(tx: Writing, child: Child, kind: str, merge_id: int, *, owner_id: int, other_id: int) -> None:
    """Mark the moved rows that do not go back: the change feed has rows for the others only."""
    going = f"SELECT {child.row_pk} FROM base.{child.table} AS row WHERE {child.of_owner} AND {_moved_rows(child)}"
    tx.run(
        f"""
        UPDATE base.merge_rows SET stayed = true
        WHERE merge_id = $merge_id AND table_name = $table AND row_pk NOT IN ({going})
        """,
        owner=owner_id,
        merge_id=merge_id,
        table=child.table,
        **_kind(child, kind),
        **({"heir": other_id} if child.uniques else {}),
    )


def count(tx: Reading, child: Child, kind: str, owner_id: int, other_id: int) -> int:
    """The number of rows that `move` would move, without records that the actor does not see."""
    condition = child.of_owner + "".join(_unless_duplicate(child, unique) for unique in child.uniques)
    # Records only where they are visible: a preview must not tell of others. What is attached is seen with its record.
    source = child.table if child.counted and not tx.actor.sees_everything else f"base.{child.table}"
    return int(
        tx.value(
            f"SELECT count(*) FROM {source} AS row WHERE {condition}",
            owner=owner_id,
            **_kind(child, kind),
            **({"heir": other_id} if child.uniques else {}),
        )
    )


def still_there(tx: Reading, child: Child, kind: str, merge_id: int, *, owner_id: int, other_id: int) -> int:
    """The number of a merge's rows that `move_back` would move back."""
    return int(
        tx.value(
            f"SELECT count(*) FROM base.{child.table} AS row WHERE {child.of_owner} AND {_moved_rows(child)}",
            owner=owner_id,
            merge_id=merge_id,
            table=child.table,
            **_kind(child, kind),
            **({"heir": other_id} if child.uniques else {}),
        )
    )


def _reassign(tx: Writing, child: Child, kind: str, merge_id: int, *, from_id: int, to_id: int) -> int:
    touched = {"version": "version = version + 1", "updated_at": "updated_at = $now"}
    sets = ", ".join([f"{child.column} = $heir", *(touched[column] for column in child.counted)])
    return tx.run(
        f"UPDATE base.{child.table} AS row SET {sets} WHERE {child.of_owner} AND {_moved_rows(child)}",
        owner=from_id,
        heir=to_id,
        merge_id=merge_id,
        table=child.table,
        **_kind(child, kind),
        **({"now": tx.now} if "updated_at" in child.counted else {}),
    )


def _moved_rows(child: Child) -> str:
    """The condition of the rows that a merge moved, except those that the other record has as well by now, such as a
    label that two labels were merged into."""
    named = f"{child.row_pk} IN (SELECT row_pk FROM base.merge_rows WHERE merge_id = $merge_id AND table_name = $table)"
    return named + "".join(_unless_duplicate(child, unique) for unique in child.uniques)


def _unless_duplicate(child: Child, unique: tuple[str, ...]) -> str:
    same = "".join(f" AND held.{column} = row.{column}" for column in unique if column != child.column)
    return f" AND NOT EXISTS (FROM base.{child.table} AS held WHERE held.{child.column} = $heir{same})"


def _kind(child: Child, kind: str) -> dict[str, str]:
    return {"kind": kind} if child.kind_column else {}


def _keys(tx: Reading) -> dict[str, list[tuple[bool, tuple[str, ...]]]]:
    """{table: [(whether it is the primary key, its columns)]}."""
    found: dict[str, list[tuple[bool, tuple[str, ...]]]] = {}
    for row in tx.rows(
        """
        SELECT table_name, constraint_type, constraint_column_names AS columns
        FROM duckdb_constraints()
        WHERE schema_name = 'base' AND constraint_type IN ('PRIMARY KEY', 'UNIQUE')
        """
    ):
        found.setdefault(row["table_name"], []).append((row["constraint_type"] == "PRIMARY KEY", tuple(row["columns"])))
    return found


def _child(table: str, columns: list[str], keys: dict[str, list[tuple[bool, tuple[str, ...]]]], kind: str) -> Child:
    owner_column = f"{kind}_id" if f"{kind}_id" in columns else None
    pair = pair_of(kind) if f"{pair_of(kind)}_id" in columns else "subject"
    column = owner_column or f"{pair}_id"
    primary = next((key_columns for first, key_columns in keys.get(table, []) if first), None)
    if primary is None:
        raise LookupError(f"base.{table} holds rows of records but has no primary key to know them by; see STAYS.")
    return Child(
        table=table,
        column=column,
        kind_column=None if owner_column else f"{pair}_kind",
        primary_key=primary,
        uniques=tuple(key_columns for _, key_columns in keys[table] if column in key_columns),
        counted=tuple(name for name in _CHANGED if owner_column and name in columns),
    )
