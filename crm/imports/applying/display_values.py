"""Values of an import as they are displayed: names in place of ids."""

from collections.abc import Iterable
from typing import Any

from crm.foundation.language import tr
from crm.platform.spreadsheets import joined
from crm.records import references
from crm.records.declaration import RecordType
from crm.store import Reading, Row

Names = dict[tuple[str, int], str]


def names(tx: Reading, of: RecordType[Any], rows: Iterable[Row]) -> Names:
    """(column, id) → name, of the records that the rows point to and the actor sees."""
    found: Names = {}
    listed = list(rows)
    for column, reference in of.references.items():
        ids = {row[column] for row in listed if row.get(column) is not None}
        if not ids:
            continue
        to = references.target(reference)
        named = tx.rows(f"SELECT id, {to.name} AS name FROM {to.view} WHERE id IN (SELECT unnest($ids))", ids=list(ids))
        found |= {(column, row["id"]): row["name"] for row in named}
    return found


def displayed(of: RecordType[Any], column: str, value: Any, known: Names, row: Row) -> Any:
    """A company that is to be made has an id below zero until then; `row` has what the file calls it."""
    if isinstance(value, list):
        return joined(value)
    if column not in of.references or value is None:
        return value
    if value < 0:
        named = row.get(f"named_{column.removesuffix('_id')}")
        return tr("{name} (to be made)", name=named) if named else tr("(to be made)")
    return known.get((column, value), f"{value}")
