"""The bin: deleted records stay in it for 30 days, without their unique keys, which others may take.

The view `bin` decides who may see them there.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from crm.foundation import identity
from crm.foundation.errors import NotFound
from crm.foundation.language import tr
from crm.records import listing
from crm.records.declaration import RecordType
from crm.records.listing import Page
from crm.store import Reading, Row, Writing
from crm.store.kept import kept

BIN_DAYS = 30


def delete(tx: Writing, of: RecordType[Any], record_id: int, **payload: object) -> None:
    """Move a record to the bin; its keys are free at once."""
    # NULL in a UNIQUE column clashes with nothing: another record may take the key at once.
    cleared_keys = "".join(f"{key} = NULL, " for key in of.key_columns)
    tx.run(
        f"""
        UPDATE base.{of.plural} SET {cleared_keys}deleted_at = $now, updated_at = $now, version = version + 1
        WHERE id = $id
        """,
        now=tx.now,
        id=record_id,
    )
    tx.record(f"{of.key}.deleted", of.key, record_id, **payload)


def restore(
    tx: Writing, of: RecordType[Any], record_id: int, keys: Mapping[str, str | None], **payload: object
) -> None:
    """Take a record out of the bin, with these keys; the caller has checked that they are free."""
    set_keys = "".join(f"{key} = ${key}, " for key in keys)
    tx.run(
        f"""
        UPDATE base.{of.plural} SET {set_keys}deleted_at = NULL, updated_at = $now, version = version + 1
        WHERE id = $id
        """,
        **keys,
        now=tx.now,
        id=record_id,
    )
    tx.record(f"{of.key}.restored", of.key, record_id, **payload)


def get_deleted(tx: Reading, of: RecordType[Any], record_id: int) -> Row:
    """The row of a record in the bin. Raises NotFound where it is not there, or its 30 days are over."""
    found = tx.rows(
        f"SELECT * FROM {of.key}_bin WHERE id = $id AND deleted_at > $since",
        id=record_id,
        since=_oldest(tx),
    )
    if not found:
        raise NotFound(tr("{kind} in the bin", kind=of.one))
    return found[0]


@kept
def is_restorable(tx: Reading, kind: str, record_id: int) -> bool:
    """Whether the record is in the bin, visible to the actor, and can still be restored."""
    return bool(
        tx.rows(
            "SELECT id FROM bin WHERE kind = $kind AND id = $id AND deleted_at > $since",
            kind=kind,
            id=record_id,
            since=_oldest(tx),
        )
    )


def listed(tx: Reading, kind: str | None = None, *, search: str = "", limit: int = 50, offset: int = 0) -> Page:
    """The records that can be restored, last deleted first: kind, id, shown_name, deleted_at, deleted_by."""
    conditions = {
        "kind": kind,
        "search": identity.searchable(search.strip()),
        "since": _oldest(tx),
    }
    where = f"""
        ($kind IS NULL OR kind = $kind)
        AND deleted_at > $since
        AND contains({identity.searchable_sql("shown_name")}, $search)"""
    items = tx.rows(
        f"""
        SELECT kind, id, shown_name, deleted_at
        FROM bin
        WHERE {where}
        ORDER BY deleted_at DESC, kind, id DESC
        LIMIT $limit OFFSET $offset
        """,
        **conditions,
        limit=min(limit, listing.MOST_ROWS),
        offset=offset,
    )
    # One look-up for the page: who deleted a record is in the log alone.
    deleters = _deleters(tx, [row["id"] for row in items])
    for row in items:
        row["deleted_by"] = deleters.get((row["kind"], row["id"]))
    return Page(items=items, total=tx.value(f"SELECT count(*) FROM bin WHERE {where}", **conditions), next=None)


def _deleters(tx: Reading, ids: list[int]) -> dict[tuple[str, int], str]:
    """{(kind, id): who deleted it}. Reads `base.`: the ids are from the visible bin."""
    # The last deletion counts: a record may have been restored and deleted again.
    found = tx.rows(
        """
        SELECT subject_kind, subject_id, arg_max(actor_name, seq) AS actor_name
        FROM base.events
        WHERE subject_id IN (SELECT unnest($ids::BIGINT[])) AND name = subject_kind || '.deleted'
        GROUP BY subject_kind, subject_id
        """,
        ids=ids,
    )
    return {(row["subject_kind"], row["subject_id"]): row["actor_name"] for row in found}


def _oldest(tx: Reading) -> object:
    return tx.now - timedelta(days=BIN_DAYS)
