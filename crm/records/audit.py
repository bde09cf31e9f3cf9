"""The audit log for administrators: the whole change feed, filtered and paged."""

import json
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from crm.foundation.access import Permission
from crm.records import feed, registry
from crm.store import Reading, Row


class Entry(BaseModel, frozen=True):
    seq: int
    happened_at: datetime
    actor_name: str
    source: str
    name: str
    subject_kind: str
    subject_id: int
    payload: dict[str, Any]


class Entries(BaseModel, frozen=True):
    items: list[Entry]
    total: int


def find(
    tx: Reading,
    *,
    actor_id: int | None = None,
    kind: str | None = None,
    search: str = "",
    limit: int = 50,
    offset: int = 0,
) -> Entries:
    """Changes, newest first, filtered by actor, by kind of subject, and by a text in their name or payload.

    A bulk change is one entry; filtered by a kind of record, it is an entry for each record that it changed. Nothing is
    left out, the product's own events included.
    """
    tx.require(Permission.MANAGE_SETTINGS)
    # Only for a kind of record is a bulk change expanded to a row for each record; else it is one entry.
    matching = f"""
        FROM ({feed.raw(feed.PLACES if kind in registry.types() else ())})
        WHERE ($kind IS NULL OR kind = $kind)
          AND ($actor_id IS NULL OR actor_id = $actor_id)
          AND ($search = '' OR contains(lower(event || ' ' || payload), $search) OR list_contains($called, event))
    """
    text = search.strip().lower()
    conditions = {"actor_id": actor_id, "kind": kind, "search": text, "called": _called(tx, text) if text else []}
    found = tx.rows(
        f"""
        SELECT seq, happened_at, actor_name, source, event, kind, id, payload, old, new
        {matching}
        ORDER BY seq DESC, id DESC
        LIMIT $limit OFFSET $offset
        """,
        **conditions,
        limit=limit,
        offset=offset,
    )
    total = tx.value(f"SELECT count(*) {matching}", **conditions)
    return Entries(items=[_entry(row) for row in found], total=total)


def kinds(tx: Reading) -> list[str]:
    """The kinds of subject that have entries."""
    tx.require(Permission.MANAGE_SETTINGS)
    found = tx.rows(f"SELECT DISTINCT kind FROM ({feed.raw(feed.PLACES)}) ORDER BY kind")
    return [row["kind"] for row in found]


def called(event: str) -> str:
    """The name of an event as people read it: of a custom type's records by the type's own name, course.created."""
    kind, dot, did = event.partition(".")
    return f"{named(kind)}{dot}{did}"


def named(text: str) -> str:
    """The key of a custom type as the type's name; any other text as it is."""
    is_key = registry.is_custom(text) and text.removeprefix(registry.CUSTOM_PREFIX).isdecimal()
    return registry.one_of(text) if is_key else text


def _called(tx: Reading, text: str) -> list[str]:
    """The events of custom types whose shown names hold the text."""
    rows = tx.rows(
        "SELECT DISTINCT name FROM base.events WHERE starts_with(name, $custom)", custom=registry.CUSTOM_PREFIX
    )
    return [row["name"] for row in rows if text in called(row["name"]).lower()]


def _entry(row: Row) -> Entry:
    payload = json.loads(row["payload"])
    if "import_id" in payload and row["old"] and row["new"]:  # it says by column what was replaced
        before, after = json.loads(row["old"]), json.loads(row["new"])
        payload = {
            "import_id": payload["import_id"],
            "line": payload["line"],
            "changes": {field: [value, after.get(field)] for field, value in before.items()},
        }
    return Entry(
        seq=row["seq"],
        happened_at=row["happened_at"],
        actor_name=row["actor_name"],
        source=row["source"],
        name=row["event"],
        subject_kind=row["kind"],
        subject_id=row["id"],
        payload=payload,
    )
