"""The history of one record: its rows of the change feed, newest first; for a contact also those of its orders."""

import json
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from crm.records.feed.of_bulk import Operation
from crm.records.feed.reading import hide_names, raw, rows_of
from crm.store import Reading
from crm.store.kept import kept

ORDERS = 50
"""The most entries of orders in a contact's history, so that they do not crowd out the rest."""


class Event(BaseModel, frozen=True):
    """An entry of a timeline. `payload["changes"]` is {field: [before, after]}."""

    happened_at: datetime
    actor_id: int
    actor_name: str
    source: str
    name: str
    payload: dict[str, Any]


@kept
def history(tx: Reading, kind: str, record_id: int, limit: int = 200, *, until: datetime | None = None) -> list[Event]:
    """The history of one record, newest first; of a past moment, what had happened by then.

    Reads `base.`: the caller has found the record through a visible view. Names of records that the actor may not see
    are removed.
    """
    of_record = {"kind": kind, "id": record_id}
    places, operations = _sources(tx, kind, record_id)
    past = {} if until is None else {"until": until}
    by_then = "AND happened_at <= $until" if past else ""
    found = tx.rows(
        f"""
        SELECT happened_at, actor_id, actor_name, source, event AS name, payload, seq
        FROM ({raw([place for place in places if place != "orders"], operations)})
        WHERE kind = $kind AND id = $id {by_then}
        {_orders(by_then) if "orders" in places else ""}
        ORDER BY happened_at DESC, seq DESC
        LIMIT $limit
        """,
        **of_record,
        **past,
        limit=limit,
    )
    events = [Event(**{**row, "payload": json.loads(row["payload"])}) for row in found]
    payloads = [event.payload for event in events]
    hide_names(tx, [*payloads, *(changes for payload in payloads if (changes := payload.get("changes")))])
    return events


def values_at(tx: Reading, kind: str, record_id: int, moment: datetime) -> dict[str, Any]:
    """{field: what it held at the moment} of the fields of a record that were changed since, as the feed names and
    writes them. The caller has found the record, and shows no name of another one: nothing is hidden here."""
    places = [place for place in _sources(tx, kind, record_id)[0] if place != "orders"]
    changes = rows_of("kind = $kind AND id = $id AND happened_at > $moment", places)
    rows = tx.rows(
        f"SELECT before FROM ({changes}) WHERE before IS NOT NULL ORDER BY seq DESC",
        kind=kind,
        id=record_id,
        moment=moment,
    )
    found: dict[str, Any] = {}
    for row in rows:
        found |= json.loads(row["before"])
    return found


def _sources(tx: Reading, kind: str, record_id: int) -> tuple[list[str], set[Operation]]:
    """Where else than in the log the record has history, and the bulk operations that changed it."""
    # Most records are in none of these tables, and planning a query over all of them takes longer than the rest of the
    # history.
    kept = tx.rows(_PLACES, kind=kind, id=record_id, row_pk=f'{{"id":{record_id}}}')
    operations = {(row["type"], row["action"]) for row in kept if row["place"] == "bulk"}
    return sorted({row["place"] for row in kept}), operations


_PLACES = """
    SELECT 'imports' AS place, NULL AS type, NULL AS action
    WHERE EXISTS (FROM base.import_changes WHERE subject_kind = $kind AND subject_id = $id)
    UNION ALL
    SELECT DISTINCT 'bulk', change.kind, change.action
    FROM base.bulk_change_rows AS row
    JOIN base.bulk_changes AS change ON change.id = row.bulk_change_id
    WHERE row.subject_kind = $kind AND row.subject_id = $id
    UNION ALL
    SELECT 'merges', NULL, NULL
    WHERE EXISTS (FROM base.merge_rows WHERE row_pk = $row_pk)
    UNION ALL
    SELECT 'event_records', NULL, NULL
    WHERE EXISTS (FROM base.event_records WHERE subject_kind = $kind AND subject_id = $id)
    UNION ALL
    SELECT 'links', NULL, NULL
    WHERE EXISTS (
        FROM base.event_links
        WHERE (object_kind = $kind AND object_id = $id) OR (subject_kind = $kind AND subject_id = $id)
    )
    UNION ALL
    SELECT 'orders', NULL, NULL
    WHERE $kind = 'contact' AND EXISTS (FROM orders WHERE contact_id = $id)
"""
"""The sources of the feed that have rows of the record; of bulk changes, by which operations they were made."""


def _orders(by_then: str) -> str:
    return f"""
        UNION ALL
        SELECT *
        FROM (
            SELECT happened_at, actor_id, actor_name, 'page', name, payload, step_id
            FROM order_history
            WHERE contact_id = $id {by_then}
            ORDER BY step_id DESC
            LIMIT {ORDERS}
        )
    """
