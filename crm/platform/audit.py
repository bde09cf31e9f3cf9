"""The audit log for administrators: the whole log of events, filtered and paged."""

import json
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from crm.foundation.access import Permission
from crm.store import Reading


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
    """What happened, newest first: by one actor, to one kind of subject, with words in its name or payload.

    Events of the product's own accounting are records too: nothing is left out, whoever did it.
    """
    tx.require(Permission.MANAGE_SETTINGS)
    asked = {"actor_id": actor_id, "kind": kind, "search": search.strip().lower()}
    found = tx.rows(f"{_MATCHING} ORDER BY seq DESC LIMIT $limit OFFSET $offset", **asked, limit=limit, offset=offset)
    total = tx.value(f"SELECT count(*) FROM ({_MATCHING})", **asked)
    items = [Entry(**{**row, "payload": json.loads(row["payload"])}) for row in found]
    return Entries(items=items, total=total)


def kinds(tx: Reading) -> list[str]:
    """The kinds of subject that the log knows."""
    tx.require(Permission.MANAGE_SETTINGS)
    found = tx.rows("SELECT DISTINCT subject_kind FROM base.events ORDER BY subject_kind")
    return [row["subject_kind"] for row in found]


# The log has no visible view: only those who manage settings read it whole.
_MATCHING = """
    SELECT seq, happened_at, actor_name, door AS source, name, subject_kind, subject_id, particulars AS payload
    FROM base.events
    WHERE ($actor_id IS NULL OR actor_id = $actor_id)
      AND ($kind IS NULL OR subject_kind = $kind)
      AND ($search = '' OR contains(lower(name || ' ' || particulars), $search))
"""
