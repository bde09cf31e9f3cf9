"""The differences of an edit, for the log, and the changes of others since a version, for stale edits."""

import json
from collections.abc import Collection
from typing import Any

import polars as pl
from pydantic import BaseModel

from crm.foundation.errors import Stale
from crm.foundation.language import tr
from crm.store import Reading, Writing

# No part of an edit: derived values, the place on the board, and attributes, which `_flat` adds one by one.
BOOKKEEPING = {
    "version",
    "updated_at",
    "attributes",
    "rank",
    "probability",
    "forecast_category",
    "warnings",
    "has_lines",
}

NO_VERSION = "deal.reordered"
"""The only event of a record itself that makes no version of it."""


def makes_version(event: str, kind: str) -> bool:
    """Whether an event of this name, of a record of this kind, is one version of it."""
    return event.startswith(f"{kind}.") and event != NO_VERSION


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


def refuse_stale(tx: Reading, kind: str, record: BaseModel, title: str, known_version: int | None) -> None:
    """Raise Stale, which says who changed what, unless `known_version` is the record's version or None (no check)."""
    current = record.model_dump()
    if known_version is not None and known_version != current["version"]:
        raise Stale(
            _changes_since(tx, kind, current, title, known_version), known_version=known_version, current=current
        )


def relink_earlier_changes(tx: Writing, kind: str, restored: pl.DataFrame) -> None:
    """Let earlier imports and bulk changes be undone in their turn, after a later change of the same records was.

    `restored`: the records' `id`, the `version` before the undo, and `from_version`, as which they were restored. The
    rows of earlier changes that left a record in that version get the version that it has now.
    """
    for table, more in (("import_changes", ""), ("bulk_change_rows", ", left_at = $now")):
        # `(SELECT $now)` uses the parameter where the table has no column for it: the engine refuses an unused one.
        tx.insert_frame(
            restored,
            f"""
            UPDATE base.{table} AS earlier SET version = frame.version + 1{more}
            FROM frame, (SELECT $now)
            WHERE earlier.subject_kind = $kind
              AND earlier.subject_id = frame.id
              AND earlier.version = frame.from_version
            """,
            kind=kind,
            now=tx.now,
        )


def _flat(record: BaseModel) -> dict[str, Any]:
    values = record.model_dump().get("attributes") or {}
    return record.model_dump(exclude=BOOKKEEPING) | {f"attribute:{key}": value for key, value in values.items()}


def _changes_since(tx: Reading, kind: str, current: dict[str, Any], title: str, known_version: int) -> str:
    """A sentence about the changes since `known_version`. Every change is one version and one event, so they are the
    newest `version - known_version` events; imports write no event for each record."""
    events = tx.rows(
        """
        SELECT actor_name, particulars
        FROM base.events
        WHERE subject_kind = $kind AND subject_id = $id
          AND starts_with(name, subject_kind || '.') AND name <> $no_version
        ORDER BY seq DESC
        LIMIT $count
        """,
        kind=kind,
        id=current["id"],
        no_version=NO_VERSION,
        count=max(current["version"] - known_version, 0),
    )
    sentences = list(dict.fromkeys(_sentence(event, title) for event in reversed(events)))
    return " ".join(
        [
            *(sentences[-3:] or [tr("“{title}” has changed since you opened it.", title=title)]),
            tr("Look at it, then try again."),
        ]
    )


def _sentence(event: dict[str, Any], title: str) -> str:
    changes = json.loads(event["particulars"]).get("changes", {})
    if "stage_name" in changes:
        return tr(
            "{person} moved “{title}” to {stage}.",
            person=event["actor_name"],
            title=title,
            stage=changes["stage_name"][1],
        )
    # Names stand beside ids in a change; people read the names.
    fields = [field_label(field) for field in changes if not field.endswith("_id")]
    said = tr("{person} changed “{title}”", person=event["actor_name"], title=title)
    return f"{said}{': ' if fields else ''}{', '.join(fields)}."


def field_label(field: str) -> str:
    """The name of a field in a sentence."""
    words = field.removeprefix("attribute:").removesuffix("_name").removesuffix("_at").replace("_", " ")
    if field.startswith("attribute:"):
        return words  # an attribute's key is made of people's own words
    name, space, code = words.rpartition(" ") if words.split(" ")[-1].isupper() else (words, "", "")  # price BRL
    # Labels are marked for translation as they begin a line.
    return f"{tr(name.capitalize()).lower()}{space}{code}"
