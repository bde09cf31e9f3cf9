"""What a record's own columns hold, as text: taken before and after a merge, and put back when it is undone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crm.merging.nouns import Noun
from crm.store import Reading, Writing

Image = Mapping[str, str | None]


@dataclass(frozen=True)
class Taken:
    """`columns` of the record and, where it has a row of them, of its attributes (`a_…`)."""

    columns: Image
    has_attributes: bool


def take(tx: Reading, of: Noun, record_id: int) -> Taken:
    own = _texts(tx, of.table, list(of.fields), record_id)
    theirs = _texts(tx, of.attributes, _attribute_columns(tx, of), record_id)
    return Taken({**own, **theirs}, has_attributes=_has_attributes(tx, of, record_id))


def changed(before: Taken, after: Taken) -> dict[str, list[str | None]]:
    """{column: [before, after]} of what differs."""
    return {
        column: [before.columns.get(column), value]
        for column, value in after.columns.items()
        if before.columns.get(column) != value
    }


def restorable(now: Taken, changes: Mapping[str, list[str | None]]) -> tuple[dict[str, str | None], list[str]]:
    """({column: what it was}, the columns that hold something else by now, or are no more)."""
    back = {
        column: before
        for column, (before, after) in changes.items()
        if now.columns.get(column) == after and (column in now.columns or after is None)
    }
    return back, [column for column in changes if column not in back]


def put_back(tx: Writing, of: Noun, record_id: int, columns: Mapping[str, str | None]) -> None:
    """Each text is read as the type of its column."""
    own = {column: value for column, value in columns.items() if column in of.fields}
    theirs = {column: value for column, value in columns.items() if column not in of.fields}
    for table, values in ((of.table, own), (of.attributes, theirs)):
        if values:
            sets = ", ".join(f"{column} = ${column}" for column in values)
            tx.run(f"UPDATE base.{table} SET {sets} WHERE id = $id", **values, id=record_id)


def drop_empty_attributes(tx: Writing, of: Noun, record_id: int) -> None:
    empty = "".join(f" AND {column} IS NULL" for column in _every_attribute_column(tx, of))
    tx.run(f"DELETE FROM base.{of.attributes} WHERE id = $id{empty}", id=record_id)


def _texts(tx: Reading, table: str, columns: Iterable[str], record_id: int) -> dict[str, str | None]:
    texts = ", ".join(f"CAST({column} AS VARCHAR) AS {column}" for column in columns)
    if not texts:
        return {}
    found = tx.rows(f"SELECT {texts} FROM base.{table} WHERE id = $id", id=record_id)
    return found[0] if found else {}


def _has_attributes(tx: Reading, of: Noun, record_id: int) -> bool:
    return bool(tx.rows(f"SELECT id FROM base.{of.attributes} WHERE id = $id", id=record_id))


def _attribute_columns(tx: Reading, of: Noun) -> list[str]:
    return [column for column in _every_attribute_column(tx, of) if column.startswith("a_")]


def _every_attribute_column(tx: Reading, of: Noun) -> list[str]:
    """Those of deleted attributes, which are called otherwise, too."""
    found = tx.rows(f"FROM pragma_table_info('base.{of.attributes}')")
    return [row["name"] for row in found if row["name"] != "id"]
