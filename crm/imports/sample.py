"""The first rows of each outcome of a dry run, as people read them: names in place of ids."""

from typing import Any

from crm.imports.plan import Plan
from crm.imports.settle import Settled
from crm.store import Reading, Row

LIMIT = 20

NAMES = {
    "owner_id": "users",
    "company_id": "companies",
    "contact_id": "contacts",
    "pipeline_id": "pipelines",
    "stage_id": "stages",
    "new_stage_id": "stages",
    "close_reason_id": "close_reasons",
}
"""Columns that point to a record → the table in which it has its name."""

TO_BE_MADE = "(to be made)"


def sample(tx: Reading, plan: Plan, settled: Settled) -> dict[str, list[dict[str, Any]]]:
    """create, skip: {field: value}; update: {line, id, name, changes: {field: [before, after]}}. Reads `changed`."""
    shown = ["line", *plan.table.columns, *plan.attributes]
    new = settled.matched.new.select(shown).head(LIMIT).to_dicts()
    known = settled.matched.known.select(shown).sort("line").head(LIMIT).to_dicts()
    changed = _changed(tx, plan) if settled.updated else []
    before, after = (
        [{field[4:]: value for field, value in row.items() if field.startswith(age)} for row in changed]
        for age in ("old_", "new_")
    )
    names = _names(tx, [*new, *known, *before, *after])
    return {
        "create": [_spoken(row, names) for row in new],
        "update": [_difference(row, plan, names) for row in changed],
        "skip": [_spoken(row, names) for row in known] if settled.skipped else [],
    }


def _changed(tx: Reading, plan: Plan) -> list[Row]:
    return tx.rows(
        f"""
        SELECT changed.*, {plan.table.shown} AS shown
        FROM changed
        JOIN base.{plan.table.name} AS found USING (id)  -- each was found to be visible
        ORDER BY line
        LIMIT $limit
        """,
        limit=LIMIT,
    )


def _names(tx: Reading, rows: list[Row]) -> dict[tuple[str, int], str]:
    """(column, id) → name, of the records that the rows point to and the actor sees."""
    found: dict[tuple[str, int], str] = {}
    for column, table in NAMES.items():
        ids = {row[column] for row in rows if row.get(column) is not None}
        if not ids:
            continue
        name = "coalesce(name, email, phone)" if table == "contacts" else "name"
        named = tx.rows(f"SELECT id, {name} AS name FROM {table} WHERE id IN (SELECT unnest($ids))", ids=list(ids))
        found |= {(column, row["id"]): row["name"] for row in named}
    return found


def _spoken(row: Row, names: dict[tuple[str, int], str]) -> Row:
    return {
        field.removeprefix("new_").removesuffix("_id"): _value(field, value, names)
        for field, value in row.items()
        if value is not None
    }


def _difference(row: Row, plan: Plan, names: dict[tuple[str, int], str]) -> Row:
    fields = [field for field in (*plan.table.columns, *plan.attributes) if f"new_{field}" in row]
    return {
        "line": row["line"],
        "id": row["id"],
        "name": row["shown"],
        "changes": {
            field.removesuffix("_id"): [
                _value(field, row[f"old_{field}"], names),
                _value(field, row[f"new_{field}"], names),
            ]
            for field in fields
            if row[f"old_{field}"] != row[f"new_{field}"]
        },
    }


def _value(field: str, value: Any, names: dict[tuple[str, int], str]) -> Any:
    if field not in NAMES or value is None:
        return value
    return names.get((field, value), TO_BE_MADE if value < 0 else f"{value}")
