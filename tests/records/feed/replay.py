"""A replay of the change feed in plain Python, and what the tables hold, to be compared."""

import json
from decimal import Decimal
from typing import Any

from crm.foundation.access import SYSTEM
from crm.records import feed
from crm.records.feed import Change
from crm.store import Store

Records = dict[tuple[str, int], dict[str, Any]]

FIELDS = {
    "contact": """
        name, email, phone, identifier, city, country, company_id, owner_id, team_id, blocked,
        (SELECT list(label.name ORDER BY label.name_key) FROM base.contact_labels AS link
            JOIN base.labels AS label ON label.id = link.label_id WHERE link.contact_id = record.id) AS labels,
        (SELECT a_size FROM base.contact_attributes AS own WHERE own.id = record.id) AS "attribute:size",
        (SELECT a_level FROM base.contact_attributes AS own WHERE own.id = record.id) AS "attribute:level"
    """,
    "company": "name, domain, description, owner_id, team_id",
    "deal": """
        title, identifier, pipeline_id, stage_id, coalesce(quoted_value, manual_value) AS value, currency, priority,
        owner_id, team_id, contact_id, company_id, source, expected_close, closed_on, close_reason_id, close_note,
        (SELECT list(label.name ORDER BY label.name_key) FROM base.deal_labels AS link
            JOIN base.labels AS label ON label.id = link.label_id WHERE link.deal_id = record.id) AS labels
    """,
    "order": """
        title, contact_id, deal_id, value, currency, status, source, external_id, ordered_on, paid_on, note,
        (SELECT list(label.name ORDER BY label.name_key) FROM base.order_labels AS link
            JOIN base.labels AS label ON label.id = link.label_id WHERE link.order_id = record.id) AS labels
    """,
}
BESIDE = {"status", "close_reason", "deal_title", "contact_count"}
"""What a single verb tells beside the fields themselves: names, and what follows from them."""
TABLES = {"contact": "contacts", "company": "companies", "deal": "deals", "order": "orders"}


def every_change(store: Store, page: int = 50) -> list[Change]:
    """The whole feed, read page by page."""
    found: list[Change] = []
    with store.reading(SYSTEM) as tx:
        while rows := feed.changes(tx, found[-1].position if found else feed.START, limit=page):
            found += rows
    return found


def agree(store: Store, changes: list[Change]) -> bool:
    """Whether a scan of the feed says what its pages say: they are read in two ways."""
    with store.reading(SYSTEM) as tx:
        rows = feed.scan(tx).rows(named=True)
    sides = ("before", "after", "payload")
    scanned = [{**row, **{side: json.loads(row[side] or "null") for side in sides}} for row in rows]
    return scanned == [change.model_dump() for change in changes]


def replayed(changes: list[Change]) -> Records:
    """What the records are after all changes. Each change must have found them as the changes before it left them.

    What is erased for good is left out: what changes of many did to it is forgotten with it."""
    records: Records = {}
    erased = {(change.kind, change.id) for change in changes if change.event == f"{change.kind}.erased"}
    for change in changes:
        key = (change.kind, change.id)
        if change.kind not in FIELDS or key in erased:
            continue
        if change.before is None:
            assert key not in records, f"{change} makes a record that is there"
            records[key] = {}
        for field, value in (change.before or {}).items():
            beside = field.endswith("_name") or (field in BESIDE and change.kind != "order")
            assert beside or plain(records[key].get(field)) == plain(value), (change, records[key])
        if change.after is None:
            del records[key]
        else:
            records[key].update(change.after)
    return records


def stored(store: Store) -> Records:
    records: Records = {}
    with store.reading(SYSTEM) as tx:
        for kind, fields in FIELDS.items():
            for row in tx.rows(f"SELECT id, deleted_at, {fields} FROM base.{TABLES[kind]} AS record"):
                record_id, deleted = row.pop("id"), row.pop("deleted_at") is not None
                records[kind, record_id] = row | {"deleted": deleted}
    return records


def compared(records: Records, like: Records) -> Records:
    """The fields of `records` that `like` has, in one form: what is empty left out."""
    return {
        key: {field: found for field in like.get(key, values) if (found := plain(values.get(field))) is not None}
        for key, values in records.items()
    }


def plain(value: Any) -> Any:
    if value in (None, False, [], ()) or value == []:
        return None
    if isinstance(value, list | tuple):
        return sorted(map(str, value))
    if isinstance(value, bool):
        return value
    try:
        return Decimal(str(value)).normalize()
    except ArithmeticError:
        return str(value)
