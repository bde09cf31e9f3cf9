"""The differences of an edit, for the log, and the changes of others since a version, for stale edits."""

import json
from collections.abc import Collection
from typing import Any

import polars as pl
from pydantic import BaseModel

from crm.foundation.errors import Stale
from crm.store import Reading, Writing

BOOKKEEPING = {"version", "updated_at", "attributes", "rank", "probability", "warnings", "has_lines"}


def differences(before: BaseModel, after: BaseModel) -> dict[str, list[Any]]:
    """{field: [before, after]} for the log: with names beside ids, and each attribute as `attribute:<key>`."""
    old, new = _flat(before), _flat(after)
    return {field: [old.get(field), new.get(field)] for field in old | new if old.get(field) != new.get(field)}


def as_created(record: BaseModel, fields: Collection[str]) -> dict[str, Any]:
    """The payload of a new record's event: these fields where not empty, and attributes as `attribute:<key>`."""
    values = getattr(record, "attributes", None) or {}
    return record.model_dump(include=set(fields), exclude_none=True) | {
        f"attribute:{key}": value for key, value in values.items() if value is not None
    }


def refuse_stale(tx: Reading, kind: str, record: BaseModel, shown: str, seen: int | None) -> None:
    """Raise Stale, which says who changed what, unless `seen` is the record's version or None (no check)."""
    current = record.model_dump()
    if seen is not None and seen != current["version"]:
        raise Stale(_what_happened(tx, kind, current, shown, seen), seen=seen, current=current)


def be_as_earlier_left(tx: Writing, noun: str, gone_back: pl.DataFrame) -> None:
    """Records that went back to how an earlier import or bulk change left them can go back with that one in its turn.

    `gone_back`: `id`, the `version` that they went back from, and `from_version`, the one that they went back to.
    """
    for table, more in (("import_changes", ""), ("bulk_change_rows", ", left_at = $now")):
        tx.insert_frame(
            gone_back,
            f"""
            UPDATE base.{table} AS earlier SET version = frame.version + 1{more}
            FROM frame, (SELECT $now)
            WHERE earlier.subject_kind = $noun
              AND earlier.subject_id = frame.id
              AND earlier.version = frame.from_version
            """,
            noun=noun,
            now=tx.now,
        )


def _flat(record: BaseModel) -> dict[str, Any]:
    values = record.model_dump().get("attributes") or {}
    return record.model_dump(exclude=BOOKKEEPING) | {f"attribute:{key}": value for key, value in values.items()}


def _what_happened(tx: Reading, kind: str, current: dict[str, Any], shown: str, seen: int) -> str:
    """A sentence about the changes since `seen`. Every change is one version and one event, so they are the newest
    `version - seen` events; imports write no event for each record."""
    missed = tx.rows(
        """
        SELECT actor_name, particulars
        FROM base.events
        WHERE subject_kind = $kind AND subject_id = $id
          AND starts_with(name, subject_kind || '.') AND name <> 'deal.reordered'  -- the others make no version
        ORDER BY seq DESC
        LIMIT $count
        """,
        kind=kind,
        id=current["id"],
        count=max(current["version"] - seen, 0),
    )
    said = list(dict.fromkeys(_sentence(event, shown) for event in reversed(missed)))
    return " ".join([*(said[-3:] or [f"“{shown}” has changed since you opened it."]), "Look at it, then try again."])


def _sentence(event: dict[str, Any], shown: str) -> str:
    changed = json.loads(event["particulars"]).get("changes", {})
    if "stage_name" in changed:
        return f"{event['actor_name']} moved “{shown}” to {changed['stage_name'][1]}."
    fields = [field_label(field) for field in changed if not field.endswith("_id")]
    return f"{event['actor_name']} changed “{shown}”{': ' if fields else ''}{', '.join(fields)}."


def field_label(field: str) -> str:
    """The name of a field in a sentence."""
    return field.removeprefix("attribute:").removesuffix("_name").removesuffix("_at").replace("_", " ")
