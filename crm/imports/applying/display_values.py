"""Values of an import as they are displayed: names in place of ids."""

from collections.abc import Iterable
from typing import Any

from crm.platform.spreadsheets import joined
from crm.store import Reading, Row

NAMES = {
    "owner_id": "users",
    "team_id": "teams",
    "company_id": "companies",
    "contact_id": "contacts",
    "deal_id": "deals",
    "pipeline_id": "pipelines",
    "stage_id": "stages",
    "close_reason_id": "close_reasons",
}
"""Columns that point to a record → the table in which it has its name."""

TO_BE_MADE = "(to be made)"

Names = dict[tuple[str, int], str]


def names(tx: Reading, rows: Iterable[Row]) -> Names:
    """(column, id) → name, of the records that the rows point to and the actor sees."""
    found: Names = {}
    listed = list(rows)
    for column, table in NAMES.items():
        ids = {row[column] for row in listed if row.get(column) is not None}
        if not ids:
            continue
        name = {"contacts": "coalesce(name, email, phone)", "deals": "title"}.get(table, "name")
        named = tx.rows(f"SELECT id, {name} AS name FROM {table} WHERE id IN (SELECT unnest($ids))", ids=list(ids))
        found |= {(column, row["id"]): row["name"] for row in named}
    return found


def displayed(column: str, value: Any, known: Names, named: str | None = None) -> Any:
    """`named` is what the file calls a company that is to be made: its id is below zero until then."""
    if isinstance(value, list):
        return joined(value)
    if column not in NAMES or value is None:
        return value
    if value < 0:
        return f"{named} {TO_BE_MADE}" if named and column == "company_id" else TO_BE_MADE
    return known.get((column, value), f"{value}")
