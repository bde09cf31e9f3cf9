"""Migrates a store: numbered SQL files, each applied once, after a backup; and creates its views."""

import hashlib
import re
from collections.abc import Callable, Sequence
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb

from crm.foundation import clock

MIGRATIONS = Path(__file__).parent / "migrations"
VIEWS = Path(__file__).parent / "views"
OF_RECORD_TYPES = "crm.records.views"
"""The module that writes the views of record types. It is above this layer, so it is imported by name at first use."""
EACH = re.compile(r"^(?=CREATE OR REPLACE VIEW)", re.MULTILINE)
PRIVACY = re.compile(r"-- narrow\s+(AND|WHERE)\b.*?-- wide", re.DOTALL)


def bring_up_to_date(connection: duckdb.DuckDBPyConnection, back_up: Callable[[str], None]) -> list[str]:
    """Apply the missing migrations, each file in one transaction, and create the views again. Returns the names
    applied.

    `back_up` is called with a label before the first change to a store that already holds something.
    """
    done = _applied(connection)
    pending = [path for path in sorted(MIGRATIONS.glob("*.sql")) if int(path.name[:4]) not in done]
    if pending and done:
        back_up(f"before-{pending[0].stem}")
    for path in pending:
        _apply(connection, path)
    # Creating all views takes 400 ms (measured): only where their text is another.
    statements = view_statements(import_module(OF_RECORD_TYPES).types_in(partial(_rows, connection)))
    fingerprint = hashlib.sha256("\0".join(statements).encode()).hexdigest()
    if pending or _stored_fingerprint(connection) != fingerprint:
        _create_views(connection, statements, fingerprint)
    return [path.stem for path in pending]


def _create_views(connection: duckdb.DuckDBPyConnection, statements: list[str], fingerprint: str) -> None:
    """Create or replace every view. The one with their fingerprint comes last, so that an interrupted run is
    repeated."""
    for statement in statements:
        connection.execute(statement).fetchall()
    connection.execute(f"CREATE OR REPLACE VIEW base.laid_views AS SELECT '{fingerprint}' AS fingerprint").fetchall()


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    found = connection.execute(sql)
    columns = [column[0] for column in found.description or []]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def _stored_fingerprint(connection: duckdb.DuckDBPyConnection) -> str | None:
    """The fingerprint of the views that the store has, None where there is none."""
    exists = connection.execute(
        "SELECT count(*) FROM duckdb_views() WHERE schema_name = 'base' AND view_name = 'laid_views'"
    ).fetchall()
    return str(connection.execute("SELECT fingerprint FROM base.laid_views").fetchall()[0][0]) if exists[0][0] else None


def view_statements(types: Sequence[Any] | None = None, *, containing: str = "") -> list[str]:
    """The SQL of each view: as written, with the privacy rules, in schema `visible`; without them in `everything`; last
    those over all record types, the registered ones or these. With `containing`, only the views that contain this text:
    a view fixes its columns when it is created, so an attribute's new column needs those of its table created again."""
    over_types: list[str] = import_module(OF_RECORD_TYPES).statements(types)
    return [view for view in (*_written_views(), *over_types) if containing in view]


@cache
def _written_views() -> tuple[str, ...]:
    # visible.sql comes last by name and has to be first: the other files read its views.
    views = [view for path in sorted(VIEWS.glob("*.sql"), reverse=True) for view in EACH.split(path.read_text())]
    return tuple(in_both_schemas([view for view in views if "CREATE OR REPLACE VIEW" in view]))


def in_both_schemas(narrow: list[str]) -> list[str]:
    """Each view as written, and without its privacy rules, for those who see everything."""
    return narrow + [
        # Planning the rules costs more than the reads they guard (a company by key 3.2 ms, without them 1.1). The
        # variable is still asked for, so that a cursor without an identity sees nothing.
        PRIVACY.sub(r"\1 getvariable('actor_id') IS NOT NULL", text).replace("visible.", "everything.")
        for text in narrow
    ]


def _applied(connection: duckdb.DuckDBPyConnection) -> set[int]:
    exists = connection.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'base' AND table_name = 'migrations'"
    ).fetchall()
    if not exists[0][0]:
        return set()
    return {number for (number,) in connection.execute("SELECT number FROM base.migrations").fetchall()}


def _apply(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    connection.execute("BEGIN TRANSACTION")
    try:
        connection.execute(path.read_text()).fetchall()
        connection.execute(
            "INSERT INTO base.migrations VALUES ($number, $name, $applied_at)",
            {"number": int(path.name[:4]), "name": path.stem, "applied_at": clock.now()},
        ).fetchall()
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
