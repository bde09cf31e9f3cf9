"""The one log: what happened, to what, by whom, from which source. Append-only and hash-chained.

History, timeline, audit, webhooks and reports read it; `Writing.record` is the only writer. Names are
`<noun>.<past tense verb>`: deal.moved, contact.changed, import.applied.
"""

import hashlib
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import polars as pl
from pydantic import BaseModel

from crm.foundation.access import Actor, Module

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm.store import Reading, Writing
    from crm.store.head import Head


class Link(BaseModel, frozen=True):
    """One event as it stands in the log, with the hash that chains it to the one before.

    Named as the columns are, since each field's name goes into the hash: `door` is an event's source, `particulars`
    its payload.
    """

    seq: int
    happened_at: datetime
    actor_id: int
    actor_name: str
    door: str
    name: str
    subject_kind: str
    subject_id: int
    particulars: str
    hash: str = ""


class Event(BaseModel, frozen=True):
    """One event as history shows it. `payload` holds what changed: {field: [before, after]} under "changes"."""

    happened_at: datetime
    actor_id: int
    actor_name: str
    source: str
    name: str
    payload: dict[str, Any]


def next_link(
    head: "Head",
    happened_at: datetime,
    actor: Actor,
    name: str,
    subject_kind: str,
    subject_id: int,
    payload: dict[str, object],
) -> Link:
    link = Link(
        seq=head.seq + 1,
        happened_at=happened_at,
        actor_id=actor.id,
        actor_name=actor.name,
        door=actor.source.value,
        name=name,
        subject_kind=subject_kind,
        subject_id=subject_id,
        particulars=json.dumps(payload, default=str, ensure_ascii=False),
    )
    return link.model_copy(update={"hash": chain(head.hash, link)})


