"""Read snapshots that are begun before they are needed.

The engine lets no transaction begin while it takes the rows of a large deletion out of indexes: in its commit, and
again once the last snapshot from before it ends; 3 s for a million contacts (measured). Readings of that time share
snapshots that were begun before.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import duckdb

from crm.foundation.access import Actor
from crm.store.cursors import Cursor, identity_of

MANY = 16
"""Snapshots in reserve: as many readings at the same moment need not wait."""
PATIENCE = 2.0
"""Seconds that the end of the snapshots waits for the readings that have one."""


class Reserve:
    """Lends snapshots to a store's readings while a large change is committed."""

    def __init__(self) -> None:
        self._now: Snapshots | None = None

    @contextmanager
    def open(
        self, new_cursor: Callable[[], duckdb.DuckDBPyConnection], end_commit: Callable[[], None]
    ) -> Iterator[None]:
        """Have snapshots ready. The caller holds the writer lock and commits inside; `end_commit` raises the versions
        of what was changed."""
        before, after = Snapshots(new_cursor), None
        self._now = before
        try:
            yield
            # For those who read while the snapshots of before the commit end.
            after = Snapshots(new_cursor)
        finally:
            # In this order: with the new versions nobody is lent a snapshot from before them. And not only once all
            # snapshots have ended: until the versions are raised, kept answers are still those of before.
            self._now = after
            end_commit()
            before.end()
            self._now = None
            if after:
                after.end()

    @contextmanager
    def lent(
        self, actor: Actor, milliseconds: int, failed: Callable[[], bool]
    ) -> Iterator[duckdb.DuckDBPyConnection | None]:
        """A cursor in a snapshot, with this actor's visibility and this limit for each statement; None where there is
        none to lend. `failed` says at the end whether a statement failed."""
        now = self._now
        if now is None:
            yield None
            return
        with now.lent(failed) as cursor:
            if cursor is not None:
                lent = Cursor(cursor)
                lent.see_as(identity_of(actor))
                lent.limit(milliseconds)
            yield cursor


class Snapshots:
    """Cursors with a read-only transaction each, lent to one reading after another until `end`."""

    def __init__(self, new_cursor: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._state = threading.Condition()
        self._free = [_begun(new_cursor()) for _ in range(MANY)]
        self._spent: list[duckdb.DuckDBPyConnection] = []
        self._lent = 0
        self._over = self._ended = False

    @contextmanager
    def lent(self, failed: Callable[[], bool]) -> Iterator[duckdb.DuckDBPyConnection | None]:
        """A snapshot for one reading; None where all are lent, or their time is over."""
        with self._state:
            cursor = self._free.pop() if self._free and not self._over else None
            self._lent += cursor is not None
        sound = False
        try:
            yield cursor
            sound = not failed()  # a refusal such as TooSlow may have been answered within the reading
        finally:
            if cursor is not None:
                self._take_back(cursor, sound)

    def _take_back(self, cursor: duckdb.DuckDBPyConnection, sound: bool) -> None:
        with self._state:
            self._lent -= 1
            late = self._ended
            if not late:
                # Where its reading failed, its transaction may have, too: nobody else gets it.
                (self._free if sound else self._spent).append(cursor)
            self._state.notify_all()
        if late:
            _end(cursor)

    def end(self) -> None:
        """End the snapshots, in this thread: the last one to end may take as long as the commit did. A reading that
        lasts beyond PATIENCE ends its own."""
        with self._state:
            self._over = True
            self._state.wait_for(lambda: self._lent == 0, PATIENCE)
            self._ended = True
            cursors = [*self._free, *self._spent]
        for cursor in cursors:
            _end(cursor)


def _begun(cursor: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    cursor.execute("BEGIN TRANSACTION READ ONLY")
    cursor.execute(
        "SELECT 1 FROM base.events LIMIT 0"
    ).fetchall()  # the engine takes the snapshot at the first statement
    return cursor


def _end(cursor: duckdb.DuckDBPyConnection) -> None:
    with suppress(duckdb.Error):
        cursor.execute("ROLLBACK")
    cursor.close()
