"""Runs a query of a person: what it reads, the process that answers it, and what is refused in words."""

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any
from uuid import uuid4
from weakref import WeakKeyDictionary

import pyarrow as pa
import pyarrow.ipc

from crm.foundation import bounds, settings
from crm.foundation.access import Actor, Permission
from crm.foundation.errors import CrmError, Invalid, NotFound, TooSlow, Unavailable
from crm.foundation.language import later, tr
from crm.store import Reading, Store
from crm.store.uses import Uses
from crm.workbench import children, parameters, queries, slices, temporal
from crm.workbench.children import Child, Pool
from crm.workbench.limits import LONGEST, Limits
from crm.workbench.parameters import ParameterType
from crm.workbench.queries import SavedSql
from crm.workbench.slices import Slices
from crm.workbench.views import View, views

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Query:
    sql: str
    parameters: Mapping[str, tuple[ParameterType, Any]] = field(default_factory=dict)
    rows: int | None = None
    """Fewer rows than the limit, where fewer are wanted."""
    explain: bool = False

    @classmethod
    def of_saved(
        cls,
        saved: SavedSql,
        values: Mapping[str, tuple[ParameterType, Any]] | None = None,
        *,
        rows: int | None = None,
        explain: bool = False,
    ) -> "Query":
        """What runs for a saved query; a parameter that is not given has the value it was saved with."""
        kept = {one.name: (one.type, one.value) for one in saved.parameters}
        return cls(saved.sql, {**kept, **(values or {})}, rows, explain)


@dataclass(frozen=True)
class Result:
    run_id: str
    table: pa.Table | None
    """None for an explained query."""
    plan: str
    truncated: str
    """rows or bytes, where there was more than is in the table."""
    views: tuple[str, ...]
    seconds: float
    processor: float
    """Seconds of processor time of its process, from the query's arrival on."""


class QueryRefused(Invalid):
    """The query is not one that may run, or failed. `line` and `column` (from 1) are where, where that is known."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message, "sql")
        self.line = line
        self.column = column


class QueryStopped(Invalid):
    """The query passed a limit, or was cancelled."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "sql")


class TooManyQueries(CrmError):
    """As many queries run as may."""

    def __init__(self, most: int) -> None:
        super().__init__(
            tr("You have {most} queries running, as many as may at once. Wait for one, or cancel it.", most=most)
        )


WHY = {
    "statements": later("Write one statement: this is none, or several."),
    "statement": later("Only a SELECT can run here: nothing is changed, set or loaded."),
    "syntax": later("This is no SQL: {text}."),
    "construct": later("“{text}” cannot be used here."),
    "schema": later("“{text}” has a schema. Name the views alone, as contacts."),
    "table": later("There is no view “{text}”, or you may not see it."),
    "function": later("There is no function “{text}” here."),
    "unnamed parameter": later("Give parameters a name: $owner instead of ? or $1."),
    "depth": later("The query is nested too deep."),
    "memory": later("The query needs more memory than it may. Filter earlier, or name fewer columns."),
    "columns": later("The result has {text} columns, more than it may. Name those that you need."),
    "output": later("A single row of the result is larger than a whole result may be."),
}
"""{code of a refusal: its sentence}; what the engine refuses while it runs, it says itself."""


