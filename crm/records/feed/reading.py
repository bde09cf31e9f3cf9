"""Reading the feed: a page of rows after a position, or all of them at the speed of a scan."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import polars as pl
from pydantic_core import from_json

from crm.foundation.access import SYSTEM
from crm.foundation.errors import Forbidden
from crm.foundation.language import tr
from crm.records import registry
from crm.records.feed import images, sources
from crm.records.feed.cursors import end
from crm.records.feed.kinds import listed, names, seen_by
from crm.records.feed.model import START, Change, Position
from crm.records.feed.of_bulk import Operation
from crm.store import Reading, Row, Store
from crm.store.events import Link

PAGE = 1_000
PLACES = sources.PLACES
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
    window = limit + 1  # each event is a row at least, but for the one that the position lies in
    while len(found) < limit:
        rows, until = _between(tx, after, after.seq + window, kinds, limit - len(found))
        found += _parsed(rows)
        if len(found) < limit and Position(until) >= end(tx):
            break
        # Where few records of a kind are changed, or few are the actor's to see, the next window is larger: each is a
        # statement.
        after, window = Position(until), 2 * window
    fields = ((change.before, change.after, change.payload, change.payload.get("changes")) for change in found)
    hide_names(tx, [values for of_change in fields for values in of_change if values])
    return found


def _between(
    tx: Reading, after: Position, until: int, kinds: Collection[str] | None, limit: int
) -> tuple[list[Row], int]:
    """At most `limit` rows of a window of events, and the event before which they end.

    First the log alone is read, with its events that stand for changes of many records, whoever may see these.
    """
    own = f"{_AFTER} AND {seen_by(tx.actor)}{'' if kinds is None else _OF_KINDS}"
    params = after._asdict() | ({} if kinds is None else {"kinds": list(kinds)})
    of_many = sources.events_of_many()
    logged = tx.rows(
        f"""
        SELECT * EXCLUDE (changes)
        FROM (SELECT *, {own} AS is_own FROM ({sources.LOG}) WHERE seq >= $seq AND seq < $until)
        WHERE is_own OR event IN ({listed(of_many)})
        ORDER BY seq
        LIMIT $limit
        """,
        **params,
        until=until,
        limit=limit,
    )
    if len(logged) == limit:  # each event has one row in the log, so none is cut in two
        until = logged[-1]["seq"] + 1
    found = [row for row in logged if row.pop("is_own")]
    # Planned only where there are any: planning the sources of changes of many takes longer than reading the page.
    if standing := [row for row in logged if row["event"] in of_many]:
        found += tx.rows(
            f"""
            SELECT * EXCLUDE (changes)
            FROM ({_standing_for(tx, standing)})
            WHERE {own} AND seq >= $seq AND seq < $until
            {_IN_ORDER}
            LIMIT $limit
            """,
            **params,
            until=until,
            limit=limit,
        )
        # The engine sorts texts by their bytes, as Python does by code points: kinds of record are ASCII.
        found.sort(key=lambda row: (row["seq"], row["kind"], row["id"]))
    return found[:limit], until


def _standing_for(tx: Reading, events: list[Row]) -> str:
    """SQL of the rows that events of many records stand for."""
    places = sorted({sources.events_of_many()[event["event"]] for event in events})
    made = tx.rows(
        "SELECT DISTINCT kind, action FROM base.bulk_changes WHERE id IN (SELECT unnest($ids::BIGINT[]))",
        ids=[event["id"] for event in events if event["kind"] == "bulk_change"],
    )
    return sources.of_many(places, {(row["kind"], row["action"]) for row in made})


def scan(tx: Reading, after: Position = START) -> pl.DataFrame:
    """Every row after a position, as a frame in the order of commits; `before`, `after` and `payload` are JSON. For
    readers that see everything: nothing in the frame is hidden. Forbidden for others."""
    if not tx.actor.sees_everything:
        raise Forbidden(tr("Only those who see every record read the whole feed."))
    return tx.frame(
        f"FROM ({rows_of(f'{_AFTER} AND {seen_by(tx.actor)}')}) {_IN_ORDER}",
        **after._asdict(),
    )


def kinds_changed(store: Store, events: Sequence[Link]) -> set[str]:
    """The kinds of record that events of the log changed, those of changes of many records included."""
    places = sources.events_of_many()
    of_many = {event.seq: places[event.name] for event in events if event.name in places}
    kinds = {event.subject_kind for event in events}
    if of_many:
        with store.reading(SYSTEM) as tx:
            # Without the log, whose own events are at hand: with a million in it, all took four times as long.
            rows = sources.of_many(sorted(set(of_many.values())))
            found = tx.rows(
                f"SELECT DISTINCT kind FROM ({rows}) WHERE seq IN (SELECT unnest($seqs::BIGINT[]))", seqs=list(of_many)
            )
            kinds |= {row["kind"] for row in found}
    return kinds


def rows_of(condition: str, places: Sequence[str] = PLACES) -> str:
    """SQL of the feed's rows for which a condition on seq, kind, id and event holds. `places` names where else than in
    the log to look."""
    rows = images.images(f"FROM ({raw([place for place in places if place != 'imports'])}) WHERE {condition}")
    if "imports" not in places:
        return rows
    # Apart from the others: there may be a million of them, and what they were and became is there to be read.
    return f"""
        {rows}
        UNION ALL
        SELECT
            {sources.ABOUT},
            old,
            new,
            payload
        FROM ({sources.of_many(["imports"])})
        WHERE {condition}
    """


def raw(places: Sequence[str], operations: Collection[Operation] | None = None) -> str:
    """SQL of the rows as their sources have them, without before and after; of some bulk operations alone where these
    are given."""
    return f"{sources.LOG} UNION ALL {sources.of_many(places, operations)}" if places else sources.LOG


def hide_names(tx: Reading, fields: Sequence[dict[str, Any]]) -> None:
    """Remove the names of records that the actor may not see from the fields of others, and their ids where the type
    hides those (`RecordType.hidden`). A name stands beside an id, as one value or as [before, after]. For those who see
    everything the names of records in the bin stay; those of modules that are off go for them, too."""
    _hide_linked(tx, fields)
    hidden = {field for of in registry.types().values() for field in of.hidden}
    for name, (field, kind) in names().items():
        of = registry.get(kind)
        if tx.actor.sees_everything and of.is_on(tx.actor):
            continue
        is_hidden = field in hidden
        naming = [values for values in fields if field in values and (is_hidden or values.get(name))]
        ids = {record_id for values in naming for record_id in _as_list(values[field]) if record_id is not None}
        if not ids:
            continue
        rows = tx.rows(f"SELECT id FROM {of.plural} WHERE id IN (SELECT unnest($ids::BIGINT[]))", ids=sorted(ids))
        visible = {row["id"] for row in rows}
        for values in naming:
            if values.get(name):
                values[name] = _visible(values[field], values[name], visible)
            if is_hidden:  # last: the name was chosen by the id
                values[field] = _visible(values[field], values[field], visible)


def _hide_linked(tx: Reading, fields: Sequence[dict[str, Any]]) -> None:
    """Remove what a link led to where the actor may not see it: the payload says of which kind it is."""
    linked: dict[str, list[dict[str, Any]]] = {}
    for values in fields:
        several = values.get("links")  # of a change of many
        for one in several if isinstance(several, list) else [values]:
            if "linked_kind" in one:
                linked.setdefault(one["linked_kind"], []).append(one)
    for kind, naming in linked.items():
        of = registry.types().get(kind)
        if of and tx.actor.sees_everything and of.is_on(tx.actor):
            continue
        ids = sorted({values["linked_id"] for values in naming})
        rows = tx.rows(f"SELECT id FROM {of.plural} WHERE id IN (SELECT unnest($ids::BIGINT[]))", ids=ids) if of else []
        visible = {row["id"] for row in rows}
        for values in naming:
            if values["linked_id"] not in visible:
                values["linked_name"] = None


def _visible(ids: Any, values: Any, visible: set[int]) -> Any:
    """The values whose id is among the visible ones, None in the place of the others."""
    if isinstance(values, list):
        return [value if record_id in visible else None for record_id, value in zip(_as_list(ids), values, strict=True)]
    return values if ids in visible else None


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _parsed(rows: list[Row]) -> Iterator[Change]:
    # One text a column: a call for each value takes four times as long as parsing it.
    texts = ([row.pop(name) or "null" for row in rows] for name in ("payload", "old", "new"))
    columns = zip(*(from_json(f"[{','.join(column)}]") for column in texts), strict=True)
    for row, (payload, old, new) in zip(rows, columns, strict=True):
        before, after = (old, new) if row.pop("imported") else images.of_payload(row["kind"], row["event"], payload)
        yield Change(**row, before=before, after=after, payload=payload)
