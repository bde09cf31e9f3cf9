"""What rows would change in stored records: the temporary table `changed`, only where something differs."""

import re
from collections.abc import Iterable, Mapping

import polars as pl

from crm.imports.model import OnDuplicate
from crm.imports.planning import labelled
from crm.imports.planning.table import Table
from crm.store import Reading


def lay_changed(tx: Reading, table: Table, known: pl.DataFrame, attributes: list[str], choice: OnDuplicate) -> int:
    """How many records would change. `changed` has id, line, the new values by column, `before` (JSON of what
    differs), `after` (the same fields as they become, by the names that people know), and is in the order of id."""
    columns = touched(table, known)
    tx.bulk("known", known)
    new = [f"{table.new_value(column, choice)} AS new_{column}" for column in columns]
    new += [f"{table.new_value(column, choice, 'own')} AS new_{column}" for column in attributes]
    old = [f"was.{column} AS old_{column}" for column in columns]
    old += [f"own.{column} AS old_{column}" for column in attributes]
    joins = table.joins
    has_labels = labelled.COLUMN in known.columns and known[labelled.COLUMN].null_count() < known.height
    if has_labels:
        new.append(f"{labelled.new_value(choice)} AS new_labels")
        old.append("tagged.labels AS old_labels")
        joins += labelled.stored(table.noun)
    keys = [_key(table, column, choice) for column in table.keys if column in columns]
    every = [*columns, *attributes, *([labelled.COLUMN] if has_labels else [])]
    shown = f"{table.shown.replace('found.', 'was.')} AS shown"
    differs = " OR ".join(f"new_{column} IS DISTINCT FROM old_{column}" for column in every) or "false"
    count = tx.create_temp_table(
        "changed",
        f"""
        WITH compared AS (
            SELECT {", ".join(["was.id", "row.line", shown, *table.carried, *new, *old, *keys])}
            FROM known AS row
            JOIN base.{table.name} AS was ON was.id = row.target
            LEFT JOIN ({_attributes(tx, table, attributes)}) AS own ON own.id = was.id
            {joins}
        )
        SELECT
            * EXCLUDE (id, line),
            id,
            line,
            {_changed(every, {column: column for column in every}, "old")} AS before,
            {_changed(every, names(every), "new")} AS after
        FROM compared
        WHERE {differs}
        ORDER BY id
        """,
    )
    tx.drop("known")
    return count


def touched(table: Table, known: pl.DataFrame) -> list[str]:
    """The columns that the file gives a value somewhere, or that a rule decides on."""
    ruled = {column for column, _ in table.rules}
    return [column for column in table.columns if column in ruled or known[column].null_count() < known.height]


def _attributes(tx: Reading, table: Table, wanted: list[str]) -> str:
    """The stored attributes; one that is still to be made is empty everywhere."""
    if not table.has_attributes:
        return f"FROM {table.attributes_stored}"
    there = {column["name"] for column in tx.rows(f"FROM pragma_table_info('base.{table.attributes}')")}
    return ", ".join(["SELECT *", *(f"NULL AS {column}" for column in wanted if column not in there)]) + (
        f" FROM base.{table.attributes}"
    )


def _key(table: Table, column: str, choice: OnDuplicate) -> str:
    """A key follows its column."""
    new, key = table.new_value(column, choice), table.keys[column]
    return f"CASE WHEN {new} IS DISTINCT FROM was.{column} THEN row.{key} ELSE was.{key} END AS new_{key}"


def names(columns: Iterable[str]) -> dict[str, str]:
    """Column → the field's name in the change feed."""
    return {column: "value" if column == "manual_value" else re.sub("^a_", "attribute:", column) for column in columns}


def _changed(columns: list[str], named: Mapping[str, str], side: str) -> str:
    parts = ", ".join(
        f"""CASE WHEN new_{column} IS DISTINCT FROM old_{column}
            THEN '"{named[column]}":' || coalesce(to_json({side}_{column})::VARCHAR, 'null') END"""
        for column in columns
    )
    return f"'{{' || concat_ws(',', {parts}) || '}}'"