class Workbench:
    """Runs the queries of one store's people."""

    def __init__(self, store: Store, limits: Limits | None = None, pool: Pool | None = None) -> None:
        self.store = store
        self.limits = limits or Limits()
        self.slices = Slices()
        self.pool = pool or Pool()
        self._running: dict[str, tuple[int, Child | None]] = {}
        self._cancelled: set[str] = set()
        self._guard = threading.Lock()

    def close(self) -> None:
        self.pool.close()
        self.slices.forget()

    def run(self, actor: Actor, query: Query, run_id: str | None = None, *, uses: Uses | None = None) -> Result:
        """The answer to a query, of what the actor sees. Raises QueryRefused, QueryStopped, TooManyQueries,
        Unavailable, Forbidden. `run_id` is what `cancel` takes; made where none is given. What is read of the store and
        of the actor is added to `uses`, also where it is refused."""
        uses = Uses() if uses is None else uses
        began = time.monotonic()
        ends = began + self.limits.seconds
        with self._reading(actor, self.limits.seconds, uses) as tx:
            offered = views(tx)
        request = self._request(actor, query, offered)
        with self._child(actor, run_id or uuid4().hex) as (run_id, child):
            reads = self._asked(run_id, lambda: child.ask(request, ends))
            _check(reads, query, offered)
            _check_parameters(reads, query)
            given = self._slices(actor, [offered[name] for name in reads["views"]], reads["columns"], ends, uses)
            try:
                self._asked(run_id, lambda: child.give(given, ends))
            finally:
                slices.close(given)
            answer, content = self._asked(run_id, lambda: child.answer(self.limits.output + 2**20, ends))
            _check(answer, query, offered)
        done = answer["done"]
        return Result(
            run_id=run_id,
            table=None if query.explain else _table(content),
            plan=done.get("plan", ""),
            truncated=done.get("truncated", ""),
            views=tuple(reads["views"]),
            seconds=time.monotonic() - began,
            processor=done["processor"],
        )

    def cancel(self, actor: Actor, run_id: str) -> None:
        """End a run of the actor's own. Raises NotFound where there is none."""
        with self._guard:
            user_id, child = self._running.get(run_id, (None, None))
            if user_id != actor.id:
                raise NotFound(tr("running query"))
            self._cancelled.add(run_id)
        if child:
            child.kill()

    def running(self, actor: Actor) -> list[str]:
        """The ids of the actor's runs that have not ended."""
        with self._guard:
            return [run_id for run_id, (user_id, child) in self._running.items() if user_id == actor.id and child]

    def _request(self, actor: Actor, query: Query, offered: Mapping[str, View]) -> dict[str, Any]:
        if len(query.sql) > LONGEST:
            raise Invalid(tr("A query has at most {most:,} characters.", most=LONGEST), "sql")
        if "\0" in query.sql or not _is_text(query.sql):
            raise Invalid(tr("The query holds a character that is none."), "sql")
        return {
            "sql": query.sql,
            "views": sorted(offered),
            "parameters": parameters.checked(query.parameters),
            "time_zone": actor.time_zone,
            "explain": query.explain,
            "memory": self.limits.memory,
            "seconds": max(round(self.limits.seconds), 1),
            "columns": self.limits.columns,
            "rows": min(query.rows or self.limits.rows, self.limits.rows),
            "output": self.limits.output,
        }

    @contextmanager
    def _child(self, actor: Actor, run_id: str) -> Iterator[tuple[str, Child]]:
        with self._guard:
            own = sum(user_id == actor.id for user_id, _ in self._running.values())
            if own >= self.limits.at_once or len(self._running) >= self.limits.in_all or run_id in self._running:
                raise TooManyQueries(self.limits.at_once)
            self._running[run_id] = actor.id, None
        child: Child | None = None
        try:
            try:
                child = self.pool.take()
            except children.Ended:
                raise Unavailable(tr("No query can start now. Try again in a moment.")) from None
            with self._guard:
                self._running[run_id] = actor.id, child
            self._check_wanted(run_id)
            yield run_id, child
        finally:
            if child:
                child.close()
            with self._guard:
                del self._running[run_id]
                self._cancelled.discard(run_id)

    @contextmanager
    def _reading(self, actor: Actor, seconds: float, uses: Uses) -> Iterator[Reading]:
        with self.store.reading(actor, seconds=seconds) as tx, tx.watching() as used:
            try:
                tx.require(Permission.RUN_SQL)
                yield tx
            finally:
                uses.include(used)

    def _slices(
        self, actor: Actor, wanted: list[View], columns: list[str] | None, ends: float, uses: Uses
    ) -> list[children.Slice]:
        left = max(ends - time.monotonic(), 0.001)
        chosen = None if columns is None else frozenset(columns)
        try:
            with self._reading(actor, left, uses) as tx:
                return self.slices.of(tx, wanted, chosen, self.limits.slices)
        except TooSlow:
            raise self._too_slow() from None

    def _asked(self, run_id: str, ask: Callable[[], Any]) -> Any:
        """What the process answers. Raises QueryStopped where it does not."""
        try:
            return ask()
        except children.TimedOut:
            raise self._too_slow() from None
        except children.Ended as ended:
            self._check_wanted(run_id)
            if ended.status == -signal.SIGXCPU:
                raise self._too_slow() from None
            log.warning("a query's process ended with status %s", ended.status)
            raise QueryStopped(
                tr("The query broke off, most often for want of memory. Filter earlier, or name fewer columns.")
            ) from None

    def _check_wanted(self, run_id: str) -> None:
        if run_id in self._cancelled:
            raise QueryStopped(tr("The query was cancelled."))

    def _too_slow(self) -> QueryStopped:
        return QueryStopped(
            tr("The query takes longer than the {seconds:g} seconds that it may.", seconds=self.limits.seconds)
        )


