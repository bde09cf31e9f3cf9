"""The one log: what happened, to what, by whom, from which source. Append-only and hash-chained.

History, timeline, audit, webhooks and reports read it; `Writing.record` is the only writer. Names are
`<record type>.<past tense verb>`: deal.moved, contact.changed, import.applied.
"""

import hashlib
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import polars as pl
from pydantic import BaseModel

from crm.foundation.access import Actor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm.store import Writing
    from crm.store.head import Head


class Link(BaseModel, frozen=True):
    """One event as it stands in the log, with the hash that chains it to the one before.

    The fields keep the columns' names, since each name goes into the hash: `door` is the event's source,
    `particulars` its payload.
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
    """SHA-256 over the previous hash and every field of the link but its own hash."""
    # Microseconds as a whole number: a time's text depends on zone and library, and the hash must come out the same for
    # years.
    fields = link.model_dump(exclude={"hash", "happened_at"}) | {"at": round(link.happened_at.timestamp() * 1_000_000)}
    text = json.dumps([before, sorted(fields.items())], ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


REDACTING = "contact.erased"
"""The event that names the events it emptied, each with the hash that its emptied form has in its place of the chain:
`{"redacted": {"<seq>": "<hash>"}}`. An emptied event keeps its own hash, so that the chain goes on as it was."""


def redact(tx: "Writing", emptied: "Mapping[int, str]") -> dict[str, str]:
    """Replace the payloads of events, given by sequence number, when a person is erased from the log. Returns what the
    erasing event records as `redacted`: {sequence number: hash of the emptied event}."""
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


def changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[Any]]:
    """{field: [before, after]} of the fields that differ: the payload of an edit."""
    return {key: [before[key], value] for key, value in after.items() if before.get(key) != value}
