"""The DuckDB file: opening it, and the two ways to work with it.

    with store.reading(actor) as tx: …      a read-only snapshot of what the actor may see (`seconds` limits it)
    with store.writing(actor) as tx: …      the one writer: committed whole, or rolled back and raised

No savepoints or nesting exist. Slow work (parsing, hashing, HTTP, mail) stays outside `writing`.
"""

import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TypeVar

import duckdb

from crm.foundation import clock
from crm.foundation.access import NOBODY, Actor
from crm.foundation.errors import StoreHeld, StoreRefused, Unavailable
from crm.foundation.language import tr
from crm.store import modes, plain_secrets, renewal, restoring, uploads
from crm.store.cursors import Cursor, Identity, identity_of, is_invalidated, roll_back
from crm.store.events import Link
from crm.store.gate import Gate
from crm.store.head import GENESIS, Head, HeadFile
from crm.store.kept import Answers
from crm.store.kept_rows import RowAnswers
from crm.store.lock import FairLock
from crm.store.migrate import bring_up_to_date
from crm.store.parsed import Parsed
from crm.store.shared_commits import SharedCommits
from crm.store.snapshots import Reserve
from crm.store.sources import Analysis
from crm.store.versions import Changes, Part
from crm.store.work import Reading, Row, Shared, Writing

__all__ = ["Committed", "Reading", "Row", "Store", "Writing"]

log = logging.getLogger(__name__)

T = TypeVar("T")

IDLE_CURSORS = 32
SLOW_TO_FETCH = "dict_fsst"
"""The compression for texts that new data does without: a point read or a delete fetches each text for 24 µs
(measured)."""

COPIED_AT_ONCE = 16 * 2**20  # bytes

LARGE = 100_000
"""Rows that a change writes from which on its commit must not make readings wait."""
CHECKPOINT_LATER = "1 TB"
"""A threshold that no log reaches."""
GROWTH = 16 * 2**20  # bytes
"""What other changes may add to the log before a checkpoint that was put off is made; the engine's own threshold."""
LONGEST_LOG = 256 * 2**20  # bytes
"""The log from which on no checkpoint is put off: it is read again at the next start after a crash."""
QUIET = 60.0
"""Seconds without a person's reading after which a checkpoint that was put off is made."""

UNFINISHED = "unfinished-backup"

RECORD_TYPES = "crm.records.registry"
"""The module that knows the record types of a store. It is above this layer, so it is imported by name at first use."""


@dataclass(frozen=True)
class Committed:
    """A commit, as listeners get it: the store's version after it, and the events that it wrote."""

    version: int
    events: tuple[Link, ...]