def _check(answer: Mapping[str, Any], query: Query, offered: Mapping[str, View]) -> None:
    """Raise QueryRefused where the process refused."""
    code = answer.get("refused")
    if code is None:
        return
    text = answer.get("text") or ""
    # The engine's own words are in English, whatever the person reads.
    message = _told(text, offered) if code == "engine" else tr(WHY.get(code, WHY["statement"]), text=text)
    if code == "table" and (near := get_close_matches(text.lower(), offered, 1)):
        guess = tr("Did you mean {name}?", name=near[0])
        message = f"{message} {guess}"
    if code == "memory":
        raise QueryStopped(message)
    place = answer.get("place")
    raise QueryRefused(message, *(_line_and_column(query.sql, place) if place is not None else ()))


def _told(text: str, offered: Mapping[str, View]) -> str:
    """What the engine says, without the columns that it proposes: it knows only those that the query names."""
    first = text.partition("\nCandidate")[0].strip()
    quoted = first.split('"')
    if "not found" in first and len(quoted) > 1:
        columns = {column.name for view in offered.values() for column in view.columns}
        if near := get_close_matches(quoted[1].lower(), columns, 1):
            guess = tr("Did you mean {name}?", name=near[0])
            return f"{first} {guess}"
    return first


def _line_and_column(sql: str, place: int) -> tuple[int, int]:
    before = sql.encode()[:place].decode("utf-8", "ignore")
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def _check_parameters(reads: Mapping[str, Any], query: Query) -> None:
    named, given = set(reads["parameters"]), set(query.parameters)
    if missing := sorted(named - given):
        raise Invalid(tr("The query needs a value for ${name}.", name=missing[0]), f"parameters.{missing[0]}")
    if unknown := sorted(given - named):
        raise Invalid(tr("The query has no ${name}.", name=unknown[0]), f"parameters.{unknown[0]}")


def _table(content: bytes) -> pa.Table:
    """The result. It comes from a process that ran a stranger's query, so it is checked in full before it is used."""
    try:
        table = pa.ipc.open_stream(content).read_all()
        table.validate(full=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        log.warning("a query's result cannot be read: %s", type(error).__name__)
        raise QueryStopped(tr("The result cannot be read.")) from None
    for name, column in zip(table.column_names, table.columns, strict=True):
        if not all(temporal.is_shown(chunk) for chunk in column.chunks):
            raise QueryRefused(
                tr(
                    "“{name}” holds a day or time that cannot be shown, such as infinity or one after the year 9999. "
                    "Cast it to VARCHAR.",
                    name=bounds.shown(name),
                )
            )
    return table


def _is_text(sql: str) -> bool:
    try:
        sql.encode()
    except UnicodeEncodeError:
        return False
    return True


_guard = threading.Lock()
_of_stores: "WeakKeyDictionary[Store, Workbench]" = WeakKeyDictionary()


def of(store: Store) -> Workbench:
    """The one workbench of a store, whose processes start with its first query."""
    with _guard:
        found = _of_stores.get(store)
        if found is None:
            found = _of_stores[store] = Workbench(store, Limits.of(settings.load()))
        return found


def run_saved(
    store: Store,
    actor: Actor,
    query_id: int,
    values: Mapping[str, tuple[ParameterType, Any]] | None = None,
    *,
    rows: int | None = None,
    uses: Uses | None = None,
) -> tuple[SavedSql, Result]:
    """A saved query and its answer, of what the actor sees: for tiles, which stand in no history (`runs.run` keeps
    that). A parameter that is not given has the value it was saved with. Raises NotFound where the query is not the
    actor's to see, and what `Workbench.run` raises; `uses` is as there."""
    uses = Uses() if uses is None else uses
    with store.reading(actor) as tx, tx.watching() as used:
        saved = queries.get(tx, query_id)
    uses.include(used)
    return saved, of(store).run(actor, Query.of_saved(saved, values, rows=rows), uses=uses)
