"""Counts the statements that units of work send to the store, and says who sent them."""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import pyarrow as pa

from crm.foundation.settings import ROOT
from crm.store import Reading, Store

STORE = str(ROOT / "crm" / "store")
PRODUCT = (str(ROOT / "crm"), str(ROOT / "pages"))

_execute, _arrow = Reading._execute, Reading.arrow


class Statement(NamedTuple):
    sender: str
    """The function that called the store, as `room/file.py:name`."""
    sql: str


@contextmanager
def counted() -> Iterator[Counter[Statement]]:
    """{statement: how often it was sent}, of the whole process and for as long as this lasts."""
    found: Counter[Statement] = Counter()

    def execute(tx: Reading, sql: str, params: Mapping[str, object]) -> None:
        found[Statement(_sender(), sql)] += 1
        _execute(tx, sql, params)

    def arrow(tx: Reading, sql: str, **params: object) -> pa.Table:
        found[Statement(_sender(), sql)] += 1
        return _arrow(tx, sql, **params)

    Reading._execute, Reading.arrow = execute, arrow
    try:
        yield found
    finally:
        Reading._execute, Reading.arrow = _execute, _arrow


def listed(found: Counter[Statement]) -> str:
    """A line for each statement, those sent most often first."""
    lines = ((times, sender, " ".join(sql.split())) for (sender, sql), times in found.most_common())
    return "\n".join(f"{times:3}× {sender:45} {sql[:150]}" for times, sender, sql in lines)


def outdate(store: Store) -> None:
    """Make every kept answer stale, as if each table had been written to."""
    rows = store._connection.cursor().execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'base'")
    tables = frozenset(name for (name,) in rows.fetchall())
    store._shared.changes.begin_commit()
    store._shared.changes.end_commit(tables)


def _sender() -> str:
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(PRODUCT) and not file.startswith(STORE):
            return f"{Path(file).relative_to(ROOT)}:{frame.f_code.co_name}".removeprefix("crm/")
        frame = frame.f_back
    return "?"
