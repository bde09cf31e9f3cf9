"""Every text of the schema, today's and tomorrow's: a person named in any of them is erased from it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from crm.foundation.access import SYSTEM
from crm.privacy.erasing import places
from tests.privacy.conftest import NAME, in_the_tables

TEXT = f"about {NAME}, said twice: {NAME}"
KINDS = ("contact", "company", "deal", "order")


def columns(tx):
    rows = tx.rows(
        """
        SELECT table_name, column_name, data_type
        FROM duckdb_columns()
        WHERE schema_name = 'base'
            AND table_name IN (SELECT table_name FROM duckdb_tables() WHERE schema_name = 'base')
        ORDER BY table_name, column_index
        """
    )
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        found.setdefault(row["table_name"], {})[row["column_name"]] = row["data_type"]
    return found


def given_words(tx) -> dict[tuple[str, str], str]:
    """A word that each enumerated column takes: the last, which for states is one in which nothing waits."""
    rows = tx.rows(
        """
        SELECT
            table_name,
            constraint_column_names[1] AS column_name,
            regexp_extract_all(expression, '''(\\w+)''', 1)[-1] AS word
        FROM duckdb_constraints()
        WHERE schema_name = 'base' AND constraint_type = 'CHECK' AND contains(expression, ' IN (')
        """
    )
    return {(row["table_name"], row["column_name"]): row["word"] for row in rows}


def value_of(kind: str, number: int, word: str | None) -> Any:
    if word:
        return word
    if kind == "VARCHAR":
        return f"{number} {TEXT}"
    if kind == "VARCHAR[]":
        return [TEXT, "other"]
    if kind.startswith("DECIMAL"):
        return 50
    if kind == "BLOB":
        return b"\x89PNG"
    return {"BOOLEAN": False, "DATE": datetime.now(UTC).date(), "TIMESTAMP WITH TIME ZONE": datetime.now(UTC)}.get(
        kind, 900 + number
    )


def test_no_text_hides_in_a_type_that_is_not_looked_at(store, world):
    with store.reading(SYSTEM) as tx:
        kinds = {kind.split("(")[0] for held in columns(tx).values() for kind in held.values()}
    assert kinds <= {
        "BIGINT",
        "BLOB",  # a picture that was drawn anew: pixels, and no text beside them
        "BOOLEAN",
        "DATE",
        "DECIMAL",
        "DOUBLE",
        "INTEGER",
        "TIMESTAMP WITH TIME ZONE",
        "VARCHAR",
        "VARCHAR[]",
    }


def test_a_person_named_in_any_text_of_the_schema_is_erased_from_it(store, world, erase):
    with store.writing(SYSTEM) as tx:
        words, texts = given_words(tx), {(text.table, text.column) for text in places.texts(tx)}
        filled = set()
        for table, held in columns(tx).items():
            named = {column for column in held if (table, column) in texts}
            if not named or table == "workspace":
                continue
            row = {
                column: value_of(kind, number, words.get((table, column)))
                for number, (column, kind) in enumerate(held.items())
            }
            tx.run(
                f"INSERT INTO base.{table} ({', '.join(row)}) VALUES ({', '.join(f'${column}' for column in row)})",
                **row,
            )
            filled |= {(table, column) for column in named}
        tx.run("UPDATE base.workspace SET name = $text", text=TEXT)
        filled.add(("workspace", "name"))
    left_out = {(table, column) for table, column in texts - filled if table != "workspace"}
    assert left_out == set()
    before = {line.split(":")[0] for line in in_the_tables(store)}
    assert {f"{table}.{column}" for table, column in filled} <= before
    erase(world.lia.id)
    assert in_the_tables(store) == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_table_with_children_of_a_record_is_known(store, kind):
    with store.reading(SYSTEM) as tx:
        tables = columns(tx)
        children = places.children(tx, kind)
        own = places.own(tx, kind)
    by_name = {table for table, held in tables.items() if f"{kind}_id" in held}
    by_pair = {table for table, held in tables.items() if {"subject_kind", "subject_id"} <= held.keys()}
    pairs = {table for table, held in tables.items() if "subject_kind" in held and "subject_id" not in held}
    assert by_name | by_pair == children.keys()
    assert children.keys() - own.keys() <= {*places.unlinked(kind), *places.OWN_WAY}
    assert pairs <= places.BY_OTHER_NAMES.keys() | {"duplicate_runs"}  # a run is about a kind, not about a record
