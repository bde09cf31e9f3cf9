"""Images of a record's own columns as text: taken before and after a merge, and written back by its undo."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from crm.records import attributes as custom
from crm.records import registry
from crm.records.attributes import AttributeType
from crm.records.declaration import RecordType
from crm.store import Reading, Writing

Columns = Mapping[str, str | None]


@dataclass(frozen=True)
class Image:
    """`columns` of the record and, where it has a row of them, of its attributes (`a_…`)."""

    columns: Columns
    has_attributes: bool


def take(tx: Reading, of: RecordType[Any], record_id: int) -> Image:
    own = _texts(tx, of.plural, [field.column for field in of.merged.values()], record_id)
    if not of.attributes_field:
        return Image(own, has_attributes=False)
    attributes = _texts(tx, f"{of.key}_attributes", _attribute_columns(tx, of), record_id)
    return Image({**own, **attributes}, has_attributes=_has_attributes(tx, of, record_id))


def changed(before: Image, after: Image) -> dict[str, list[str | None]]:
    """{column: [before, after]} of the columns that differ."""
    return {
        column: [before.columns.get(column), value]
        for column, value in after.columns.items()
        if before.columns.get(column) != value
    }


def restorable(
    tx: Reading, of: RecordType[Any], record_id: int, changes: Mapping[str, list[str | None]]
) -> tuple[dict[str, str | None], list[str]]:
    """({column: what it was}, the columns that hold something else by now, are no more, or cannot hold it again)."""
    now = take(tx, of, record_id)
    back = {
        column: before
        for column, (before, after) in changes.items()
        if now.columns.get(column) == after and (column in now.columns or after is None)
    }
    refused = _unrestorable(tx, of, {column: value for column, value in back.items() if value is not None})
    back = {column: value for column, value in back.items() if column not in refused}
    return back, [column for column in changes if column not in back]


def _unrestorable(tx: Reading, of: RecordType[Any], values: Mapping[str, str]) -> set[str]:
    """The columns that cannot take their value back: the record that it points to is gone, its list has no such value
    any more, or the column's type has changed."""
    lists = {one.column: one.values for one in custom.definitions(tx, of.key) if one.type is AttributeType.LIST}
    # A field of a custom type may have become one of another type.
    table = of.plural if of.custom else f"{of.key}_attributes" if of.attributes_field else ""
    held = tx.rows(f"FROM pragma_table_info('base.{table}')") if table else []
    types = {row["name"]: row["type"] for row in held}
    referenced = {one.column: registry.get(one.to).plural for one in of.references.values() if isinstance(one.to, str)}
    fits = {
        column: (column not in referenced or _is_there(tx, referenced[column], value))
        and (column not in lists or value in lists[column])
        and (column not in types or tx.value(f"SELECT TRY_CAST($value AS {types[column]}) IS NOT NULL", value=value))
        for column, value in values.items()
    }
    return {column for column, fit in fits.items() if not fit}


def _is_there(tx: Reading, table: str, value: str) -> bool:
    """Whether the record exists and is not deleted, visible to the actor or not."""
    alive = f"SELECT count(*) > 0 FROM base.{table} WHERE id = TRY_CAST($value AS BIGINT) AND deleted_at IS NULL"
    return bool(tx.value(alive, value=value))


def restore(tx: Writing, of: RecordType[Any], record_id: int, columns: Mapping[str, str | None]) -> None:
    """Write the columns; each text is cast to the type of its column."""
    stored = {field.column for field in of.merged.values()}
    own = {column: value for column, value in columns.items() if column in stored}
    attributes = {column: value for column, value in columns.items() if column not in stored}
    for table, values in ((of.plural, own), (f"{of.key}_attributes", attributes)):
        if values:
            sets = ", ".join(f"{column} = ${column}" for column in values)
            tx.run(f"UPDATE base.{table} SET {sets} WHERE id = $id", **values, id=record_id)


def drop_empty_attributes(tx: Writing, of: RecordType[Any], record_id: int) -> None:
    """Delete the record's attribute row, which the merge made, unless it has a value by now."""
    if not of.attributes_field:
        return
    empty = "".join(f" AND {column} IS NULL" for column in _every_attribute_column(tx, of))
    tx.run(f"DELETE FROM base.{of.key}_attributes WHERE id = $id{empty}", id=record_id)


def _texts(tx: Reading, table: str, columns: Iterable[str], record_id: int) -> dict[str, str | None]:
    texts = ", ".join(f"CAST({column} AS VARCHAR) AS {column}" for column in columns)
    if not texts:
        return {}
    found = tx.rows(f"SELECT {texts} FROM base.{table} WHERE id = $id", id=record_id)
    return found[0] if found else {}


def _has_attributes(tx: Reading, of: RecordType[Any], record_id: int) -> bool:
    return bool(tx.rows(f"SELECT id FROM base.{of.key}_attributes WHERE id = $id", id=record_id))


def _attribute_columns(tx: Reading, of: RecordType[Any]) -> list[str]:
    return [column for column in _every_attribute_column(tx, of) if column.startswith("a_")]


def _every_attribute_column(tx: Reading, of: RecordType[Any]) -> list[str]:
    """All attribute columns, including the renamed ones of deleted attributes."""
    found = tx.rows(f"FROM pragma_table_info('base.{of.key}_attributes')")
    return [row["name"] for row in found if row["name"] != "id"]