class Store:
    """The one open connection of this process; every unit of work gets a cursor of its own.

    `folder` holds `crm.duckdb`, its write-ahead log, the head file, `backups/` and whatever shells keep there.
    `version` grows with every commit: a cache key.
    Raises StoreRefused where another process holds the file, or where the log ends before its head.
    """

    def __init__(self, folder: Path, *, threads: int | None = None) -> None:
        self.folder = folder
        self.version = 0
        self.listeners: list[Callable[[Committed], None]] = []
        self._threads = threads
        self._one_writer = FairLock()
        self._shared_commits = SharedCommits()
        self._gate = Gate()
        self._idle: list[Cursor] = []
        self._idle_guard = threading.Lock()
        self._generation = 0
        self._reader: int | None = None
        self._reserve = Reserve()
        self._checkpoint_due = False
        self._due_log = 0
        """Bytes of the log when a checkpoint was put off last."""
        self._last_read = 0.0
        self._closed = False
        modes.make_folder(folder)
        restoring.finish(folder)
        self._connection = self._open()
        self._shared = Shared(folder, Changes(), Analysis(self._new_cursor), Answers(), RowAnswers(), Parsed(), {})
        self._head_file = HeadFile(folder / "crm.head")
        self._head = self._checked_head()
        # A crash right after a commit leaves the file one event behind.
        self._head_file.write(self._head)
        if plain_secrets.seal_plain(self._connection, folder):
            self.renew()  # the plain text is still in freed blocks of the file

    @property
    def path(self) -> Path:
        return self.folder / "crm.duckdb"

    @property
    def seq(self) -> int:
        """The sequence number of the last event. What is read after it was asked for is never older."""
        return self._head.seq

    @property
    def busy(self) -> bool:
        """Whether a write is under way. Minor writes, such as a session's last use, wait for a quiet moment."""
        return self._one_writer.held

    @contextmanager
    def reading(self, actor: Actor, *, seconds: float | None = None) -> Iterator[Reading]:
        """A read-only snapshot. Raises TooSlow where a statement, or all of them together, take longer than
        `seconds`."""
        with ExitStack() as begun:
            tx: Reading

            def begin() -> duckdb.DuckDBPyConnection:
                if actor.id != NOBODY:
                    self._last_read = time.monotonic()
                begun.enter_context(self._inside())
                lent = self._reserve.lent(actor, _milliseconds(seconds), lambda: tx.failed)
                if reserved := begun.enter_context(lent):
                    return reserved
                cursor = begun.enter_context(self._borrowed_cursor(actor, seconds))
                cursor.execute("BEGIN TRANSACTION READ ONLY")
                begun.callback(roll_back, cursor)
                return cursor

            tx = Reading(begin, actor, self._shared, seconds)
            _entrance()(tx)
            yield tx

    @contextmanager
    def writing(self, actor: Actor) -> Iterator[Writing]:
        """One change, committed at the end; rolled back where anything raises. Listeners are called after the
        commit."""
        # The lock comes before the transaction begins: without it eight writers lost 154 of 1,282 acknowledged updates,
        # even with WHERE version = … (measured).
        with self._one_writer, self._inside(), self._borrowed_cursor(actor, None) as cursor:
            cursor.execute("BEGIN TRANSACTION")
            tx = Writing(cursor, actor, self._shared, self._head)
            try:
                _entrance()(tx)
                yield tx
                if tx.failed:  # COMMIT would say OK and keep nothing
                    raise Unavailable(tr("A statement of this change failed, so nothing of it was kept. Try again."))
                tx.drop_temp_tables()
                self._commit(cursor, tx.changed, large=tx.rows_written >= LARGE)
            except BaseException:
                roll_back(cursor)
                raise
            # Before the head is written: caches keyed by these are stale even if that write fails. `version` comes
            # last, so that who reads the new one finds nothing cached under the log's old end.
            if tx.recorded:
                self._head = tx.head
            self.version += 1
            if tx.recorded:
                self._head_file.write(tx.head)
            committed = Committed(self.version, tuple(tx.recorded))
        # After the lock is released: a listener may read the store, and a slow one holds no writer up.
        for listener in self.listeners:
            try:
                listener(committed)
            except Exception:  # the change is kept: raised here, it would look refused and be made again
                log.exception("a listener failed after commit %d", committed.version)

    def change(self, actor: Actor, change: Callable[[Writing], T]) -> T:
        """As `writing`, for changes of which many come at once: those that wait for the writer share one commit. Each
        is made whole or not at all, as if alone, and may be called a second time for it; returns once it is committed.
        """
        return self._shared_commits.make(self.writing, actor, change)

    def _commit(self, cursor: duckdb.DuckDBPyConnection, changed: frozenset[Part] | None, *, large: bool) -> None:
        """Commit. Raises Unavailable, or the engine's own error where the store must be reopened. The change may have
        been kept all the same: callers that retry need an idempotency key."""

        def end() -> None:
            if changed is None:
                self._shared.analysis.forget()
            self._shared.changes.end_commit(changed)

        try:
            with ExitStack() as ending:
                if large:
                    ending.enter_context(self._readable(end))
                else:
                    ending.callback(end)
                self._shared.changes.begin_commit()
                cursor.execute("COMMIT")
            if self._checkpoint_due and self._log_size() < self._due_log:
                self._checkpointed()  # by the engine, at this commit
        except duckdb.Error as error:
            if is_invalidated(error):
                raise
            # A commit that raised may have been kept (20 of 108 injected disk errors): the next event follows the true
            # end of the log.
            self._head = self._last_of_log()
            raise Unavailable(tr("The store could not keep this change: {error}. Try again.", error=error)) from error

    @contextmanager
    def _readable(self, end_commit: Callable[[], None]) -> Iterator[None]:
        """Let readings go on during a large commit, which `end_commit` makes known, and put off its checkpoint: that
        one keeps whoever looks a record up by a key waiting while it writes the indexes."""
        self._connection.execute(f"SET checkpoint_threshold = '{CHECKPOINT_LATER}'").fetchall()
        self._checkpoint_due = True
        try:
            with self._reserve.open(self._new_cursor, end_commit):
                yield
        finally:
            # With the engine's own threshold it would be made at the next change, however small: the log is longer than
            # that by now.
            self._due_log = self._log_size()
            threshold = min(self._due_log + GROWTH, LONGEST_LOG) // 2**20
            self._connection.execute(f"SET checkpoint_threshold = '{threshold} MiB'").fetchall()

    def _log_size(self) -> int:
        log = Path(f"{self.path}.wal")
        return log.stat().st_size if log.exists() else 0

    def _checkpointed(self) -> None:
        """Go back to the engine's own threshold: the checkpoint that was put off has been made."""
        self._checkpoint_due = False
        self._connection.execute("RESET checkpoint_threshold").fetchall()

    def checkpoint_if_quiet(self) -> bool:
        """Make the checkpoint that a large change has put off, unless somebody reads or writes; whether it was made.
        Until then, the engine makes it once its log has grown by `GROWTH` through other changes."""
        if not self._checkpoint_due or self.busy or time.monotonic() - self._last_read < QUIET:
            return False
        with self._one_writer:
            self._checkpoint_if_allowed()
            self._checkpointed()
        return True

    def back_up(self, label: str = "backup") -> Path:
        """Copy the store while it runs: checkpoint under the writer lock, then copy database, log, head and uploads.
        Returns the backup's folder."""
        with self._one_writer:
            return self._copy_to_backup(label)

    def renew(self) -> None:
        """Rewrite the store from its live rows and swap the files, so that deleted rows leave the disk.

        Writes wait for the whole of it, reads only for the swap. Raises Unavailable where a read lasts too long; the
        store is then unchanged.
        """
        with self._one_writer:
            fresh = renewal.write(self._connection, self.folder)
            with self._gate.shut():
                self._drop_idle()
                # The log belongs to the file that goes away: nothing of it may be left to replay over the new one.
                self._connection.execute("CHECKPOINT").fetchall()
                self._connection.close()
                self._close_reader()
                try:
                    renewal.put_in_place(fresh, self.path)
                finally:
                    self._connection = self._open()
                self._head = self._checked_head()

    def close(self) -> None:
        """Wait for the write under way and close the file. A second call does nothing."""
        with self._one_writer:
            if self._closed:
                return
            self._closed = True
            self._drop_idle()
            self._connection.close()
            self._head_file.close()
            self._close_reader()

    def _open(self) -> duckdb.DuckDBPyConnection:
        config: dict[str, str | bool | int | float | list[str]] = {"threads": self._threads} if self._threads else {}
        try:
            connection = duckdb.connect(str(self.path), config=config)
        except duckdb.Error as error:
            if isinstance(error, duckdb.IOException) and "lock" in str(error).lower():
                raise StoreHeld(
                    tr(
                        "Another process has the store {path} open. Stop it, or name another folder with CRM_STORE.",
                        path=self.path,
                    )
                ) from error
            raise StoreRefused(
                tr(
                    "The store {path} cannot be opened: {error} {advice}",
                    path=self.path,
                    error=str(error).splitlines()[0],
                    advice=self._recovery_advice(),
                )
            ) from error
        # Set before anything can fail below: the copy before a migration needs it.
        self._connection = connection
        try:
            self._set_up(connection)
        except BaseException:
            connection.close()  # left to the garbage collector, it would be what the next opening gets, half set up
            raise
        return connection

    def _set_up(self, connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(f"SET disabled_compression_methods = '{SLOW_TO_FETCH}'").fetchall()  # connect() ignores it
        connection.execute("CHECKPOINT").fetchall()  # first: an automatic one over a replayed log broke indexes
        renewed = renewal.folder_of(self.folder)
        spill_folder = f"{self.path}.tmp"  # by the engine, before it was killed
        for leftover in (renewed, self.folder / UNFINISHED, spill_folder):
            shutil.rmtree(leftover, ignore_errors=True)
        # In this order: external access cannot be switched on again, and the renewed file is the only path that SQL may
        # open.
        connection.execute("SET allowed_directories = $folders", {"folders": [f"{renewed}/"]}).fetchall()
        connection.execute("SET enable_external_access = false").fetchall()
        connection.execute("SET TimeZone = 'UTC'").fetchall()
        modes.tighten(self.folder)  # the engine creates its files with the process's umask
        bring_up_to_date(connection, lambda label: _sync_disk(self._copy_to_backup(label)))

    def _checked_head(self) -> Head:
        """The end of the log. Raises StoreRefused where the head file names a later event, or another one of that
        number."""
        confirmed = self._head_file.read()
        last = self._last_of_log()
        logged_hash = self._connection.execute(
            "SELECT hash FROM base.events WHERE seq = $seq", {"seq": confirmed.seq}
        ).fetchall()
        # DuckDB opens a damaged or deleted write-ahead log without an error; only this comparison shows what it lost.
        if confirmed.seq and (not logged_hash or logged_hash[0][0] != confirmed.hash):
            self._connection.close()
            self._head_file.close()
            raise StoreRefused(
                tr(
                    "The store {path} ends at change {last}, but change {confirmed} was confirmed to somebody: its "
                    "log was lost or damaged. {advice}",
                    path=self.path,
                    last=last.seq,
                    confirmed=confirmed.seq,
                    advice=self._recovery_advice(),
                )
            )
        return last

    def _last_of_log(self) -> Head:
        found = self._connection.execute("SELECT seq, hash FROM base.events ORDER BY seq DESC LIMIT 1").fetchall()
        return Head(*found[0]) if found else GENESIS

    def _recovery_advice(self) -> str:
        backups = sorted((self.folder / "backups").glob("*/crm.duckdb"))
        if backups:
            return tr("The last backup is {path}: `crm restore {path}` brings it back.", path=backups[-1].parent)
        return tr("There is no backup; `crm verify` says what is there.")

    def _copy_to_backup(self, label: str) -> Path:
        """Copy to a temporary folder and rename it at the end: a listing of backups never shows half of one."""
        stamp = clock.now().strftime("%Y%m%dT%H%M%S%f")
        target = self.folder / "backups" / f"{stamp}-{label}"
        unfinished = self.folder / UNFINISHED
        shutil.rmtree(unfinished, ignore_errors=True)
        modes.make_folder(unfinished)
        self._checkpoint_if_allowed()
        self._copy_database(unfinished / "crm.duckdb")
        for name in ("crm.duckdb.wal", "crm.head"):
            if (self.folder / name).exists():
                modes.copy(self.folder / name, unfinished / name)
        uploads.share(self.folder, unfinished)
        modes.make_folder(target.parent)
        return unfinished.rename(target)

    def _checkpoint_if_allowed(self) -> None:
        """Checkpoint, which writes the log into the database file, if the engine allows it now."""
        # Refused while a read is open from before a committed update; file and log copied together are as complete.
        with suppress(duckdb.TransactionException):
            self._connection.cursor().execute("CHECKPOINT").fetchall()

    def _copy_database(self, target: Path) -> None:
        """Copy the database file. The caller has it checkpointed, or copies its log, too."""
        # Never closed while the store is open: a POSIX lock belongs to the process, and closing any descriptor of the
        # file releases it. After a plain copy another process could open the store beside this one.
        if self._reader is None:
            self._reader = os.open(self.path, os.O_RDONLY)
        offset = 0
        with modes.create(target) as copy:
            while piece := os.pread(self._reader, COPIED_AT_ONCE, offset):
                offset += copy.write(piece)

    def _close_reader(self) -> None:
        if self._reader is not None:
            os.close(self._reader)
            self._reader = None

    @contextmanager
    def _inside(self) -> Iterator[None]:
        self._gate.enter()
        try:
            yield
        finally:
            self._gate.leave()

    @contextmanager
    def _borrowed_cursor(self, actor: Actor, seconds: float | None) -> Iterator[duckdb.DuckDBPyConnection]:
        generation = self._generation
        borrowed = self._borrow_cursor(actor, _milliseconds(seconds))
        keep = True
        try:
            yield borrowed.cursor
        except duckdb.Error as error:
            keep = False
            if is_invalidated(error):
                self._reopen(generation)
                raise Unavailable(
                    tr("The store could not write (is the disk full?). Nothing of this change was kept; try again.")
                ) from error
            raise
        finally:
            # A cursor of the connection before a reopening or a swap would keep a closed file alive.
            if keep and generation == self._generation and len(self._idle) < IDLE_CURSORS:
                with self._idle_guard:
                    self._idle.append(borrowed)
            else:
                borrowed.cursor.close()

    def _borrow_cursor(self, actor: Actor, milliseconds: int) -> Cursor:
        """A cursor with this actor's visibility and this limit for each statement (0: none)."""
        identity = identity_of(actor)
        # Idle cursors are reused by identity: setting its variables takes 1.5 ms, longer than a point read.
        borrowed = self._idle_cursor(identity, milliseconds)
        try:
            borrowed = borrowed or Cursor(self._connection.cursor())
        except duckdb.Error as error:
            raise Unavailable(tr("The store is being opened again; try again in a moment.")) from error
        borrowed.see_as(identity)
        borrowed.limit(milliseconds)
        return borrowed

    def _new_cursor(self) -> duckdb.DuckDBPyConnection:
        return self._connection.cursor()

    def _idle_cursor(self, identity: Identity, milliseconds: int) -> Cursor | None:
        """An idle cursor of this identity, preferably with this limit; else the oldest of others once there are
        many."""
        with self._idle_guard:
            of_actor = [place for place, idle in enumerate(self._idle) if idle.identity == identity]
            limited = [place for place in of_actor if self._idle[place].milliseconds == milliseconds]
            if of_actor:
                return self._idle.pop((limited or of_actor)[-1])
            return self._idle.pop(0) if len(self._idle) >= IDLE_CURSORS else None

    def _drop_idle(self) -> None:
        with self._idle_guard:
            for idle in self._idle:
                idle.cursor.close()
            self._idle.clear()
            self._generation += 1

    def _reopen(self, generation: int) -> None:
        """Open the file again: after a full disk DuckDB refuses everything until then."""
        if generation != self._generation:  # another thread met the same error and has reopened already
            return
        self._drop_idle()
        self._connection.close()
        self._connection = self._open()
        self._head = self._checked_head()


@cache
def _entrance() -> Callable[[Reading], None]:
    """What is called as a unit of work begins."""
    found: Callable[[Reading], None] = import_module(RECORD_TYPES).enter
    return found


def _milliseconds(seconds: float | None) -> int:
    """The engine's limit for a statement; 0 for none."""
    return round((seconds or 0) * 1000)


def _sync_disk(_: Path) -> None:
    # The copy has to be on the disk before the migration changes the store.
    os.sync()
