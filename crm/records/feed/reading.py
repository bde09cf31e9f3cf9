"""Reading the feed: a page of rows after a position, or all of them at the speed of a scan."""

import json
from collections.abc import Collection, Sequence
from typing import Any

import polars as pl

from crm.foundation.access import SYSTEM
from crm.foundation.errors import Forbidden
from crm.records import registry
from crm.records.feed import images, sources
from crm.records.feed.cursors import end
from crm.records.feed.kinds import names, seen_by
from crm.records.feed.model import START, Change, Position
from crm.store import Reading, Store
from crm.store.events import Link

PAGE = 1_000
PLACES = tuple(sources.OF_MANY)
"""Where else than in the log changes are kept."""

_OF_KINDS = " AND kind IN (SELECT unnest($kinds::VARCHAR[]))"
_IN_ORDER = "ORDER BY seq, kind, id"
_AFTER = "(seq > $seq OR (seq = $seq AND (kind > $kind OR (kind = $kind AND id > $id))))"


def changes(
    tx: Reading,
    after: Position = START,
    *,
    kinds: Collection[str] | None = None,
    limit: int = PAGE,
) -> list[Change]:
    """The rows after a position, in the order of commits, of the records that the actor may see; of some kinds of
    record alone where these are given. The rows of one event are in the order of kind and id. Fewer than `limit` where
    there are no more."""
    found: list[Change] = []
    last, window = end(tx).seq, limit
    while len(found) < limit and after.seq < last:
        until = after.seq + window
        found += _between(tx, after, until, kinds, limit - len(found))
        after, window = Position(until), 2 * window
    sides = ((one.before, one.after, one.payload, one.payload.get("changes")) for one in found)
    hide_names(tx, [side for of_one in sides for side in of_one if side])
    return found


def _between(tx: Reading, after: Position, until: int, kinds: Collection[str] | None, limit: int) -> list[Change]:
    """Of a window of events. Every event is a row at least, so that a page lies within as many; and what no event of
    the window stands for need not be planned, which takes longer than reading the page."""
    of_many = sources.events_of_many()
    names = tx.rows(
        "SELECT DISTINCT name FROM base.events WHERE seq >= $seq AND seq < $until AND list_contains($names, name)",
        seq=after.seq,
        until=until,
        names=list(of_many),
    )
    condition = f"{_AFTER} AND seq < $until AND {seen_by(tx.actor)}{'' if kinds is None else _OF_KINDS}"
    rows = tx.rows(
        f"""
        {rows_of(f"{condition} {_IN_ORDER} LIMIT $limit", sorted({of_many[row["name"]] for row in names}))}
        {_IN_ORDER}
        """,
        **after._asdict(),
        **({} if kinds is None else {"kinds": list(kinds)}),
        until=until,
        limit=limit,
    )
    return [Change(**{**row, **_read(row)}) for row in rows]


def scan(tx: Reading, after: Position = START) -> pl.DataFrame:
    """Every row after a position, as a frame in the order of commits; `before`, `after` and `payload` are JSON. For
    readers that see everything: nothing in the frame is hidden. Forbidden for others."""
    if not tx.actor.sees_everything:
        raise Forbidden("Only those who see every record read the whole feed.")
    return tx.frame(
        f"{rows_of(f'{_AFTER} AND {seen_by(tx.actor)}')} {_IN_ORDER}",
        **after._asdict(),
    )


def kinds_changed(store: Store, events: Sequence[Link]) -> set[str]:
    """The kinds of record that events of the log changed: a change of many tells of those that it wrote."""
    of_many = sources.events_of_many()
    wide = {event.seq: of_many[event.name] for event in events if event.name in of_many}
    kinds = {event.subject_kind for event in events}
    if wide:
        with store.reading(SYSTEM) as tx:
            rows = rows_of("seq IN (SELECT unnest($seqs::BIGINT[]))", sorted(set(wide.values())))
            kinds |= {row["kind"] for row in tx.rows(f"SELECT DISTINCT kind FROM ({rows})", seqs=list(wide))}
    return kinds


def rows_of(condition: str, places: Sequence[str] = PLACES) -> str:
    """SQL of the feed's rows for which a condition on seq, kind, id and event holds. `places` names where else than in
    the log to look. A condition may go on with an order and a limit: before and after are read of what it leaves."""
    return f"""
        SELECT
            seq,
            happened_at,
            actor_id,
            actor_name,
            source,
            kind,
            id,
            event,
            {images.BEFORE} AS before,
            {images.after()} AS after,
            payload
        FROM (
            SELECT *, {images.CHANGES} AS changes, json_keys(changes) AS fields FROM ({raw(places)}) WHERE {condition}
        )
    """


def raw(places: Sequence[str]) -> str:
    """SQL of the rows as their sources have them, without before and after."""
    return " UNION ALL ".join((sources.LOG, *(sources.OF_MANY[place]() for place in places)))


def hide_names(tx: Reading, told: Sequence[dict[str, Any]]) -> None:
    """Take the names of records that the actor may not see out of what is told of others, and their ids where the type
    hides those (`RecordType.hidden`). A name stands beside an id, one value or two. Who sees everything keeps the names
    of what is in the bin, too; modules that are off are off for them as well."""
    hidden = {field for of in registry.types().values() for field in of.hidden}
    for name, (field, kind) in names().items():
        of = registry.get(kind)
        if tx.actor.sees_everything and of.is_on(tx.actor):
            continue
        is_hidden = field in hidden
        naming = [one for one in told if field in one and (is_hidden or one.get(name))]
        ids = {number for one in naming for number in _as_list(one[field]) if number is not None}
        if not ids:
            continue
        rows = tx.rows(f"SELECT id FROM {of.plural} WHERE id IN (SELECT unnest($ids::BIGINT[]))", ids=sorted(ids))
        seen = {row["id"] for row in rows}
        for one in naming:
            if one.get(name):
                one[name] = _named(one[field], one[name], seen)
            if is_hidden:
                one[field] = _named(one[field], one[field], seen)


def _named(ids: Any, names: Any, seen: set[int]) -> Any:
    if isinstance(names, list):
        return [name if number in seen else None for number, name in zip(_as_list(ids), names, strict=True)]
    return names if ids in seen else None


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _read(row: dict[str, Any]) -> dict[str, Any]:
    return {name: json.loads(row[name]) for name in ("before", "after", "payload") if row[name] is not None}
