"""The history of one record: the feed's rows of it, newest first, and of a contact also what became of its orders."""

import json
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from crm.records.feed.reading import hide_names, raw
from crm.store import Reading

ORDERS = 50
"""Entries of a contact's history that its orders have at most, so that they crowd out nothing else."""


class Event(BaseModel, frozen=True):
    """One entry as a timeline shows it. `payload` holds what changed: {field: [before, after]} under "changes"."""

    happened_at: datetime
    actor_id: int
    actor_name: str
    source: str
    name: str
    payload: dict[str, Any]


def history(tx: Reading, kind: str, record_id: int, limit: int = 200) -> list[Event]:
    """What happened to one record, newest first.

    The caller has found the record through a visible view before it asks: this reads `base.`. Records that it pointed
    to have no name in it for those who may not see them.
    """
    of_record = {"kind": kind, "id": record_id}
    places = [row["place"] for row in tx.rows(_PLACES, **of_record, row_pk=f'{{"id":{record_id}}}')]
    found = tx.rows(
        f"""
        SELECT happened_at, actor_id, actor_name, source, event AS name, payload, seq
        FROM ({raw([place for place in places if place != "orders"])})
        WHERE kind = $kind AND id = $id
        {_ORDERS if "orders" in places else ""}
        ORDER BY happened_at DESC, seq DESC
        LIMIT $limit
        """,
        **of_record,
        limit=limit,
    )
    events = [Event(**{**row, "payload": json.loads(row["payload"])}) for row in found]
    hide_names(tx, [changes for event in events if (changes := event.payload.get("changes"))])
    return events


_PLACES = """
    SELECT 'imports' AS place
    WHERE EXISTS (FROM base.import_changes WHERE subject_kind = $kind AND subject_id = $id)
    UNION ALL
    SELECT 'bulk'
    WHERE EXISTS (FROM base.bulk_change_rows WHERE subject_kind = $kind AND subject_id = $id)
    UNION ALL
    SELECT 'merges'
    WHERE EXISTS (FROM base.merge_rows WHERE row_pk = $row_pk)
    UNION ALL
    SELECT 'orders'
    WHERE $kind = 'contact' AND EXISTS (FROM orders WHERE contact_id = $id)
"""
"""Most records are in none of these places, and planning to read them all takes longer than the rest of the history."""

_ORDERS = f"""
    UNION ALL
    SELECT *
    FROM (
        SELECT happened_at, actor_id, actor_name, 'page', name, payload, step_id
        FROM order_history
        WHERE contact_id = $id
        ORDER BY step_id DESC
        LIMIT {ORDERS}
    )
"""
