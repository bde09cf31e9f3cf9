"""The two units of work: a read-only snapshot, and one change made whole or not at all."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from zoneinfo import ZoneInfo

import duckdb
import polars as pl

from crm.foundation import clock
from crm.foundation.access import Actor, Module, Permission
from crm.foundation.errors import ConfirmFirst, Forbidden, ModuleOff, NotFound, TooSlow
from crm.foundation.language import tr
from crm.store.events import Link, next_link
from crm.store.head import Head
from crm.store.kept import Answers
from crm.store.kept_rows import RowAnswers
from crm.store.parsed import Parsed
from crm.store.row_keys import RETURNED
from crm.store.sources import Analysis
from crm.store.uses import TODAY, Uses
from crm.store.versions import Changes, Part, Versions, part_of

if TYPE_CHECKING:
    import pyarrow as pa

Row: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Shared:
    """What all units of work of a store share."""

    folder: Path
    changes: Changes
    analysis: Analysis
    answers: Answers
    row_answers: RowAnswers
    parsed: Parsed
    memory: dict[str, Any]


def schema_of(actor: Actor) -> str:
    """The schema in which this actor's statements look up names: whose views hold what they may see."""
    return "everything" if actor.sees_everything else "visible"


class Reading:
    """A consistent snapshot of everything the actor may see.

    Every method fetches its result to the end: a result left open would keep a snapshot that stops checkpoints.
    Parameters are named `$name` in the SQL. `seconds` limits each statement (the engine interrupts it) and all of them
    together (checked before each); beyond it TooSlow is raised.
    """

    def __init__(
        self,
        begin: Callable[[], duckdb.DuckDBPyConnection],
        actor: Actor,
        shared: Shared,
        seconds: float | None = None,
    ) -> None:
        """`begin` starts the transaction and gives its cursor; it is called at the first statement, since many readings
        need none."""
        self._begin = begin
        self._begun: duckdb.DuckDBPyConnection | None = None
        self._shared = shared
        self._versions: Versions | None = None
        self._snapshot = False
        self.shares_answers = True
        """Whether kept answers are of this snapshot. Not where it was begun during a commit."""
        self.uses: Uses | None = None
        """What is used by the kept function that runs now."""
        self._seconds = seconds
        self._ends = time.monotonic() + seconds if seconds else inf
        self.actor = actor
        self._now = clock.now()
        self.failed = False
        self.required: set[tuple[Permission, Module | None]] = set()
        """The permissions that `require` has checked and granted so far."""
        self._temp_tables: set[str] = set()

    @property
    def now(self) -> datetime:
        """The moment at which the unit of work began. What depends on it is not kept."""
        if self.uses is not None:
            self.uses.known = False
        return self._now

    @property
    def today(self) -> date:
        """The current day in the workspace's time zone."""
        if self.uses is not None:
            self.uses.facets.add(TODAY)
        return self.current_day

    @property
    def current_day(self) -> date:
        """As `today`, where that is no use of it: in the place of a kept answer."""
        return self._now.astimezone(ZoneInfo(self.actor.time_zone)).date()

    @property
    def limited(self) -> bool:
        """Whether its statements may not take as long as they like."""
        return self._seconds is not None

    @property
    def versions(self) -> Versions:
        """The versions of the tables as of this snapshot."""
        if self._versions is None:
            self._versions = self._shared.changes.versions
        return self._versions

    def answer(self, build: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The answer of a kept function (see crm/store/kept.py)."""
        return self._shared.answers.read(self, build, args, kwargs)

    def answer_rows(self, build: Callable[..., Any], keys: tuple[int, ...]) -> dict[int, Any]:
        """The answers of a function that is kept by row (see crm/store/kept_rows.py)."""
        return self._shared.row_answers.read(self, build, keys)

    @contextmanager
    def watching(self) -> Iterator[Uses]:
        """Note what is used inside. It does not count as used by the kept function around it: `Answers` adds it."""
        around, actor = self.uses, self.actor
        self.uses = uses = Uses()
        self.actor = uses.watch(actor)
        try:
            yield uses
        finally:
            self.uses, self.actor = around, actor

    def used(self, uses: Uses) -> None:
        """Note for the kept function that runs now what was read for it before, or in a reading of its own."""
        if self.uses is not None:
            self.uses.include(uses)

    @property
    def memory(self) -> dict[str, Any]:
        """What the layers above keep in memory of this store, by the name of their module."""
        return self._shared.memory

    @property
    def folder(self) -> Path:
        """The store's folder: files that are too large for the database lie in it."""
        return self._shared.folder

    def rows(self, sql: str, /, **params: object) -> list[Row]:
        self._read(sql, params)
        return self._rows()

    def rows_of(self, keys: Sequence[int], sql: str, /, **params: object) -> list[Row]:
        """The rows of all keys. `{keys}` in the text stands where a column is compared with them:

            SELECT deal_id, text FROM base.notes WHERE deal_id {keys}

        What each key's rows depend on is what the text for one key proves (crm/store/row_keys.py). So the text has to
        say the same of many keys as of each by itself: it joins and groups by the key.
        """
        of_one = sql.replace("{keys}", "= $key")
        if self.uses is not None:
            sources = self._shared.analysis.reads(of_one, schema_of(self.actor))
            for key in keys:
                self.uses.add(sources, {**params, "key": key})
        if len(keys) == 1:  # by far the most frequent, and an equality is planned faster than a list
            self._execute(of_one, {**params, "key": keys[0]})
        else:
            of_many = sql.replace("{keys}", "IN (SELECT unnest($keys::BIGINT[]))")
            self._execute(of_many, {**params, "keys": list(keys)})
        return self._rows()

    def row(self, sql: str, /, **params: object) -> Row:
        """The first row. Raises NotFound where there is none."""
        found = self.rows(sql, **params)
        if not found:
            raise NotFound
        return found[0]

    def value(self, sql: str, /, **params: object) -> Any:
        """The first column of the first row, None where there is no row."""
        self._read(sql, params)
        found = self._fetched()
        return found[0][0] if found else None

    def frame(self, sql: str, /, **params: object) -> pl.DataFrame:
        return pl.DataFrame(self.arrow(sql, **params))

    def arrow(self, sql: str, /, **params: object) -> "pa.Table":
        """The whole result as an Arrow table: what `st.dataframe` takes without a detour."""
        self._note(sql, params)
        with self._statement():
            return self._cursor.sql(sql, params=dict(params)).to_arrow_table()

    def bulk(self, name: str, frame: pl.DataFrame) -> None:
        """Create a temporary table from a frame, replacing one of that name. `drop` it after use: a commit keeps it."""
        if self.uses is not None:
            self.uses.temp_tables.add(name)
        self._cursor.register("bulk_frame", _arrow(frame))
        try:
            self._execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM bulk_frame", {})
            self._cursor.fetchall()
        finally:
            self._cursor.unregister("bulk_frame")

    def create_temp_table(self, name: str, query: str, /, **params: object) -> int:
        """Create a temporary table from a query, replacing one of that name; how many rows it has."""
        self._note(query, params, makes=name)
        self._execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}", params)
        return int(self._cursor.fetchall()[0][0])

    def create_temp_table_once(self, name: str, query: str) -> None:
        """As `create_temp_table`, but only the first time: a read-only snapshot does not change, so the table stays
        valid. `Writing` creates it again each time, since its own changes count."""
        if name not in self._temp_tables:
            self.create_temp_table(name, query)
            self._temp_tables.add(name)
        else:
            self._note(query, {}, makes=name)

    def drop(self, *names: str) -> None:
        """Drop temporary tables that may be there."""
        for name in names:
            self._execute(f"DROP TABLE IF EXISTS temp.{name}", {})
            self._cursor.fetchall()

    def require(self, permission: Permission, module: Module | None = None) -> None:
        """Refuse unless the actor has the permission, and the module, if one is named, is on."""
        if module is not None and not self.actor.has(module):
            raise ModuleOff(module)
        if not self.actor.may(permission):
            raise Forbidden(
                tr(
                    "{name} may not {permission}. An administrator can grant it under Settings.",
                    name=self.actor.name,
                    permission=tr(permission),
                )
            )
        # The API asks these again before it replays a stored answer.
        self.required.add((permission, module))

    def require_confirmed(self) -> None:
        """Raise ConfirmFirst unless the actor confirmed their identity lately. A signed-in page left open is not enough
        for what gives others access or takes all data out."""
        until = self.actor.confirmed_until
        if until is None or until <= self.now:
            raise ConfirmFirst

    @property
    def _cursor(self) -> duckdb.DuckDBPyConnection:
        if self._begun is None:
            self._begun = self._begin()
        return self._begun

    def _read(self, sql: str, params: Mapping[str, object]) -> None:
        self._note(sql, params)
        self._execute(sql, params)

    def _note(self, sql: str, params: Mapping[str, object], *, makes: str | None = None) -> None:
        """Note for the kept function that runs now what a statement reads, and the temporary table that it makes."""
        if self.uses is None:
            return
        self.uses.add(self._shared.analysis.reads(sql, schema_of(self.actor)), params)
        if makes:
            self.uses.temp_tables.add(makes.removeprefix("temp."))

    def _execute(self, sql: str, params: Mapping[str, object]) -> None:
        with self._statement():
            self._cursor.execute(self._shared.parsed.statement(self._cursor, sql), dict(params))

    def _rows(self) -> list[Row]:
        columns = [column[0] for column in self._cursor.description or []]
        return [dict(zip(columns, row, strict=True)) for row in self._fetched()]

    def _fetched(self) -> list[Any]:
        with self._statement():
            return self._cursor.fetchall()

    @contextmanager
    def _statement(self) -> Iterator[None]:
        if self._seconds and time.monotonic() > self._ends:
            raise TooSlow(self._seconds)
        versions = self.versions  # before the snapshot, which the engine takes at the first statement
        try:
            yield
        except duckdb.InterruptException as error:
            self.failed = True
            if not self._seconds:
                raise
            self._ends = -inf  # the engine has ended the transaction: later statements raise TooSlow too
            raise TooSlow(self._seconds) from error
        except duckdb.Error:
            self.failed = True
            raise
        if not self._snapshot:
            self._snapshot = True
            self.shares_answers = self._shared.changes.exact(versions)


