"""The rows that a query may read, each view's in a file in memory that its process maps and cannot change.

A slice is read by the actor's own unit of work, from the store's visible views: what the actor may not see is in none.
Slices are kept for a minute, by what they were read from and for whom: another person gets them only where what the
statement reads of an actor is the same for both, and a change of a table ends those that were read from it.
"""

import fcntl
import os
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.ipc

from crm.foundation.access import Actor
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.records import listing, lists, registry, segments
from crm.store import Reading
from crm.store.uses import Uses
from crm.store.versions import Versions
from crm.workbench.children import Slice
from crm.workbench.views import View

KEPT_SECONDS = 60.0
KEPT_BYTES = 512 * 2**20
SHARED = frozenset({"sees_everything", "modules"})
"""What a slice may read of an actor and yet be the same for everybody who sees everything."""

Key = tuple[object, ...]


@dataclass(frozen=True)
class _Kept:
    slice: Slice
    uses: Uses
    versions: Versions
    since: float


class Slices:
    """The slices of one store."""

    def __init__(self, kept_bytes: int = KEPT_BYTES, kept_seconds: float = KEPT_SECONDS) -> None:
        self.read_from_store = 0
        self._kept_bytes = kept_bytes
        self._kept_seconds = kept_seconds
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._guard = threading.Lock()
        self._sweeper: threading.Timer | None = None

    def of(self, tx: Reading, views: Iterable[View], columns: frozenset[str] | None, most: int) -> list[Slice]:
        """A slice of each view, with these columns (None: all), all of one moment. The caller closes them. Raises
        Invalid where they come to more than `most` bytes."""
        found: list[Slice] = []
        try:
            for view in views:
                left = most - sum(one.size for one in found)
                found.append(self._slice(tx, view, columns, left))
        except BaseException:
            close(found)
            raise
        return found

    def forget(self) -> None:
        with self._guard:
            while self._kept:
                self._drop(next(iter(self._kept)))

    def _slice(self, tx: Reading, view: View, columns: frozenset[str] | None, most: int) -> Slice:
        chosen = view.chosen(columns)
        query = view.query(chosen)
        keys = _keys(tx.actor, query)
        if kept := self._find(tx, keys):
            if kept.size > most:
                os.close(kept.descriptor)
                raise _too_much()
            return kept
        with tx.watching() as uses:
            table = _segment_members(tx, chosen) if view.of_segments else _table(tx, query, len(chosen), most)
        if table.nbytes > most:
            raise _too_much()
        tx.used(uses)
        self.read_from_store += 1
        made = _written(view.name, table)
        if uses.known and tx.shares_answers and not view.of_segments:
            key = keys[-1] if tx.actor.sees_everything and uses.facets <= SHARED else keys[0]
            self._keep(key, _Kept(made, uses, tx.versions, time.monotonic()))
        return made

    def _find(self, tx: Reading, keys: tuple[Key, ...]) -> Slice | None:
        with self._guard:
            for key in keys:
                kept = self._kept.get(key)
                if kept is None:
                    continue
                if time.monotonic() - kept.since > self._kept_seconds:
                    self._drop(key)
                elif tx.shares_answers and kept.versions.same_for(kept.uses.tables, tx.versions):
                    self._kept.move_to_end(key)
                    tx.used(kept.uses)
                    return _duplicate(kept.slice)
        return None

    def _keep(self, key: Key, kept: _Kept) -> None:
        if kept.slice.size > self._kept_bytes:
            return
        with self._guard:
            if key in self._kept:
                self._drop(key)
            self._kept[key] = _Kept(_duplicate(kept.slice), kept.uses, kept.versions, kept.since)
            while sum(one.slice.size for one in self._kept.values()) > self._kept_bytes:
                self._drop(next(iter(self._kept)))
            if self._sweeper is None:
                self._sweep_later()

    def _drop(self, key: Key) -> None:
        os.close(self._kept.pop(key).slice.descriptor)

    def _sweep_later(self) -> None:
        self._sweeper = threading.Timer(self._kept_seconds, self._sweep)
        self._sweeper.daemon = True
        self._sweeper.start()

    def _sweep(self) -> None:
        """Give up what nobody asked for lately: its memory is the machine's."""
        with self._guard:
            self._sweeper = None
            for key, kept in list(self._kept.items()):
                if time.monotonic() - kept.since >= self._kept_seconds:
                    self._drop(key)
            if self._kept:
                self._sweep_later()


def close(slices: Iterable[Slice]) -> None:
    for one in slices:
        os.close(one.descriptor)


def _keys(actor: Actor, query: str) -> tuple[Key, ...]:
    """The places where the answer to a query may be kept for this actor: their own, and that of all who see
    everything."""
    everything = actor.sees_everything
    own = (query, everything, actor.modules, actor.id, actor.team_ids)
    return (own, (query, everything, actor.modules)) if everything else (own,)


def _table(tx: Reading, query: str, columns: int, most: int) -> pa.Table:
    # Each value takes eight bytes or more: what cannot fit is not read at all.
    if tx.value(f"SELECT count(*) FROM ({query})") * columns * 8 > most:
        raise _too_much()
    return tx.arrow(query)


def _segment_members(tx: Reading, chosen: Iterable[object]) -> pa.Table:
    """The records of every segment that the actor sees, as the actor sees them; of one whose filter is broken none."""
    found = []
    for segment in segments.of_kind(tx):
        if segments.broken(tx, segment):
            continue
        of = registry.by_plural(segment.kind)
        source = lists.source(of)
        where = listing.condition(tx, source, segments.list_query(segment))
        found.append(
            tx.arrow(
                f"""
                SELECT
                    $segment_key::BIGINT AS segment_id,
                    $segment_name::VARCHAR AS segment,
                    $segment_of::VARCHAR AS record_kind,
                    {source.alias}.id AS record_id
                FROM {source.table} AS {source.alias}
                WHERE {where.sql}
                """,
                **where.params,
                segment_key=segment.id,
                segment_name=segment.name,
                segment_of=of.key,
            )
        )
    table = pa.concat_tables(found) if found else _NO_MEMBERS
    return table.select([column.name for column in chosen])  # type: ignore[attr-defined]


_NO_MEMBERS = pa.table(
    {
        "segment_id": pa.array([], pa.int64()),
        "segment": pa.array([], pa.string()),
        "record_kind": pa.array([], pa.string()),
        "record_id": pa.array([], pa.int64()),
    }
)


def _written(view: str, table: pa.Table) -> Slice:
    descriptor = _memory_file()
    try:
        with os.fdopen(descriptor, "wb", closefd=False) as file, pa.ipc.new_stream(file, table.schema) as stream:
            stream.write_table(table)
        size = os.fstat(descriptor).st_size
        if hasattr(os, "memfd_create"):
            # Processes of several people map the same file: none of them may change it.
            fcntl.fcntl(
                descriptor,
                fcntl.F_ADD_SEALS,
                fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL,
            )
    except BaseException:
        os.close(descriptor)
        raise
    return Slice(view, descriptor, size)


def _memory_file() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("slice", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    handle, name = tempfile.mkstemp()
    os.unlink(name)  # noqa: PTH108
    return handle


def _duplicate(one: Slice) -> Slice:
    return Slice(one.view, os.dup(one.descriptor), one.size)


def _too_much() -> Invalid:
    return Invalid(
        tr("This query reads more than a query may. Name the columns that you need instead of *, or fewer tables."),
        "sql",
    )
