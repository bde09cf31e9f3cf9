"""The schema knows no type of record: another one needs no table made anew."""

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from crm.foundation import clock
from crm.foundation.access import SYSTEM
from crm.records import registry
from crm.store import Store
from crm.store.migrate import MIGRATIONS

COLUMNS = """
    SELECT table_name, column_name, data_type, is_nullable, column_default
    FROM duckdb_columns()
    WHERE schema_name = 'base'
    ORDER BY table_name, column_index
"""
CHECKS = """
    SELECT table_name, constraint_type, constraint_text
    FROM duckdb_constraints()
    WHERE schema_name = 'base'
    ORDER BY ALL
"""


LIFTING = next(place for place, path in enumerate(sorted(MIGRATIONS.glob("*.sql"))) if path.stem == "0024_kinds")
REMADE = ("attachments", "attributes", "bulk_changes", "duplicate_runs", "imports", "merges", "notes", "segments")


def names_a_type(check: str) -> bool:
    words = {word for one in registry.types().values() for word in (one.key, one.plural)}
    return not words.isdisjoint(re.findall(r"'([^']*)'", check))


def test_no_check_of_the_schema_names_a_type_of_record(store: Store) -> None:
    with store.reading(SYSTEM) as tx:
        checks = [row for row in tx.rows(CHECKS) if row["constraint_type"] == "CHECK"]
    assert len(checks) > 20
    assert [row for row in checks if names_a_type(row["constraint_text"])] == []


def apply(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    connection.execute(path.read_text())
    connection.execute("INSERT INTO base.migrations VALUES (?, ?, ?)", [int(path.name[:4]), path.stem, clock.now()])


@pytest.fixture
def former(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    """A store of 0.4.0 with two rows in each table that is made anew, the later id first."""
    (tmp_path / "store").mkdir()
    connection = duckdb.connect(str(tmp_path / "store" / "crm.duckdb"))
    for path in sorted(MIGRATIONS.glob("*.sql"))[:LIFTING]:
        apply(connection, path)
    connection.execute(
        """
        SELECT nextval('base.note_ids') FROM range(2);
        INSERT INTO base.notes (id, subject_kind, subject_id, text, pinned, author_id, created_at, updated_at, version)
        VALUES (2, 'deal', 5, 'x', true, 0, now(), now(), 3), (1, 'contact', 4, 'y', false, 1, now(), now(), 1);
        INSERT INTO base.attachments (id, subject_kind, subject_id, upload_id, media_type, created_by, created_at)
        VALUES (2, 'deal', 5, 1, 'image/png', 0, now()), (1, 'company', 4, 2, 'text/csv', 1, now());
        INSERT INTO base.attributes (id, model, key, name, type, position, created_at, pattern, hint, version)
        VALUES (2, 'deal', 'size', 'Size', 'text', 1, now(), '[a-z]', 'letters', 4),
            (1, 'contact', 'size', 'Size', 'list', 1, now(), NULL, NULL, NULL);
        INSERT INTO base.segments (id, kind, name, filter, search, user_id, shared, created_at, updated_at, version)
        VALUES (2, 'companies', 'a', '', '', 1, true, now(), now(), 2),
            (1, 'contacts', 'b', '{}', 'x', 1, false, now(), now(), 1);
        INSERT INTO base.imports (
            id, kind, upload_id, state, options, total, created_by, created_at, undo_state, undone
        )
        VALUES (2, 'orders', 1, 'undone', '{}', 7, 1, now(), 'done', '{"kept": 1}'),
            (1, 'contacts', 1, 'done', '{}', 9, 1, now(), NULL, '{}');
        INSERT INTO base.merges (
            id, subject_kind, survivor_id, absorbed_id, survivor_name, absorbed_name, changes, new_attributes, run_id,
            created_by, created_at, undone_by, undone_at
        )
        VALUES (2, 'company', 1, 2, 'a', 'b', '{}', true, 1, 1, now(), 1, now()),
            (1, 'contact', 1, 2, 'a', 'b', '{}', false, NULL, 1, now(), NULL, NULL);
        INSERT INTO base.duplicate_runs (id, subject_kind, task, state, least_score, of_run_id, created_by, created_at)
        VALUES (2, 'company', 'unmerge', 'done', 50, 1, 1, now()), (1, 'contact', 'scan', 'queued', 0, NULL, 1, now());
        INSERT INTO base.bulk_changes (
            id, kind, action, becomes, changed, created_by, created_at, undone_by, undone_at, refused, closed_on,
            close_reason_id, close_note
        )
        VALUES (2, 'deals', 'lose', 3, 2, 1, now(), 1, now(), 4, DATE '2026-01-02', 5, 'gone'),
            (1, 'contacts', 'block', NULL, 2, 1, now(), NULL, NULL, 0, NULL, NULL, NULL)
        """
    )
    return connection


def shape(connection: duckdb.DuckDBPyConnection) -> list[Any]:
    """Columns, constraints but for those that were lifted, and the rows of the tables made anew."""
    return [
        connection.execute(COLUMNS).fetchall(),
        [row for row in connection.execute(CHECKS).fetchall() if not (names_a_type(row[2]) or "action" in row[2])],
        [connection.execute(f"FROM base.{table} ORDER BY id").fetchall() for table in REMADE],
    ]


def test_a_store_of_before_keeps_its_rows_defaults_keys_and_other_checks(
    former: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    before = shape(former)
    assert {row[0] for row in former.execute(CHECKS).fetchall() if names_a_type(row[2])} == set(REMADE)
    former.execute("BEGIN")
    apply(former, sorted(MIGRATIONS.glob("*.sql"))[LIFTING])
    former.execute("COMMIT")
    assert shape(former) == before
    former.close()
    store = Store(tmp_path / "store", threads=1)
    with store.writing(SYSTEM) as tx:
        for table in REMADE:
            assert tx.value(f"SELECT list(id) FROM base.{table}") == [1, 2]
        added = tx.insert(
            """
            INSERT INTO base.notes (subject_kind, subject_id, text, author_id, created_at, updated_at)
            VALUES ('course', 1, 'x', 0, $now, $now)
            RETURNING id
            """,
            now=tx.now,
        )
        assert added == 3  # the sequence goes on where it stood
    store.close()