class Writing(Reading):
    """One change, made whole or not at all. It holds the store's one writer lock."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, actor: Actor, shared: Shared, head: Head) -> None:
        super().__init__(lambda: cursor, actor, shared)
        self.head = head
        self.recorded: list[Link] = []
        self._changed: set[Part] = set()
        self._changed_any = False
        self.rows_written = 0

    @property
    def changed(self) -> frozenset[Part] | None:
        """The tables that this change has written to, and the rows of others; None where it may be any of them, or
        their columns."""
        return None if self._changed_any else frozenset(self._changed)

    def answer(self, build: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Computed each time: its own changes count, and are nobody else's yet."""
        return build(self, *args, **kwargs)

    def answer_rows(self, build: Callable[..., Any], keys: tuple[int, ...]) -> dict[int, Any]:
        return dict(build(self, keys)) if keys else {}

    def arrow(self, sql: str, /, **params: object) -> "pa.Table":
        self._note_change(sql, params)
        return super().arrow(sql, **params)

    def _execute(self, sql: str, params: Mapping[str, object]) -> None:
        self._note_change(sql, params)
        super()._execute(sql, params)

    def _note_change(self, sql: str, params: Mapping[str, object]) -> None:
        changed = self._shared.analysis.writes(sql)
        if changed is None:
            self._changed_any = True
        elif changed.rows is not None:
            self._changed.add(part_of(changed.rows, params))
        else:
            self._changed |= changed.tables

    def changed_schema(self) -> None:
        """Say that this change makes another meaning of any table: nothing that was kept is answered after it."""
        self._changed_any = True

    def create_temp_table_once(self, name: str, query: str) -> None:
        self.create_temp_table(name, query)
        self._temp_tables.add(name)

    def drop_temp_tables(self) -> None:
        """Drop what `create_temp_table_once` made: a commit would keep it for as long as the cursor lives."""
        self.drop(*self._temp_tables)

    def run(self, sql: str, /, **params: object) -> int:
        """Run a statement; the number of rows it changed (0 for statements that change none)."""
        self._execute(sql, params)
        found = self._cursor.fetchall()
        written = int(found[0][0]) if found and isinstance(found[0][0], int) else 0
        self.rows_written += written
        return written

    def insert(self, sql: str, /, **params: object) -> int:
        """Run an `INSERT … RETURNING id` of one row; the new id."""
        super()._execute(sql, params)
        found = int(self._cursor.fetchall()[0][0])
        self._note_change(sql, {**params, RETURNED: found})
        return found

    def insert_frame(self, frame: pl.DataFrame, sql: str, /, **params: object) -> int:
        """Run a statement that reads the frame as table `frame`, without a copy; the number of rows it changed."""
        self._cursor.register("frame", _arrow(frame))
        try:
            return self.run(sql, **params)
        finally:
            self._cursor.unregister("frame")

    def record(self, name: str, subject_kind: str, subject_id: int, /, **payload: object) -> None:
        """Write one event to the log, chained to the one before it, in this same transaction."""
        link = self._chained(name, subject_kind, subject_id, payload)
        self._execute(
            """
            INSERT INTO base.events
            VALUES ($seq, $happened_at, $actor_id, $actor_name, $door, $name, $subject_kind, $subject_id,
                $particulars, $hash)
            """,
            link.model_dump(),
        )
        self._cursor.fetchall()

    def record_each(self, name: str, subject_kind: str, subject_ids: Iterable[int], /, **payload: object) -> None:
        """Write the same event for many subjects: a set-based change is in the history of each."""
        links = [self._chained(name, subject_kind, subject_id, payload) for subject_id in subject_ids]
        if links:
            frame = pl.DataFrame([link.model_dump() for link in links], infer_schema_length=None)
            self.insert_frame(frame, "INSERT INTO base.events BY NAME SELECT * FROM frame ORDER BY seq")

    def _chained(self, name: str, subject_kind: str, subject_id: int, payload: dict[str, object]) -> Link:
        link = next_link(self.head, self.now, self.actor, name, subject_kind, subject_id, payload)
        # The store takes it over once the change is committed: a rolled-back one leaves no gap.
        self.head = Head(link.seq, link.hash)
        self.recorded.append(link)
        return link


ROW_GROUP = 122_880
"""Rows of a table that the engine stores together."""


def _arrow(frame: pl.DataFrame) -> "pa.Table":
    # Polars keeps texts as views. The engine reads these as they are; as large strings they would be copied first.
    table = frame.to_arrow(compat_level=pl.CompatLevel.newest())
    # The engine's threads share a table by its batches, and Polars makes one of all rows.
    return table.from_batches(table.to_batches(max_chunksize=ROW_GROUP), table.schema)
