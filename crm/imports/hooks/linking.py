"""Links of custom records to the contacts and deals that a file names beside them."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from crm.foundation.access import Permission
from crm.foundation.language import later
from crm.imports.applying.references import Resolved
from crm.imports.model import Options
from crm.imports.planning.import_hooks import ImportHooks
from crm.records.declaration import RecordType
from crm.store import Reading, Writing

LINKS = later("links")
"""Among the counts of what is made on the way."""
NEEDED = {"contact": Permission.MANAGE_CONTACTS, "deal": Permission.MANAGE_CRM}
"""{kind of what is linked: the permission that its links need}."""


def hooks(of: RecordType[Any]) -> ImportHooks:
    """The hooks of a custom type."""
    return ImportHooks(key=of.key, resolve=resolve)


def resolve(tx: Reading, resolved: Resolved, options: Options) -> None:
    """Count the links that the rows ask for. Raises Forbidden where the actor may not make them."""
    many = 0
    for kind, rows in _by_kind(resolved.rows):
        tx.require(NEEDED[kind])
        many += rows.height
    if many:
        resolved.made[LINKS] = many


def write(tx: Writing, of: RecordType[Any], new: pl.DataFrame, known: pl.DataFrame) -> None:
    """Link the new records, and those that the rows are about, to what the rows name. A link that is there already
    stays as it is."""
    every = [new, known.drop("id", strict=False).rename({"target": "id"})] if known.height else [new]
    for rows in every:
        for kind, linked in _by_kind(rows):
            # Not ON CONFLICT: over a key of four columns it takes a millisecond a row (measured).
            tx.insert_frame(
                linked.select("id", f"linked_{kind}_id", "link_label_id", "linked_on"),
                f"""
                INSERT INTO base.links (
                    object_kind, object_id, subject_kind, subject_id, link_label_id, linked_on, created_by, created_at,
                    updated_at
                )
                SELECT $kind, row.id, $subject, linked_{kind}_id, row.link_label_id, row.linked_on, $me, $now, $now
                FROM frame AS row
                ANTI JOIN (
                    SELECT object_id, subject_id FROM base.links WHERE object_kind = $kind AND subject_kind = $subject
                ) AS held ON held.object_id = row.id AND held.subject_id = linked_{kind}_id
                ORDER BY row.id
                """,
                kind=of.key,
                subject=kind,
                me=tx.actor.id,
                now=tx.now,
            )


def _by_kind(rows: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """(kind of what is linked, the rows that name one)."""
    for kind in NEEDED:
        if f"linked_{kind}_id" in rows.columns:
            named = rows.filter(pl.col(f"linked_{kind}_id").is_not_null())
            if named.height:
                yield kind, named