def chain(before: str, link: Link) -> str:
    """SHA-256 over the hash before and every field of the link but its own hash."""
    fields = link.model_dump(exclude={"hash", "happened_at"}) | {"at": round(link.happened_at.timestamp() * 1_000_000)}
    text = json.dumps([before, sorted(fields.items())], ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


REDACTING = "contact.erased"
"""The event that names the events it emptied, each with the hash that its emptied form has in its place of the chain:
`{"redacted": {"<seq>": "<hash>"}}`. An emptied event keeps its own hash, so that the chain goes on as it was."""


def redact(tx: "Writing", emptied: "Mapping[int, str]") -> dict[str, str]:
    """Replace the payload of events, by sequence number, where a person is erased from the log; what the erasing
    event is to say of it as `redacted`."""
    found = tx.rows(
        """
        SELECT event.*, coalesce(before.hash, $genesis) AS hash_before
        FROM base.events AS event
        LEFT JOIN base.events AS before ON before.seq = event.seq - 1
        WHERE event.seq IN (SELECT unnest($seqs::BIGINT[]))
        ORDER BY event.seq
        """,
        genesis="0" * 64,
        seqs=list(emptied),
    )
    redacted = {}
    for row in found:
        before = row.pop("hash_before")
        link = Link(**{**row, "particulars": emptied[row["seq"]]})
        redacted[str(link.seq)] = chain(before, link)
    frame = pl.DataFrame({"seq": list(emptied), "particulars": list(emptied.values())}).sort("seq")
    tx.insert_frame(
        frame,
        "UPDATE base.events SET particulars = frame.particulars FROM frame WHERE events.seq = frame.seq",
    )
    return redacted


LINKED = {"contact": "contacts", "company": "companies"}
"""Records whose names the log keeps beside `<noun>_id`, where a change of another record pointed to them."""


def history(tx: "Reading", subject_kind: str, subject_id: int, limit: int = 200) -> list[Event]:
    """What happened to one record, newest first, imports, changes of many records and orders of a contact included.

    The caller has found the record through a visible view before it asks: this reads `base.`. Records that it pointed
    to have no name in it for those who may not see them.
    """
    asked = {"kind": subject_kind, "id": subject_id}
    pointed = {"row_pk": f'{{"id":{subject_id}}}'}
    besides = [row["place"] for row in tx.rows(_WHERE_ELSE, **asked, **pointed)]
    found = tx.rows(
        f"""
        {" UNION ALL ".join((_LOGGED, *(_ELSEWHERE[place] for place in besides)))}
        ORDER BY happened_at DESC, seq DESC
        LIMIT $limit
        """,
        **asked,
        **(pointed if "merges" in besides else {}),
        limit=limit,
    )
    events = [Event(**row, source=row["door"], payload=json.loads(row["particulars"])) for row in found]
    _blot_out_unseen(tx, events)
    return events


OF_ORDERS = 50
"""Entries of a contact's history that its orders have at most, so that they crowd out nothing else."""

_WHERE_ELSE = """
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
"""Changes of many records at once are not in the log record by record but where they are kept; orders have a log of
their own. Most records are in none of these places, and planning to read them all takes longer than the rest of the
history."""

_LOGGED = """
    SELECT happened_at, actor_id, actor_name, door, name, particulars, seq
    FROM base.events
    WHERE subject_kind = $kind AND subject_id = $id
"""

_ELSEWHERE = {
    "imports": """
        SELECT
            import.finished_at,
            import.created_by,
            coalesce(person.name, 'Mallard'),
            'import',
            change.subject_kind || CASE change.change WHEN 'created' THEN '.created' ELSE '.changed' END,
            json_object('import_id', change.import_id, 'line', change.line, 'before', change.before),
            0
        FROM base.import_changes AS change
        JOIN base.imports AS import ON import.id = change.import_id
        LEFT JOIN base.users AS person ON person.id = import.created_by
        WHERE change.subject_kind = $kind AND change.subject_id = $id AND import.state IN ('done', 'undone')
        UNION ALL
        SELECT
            import.undo_ended_at,
            import.undo_by,
            coalesce(person.name, 'Mallard'),
            'import',
            change.subject_kind || '.import_undone',
            json_object('import_id', change.import_id, 'line', change.line, 'before', change.before),
            0
        FROM base.import_changes AS change
        JOIN base.imports AS import ON import.id = change.import_id
        LEFT JOIN base.users AS person ON person.id = import.undo_by
        WHERE change.subject_kind = $kind AND change.subject_id = $id AND import.state = 'undone'
            AND NOT EXISTS (
                FROM base.import_left AS stayed
                WHERE stayed.import_id = change.import_id AND stayed.subject_kind = $kind AND stayed.subject_id = $id
            )
    """,
    "bulk": """
        SELECT happened_at, actor_id, actor_name, 'page', name, particulars, undoes::INTEGER
        FROM bulk_history
        WHERE subject_kind = $kind AND subject_id = $id
    """,
    "merges": """
        SELECT happened_at, actor_id, actor_name, 'page', name, particulars, 0
        FROM merge_history
        WHERE subject_kind = $kind AND row_pk = $row_pk
    """,
    "orders": f"""
        SELECT *
        FROM (
            SELECT happened_at, actor_id, actor_name, 'page', name, particulars, step_id
            FROM order_history
            WHERE subject_kind = $kind AND subject_id = $id
            ORDER BY step_id DESC
            LIMIT {OF_ORDERS}
        )
    """,
}


def _blot_out_unseen(tx: "Reading", events: list[Event]) -> None:
    """Who sees everything keeps the names of what is in the bin, too; modules that are off are off for them as well."""
    every_change = [event.payload["changes"] for event in events if event.payload.get("changes")]
    for noun, table in LINKED.items():
        links = [changes for changes in every_change if f"{noun}_name" in changes]
        ids = sorted({one for changes in links for one in changes.get(f"{noun}_id", ()) if one is not None})
        if not ids or (tx.actor.sees_everything and (noun != "company" or tx.actor.has(Module.COMPANIES))):
            continue
        found = tx.rows(f"SELECT id FROM {table} WHERE id IN (SELECT unnest($ids::BIGINT[]))", ids=ids)
        seen = {row["id"] for row in found}
        for changes in links:
            pairs = zip(changes[f"{noun}_id"], changes[f"{noun}_name"], strict=True)
            changes[f"{noun}_name"] = [name if one in seen else None for one, name in pairs]


def changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[Any]]:
    """{field: [before, after]} of the fields that differ: the payload of an edit."""
    return {key: [before[key], value] for key, value in after.items() if before.get(key) != value}
