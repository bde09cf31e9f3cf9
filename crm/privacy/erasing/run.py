"""Executes an erasure in steps, each of which can be interrupted and is then repeated.

First one transaction removes the person from every table and the log. Then the files that name them are deleted, and
last the store is rewritten, so that no freed block, index or write-ahead log holds what was deleted.
"""

import json
import logging

from crm.foundation import language
from crm.foundation.access import NOBODY, SYSTEM
from crm.foundation.errors import Unavailable
from crm.foundation.language import tr
from crm.imports import kept_plans
from crm.imports.applying import outcome_files
from crm.platform import notices, pictures
from crm.platform.people import users
from crm.privacy.erasing import imported, log, person, places, removal
from crm.privacy.erasing.person import Person
from crm.privacy.erasing.verbs import JOB, backups_of
from crm.records import event_records, registry
from crm.records.event_records import Changed
from crm.store import Row, Store, Writing
from crm.store.events import REDACTING

logger = logging.getLogger(__name__)

TRIES = 10


def run(store: Store, erasure_id: int) -> str:
    """Do the remaining steps of an erasure; its final state."""
    erasure = _read(store, erasure_id)
    if erasure["state"] == "queued":
        _take_out(store, erasure)
    _remove_files(store, erasure_id)
    if _more_wait(store):
        return "erased"  # one renewal is enough for all of them
    _renew(store)
    _finish(store)
    return "done"


def on_failure(store: Store, erasure_id: int, why: str) -> None:
    """Notify the user who began the erasure that it is not done yet; housekeeping tries the rest again each day."""
    erasure = _read(store, erasure_id)
    if erasure["state"] == "done" or erasure["created_by"] == NOBODY:
        return
    with store.writing(SYSTEM) as tx, language.speaking(users.language_of(tx, erasure["created_by"])):
        text = tr(
            "Contact {number} is not erased yet. {why}; it is tried again within a day.",
            number=erasure["contact_number"],
            why=tr(why),
        )
        notices.leave(tx, erasure["created_by"], text, "/settings?section=Privacy")


def _read(store: Store, erasure_id: int) -> Row:
    with store.reading(SYSTEM) as tx:
        return tx.row("SELECT * FROM base.erasures WHERE id = $id", id=erasure_id)


def _take_out(store: Store, erasure: Row) -> None:
    """Remove the person from the tables and the log, in one transaction."""
    with store.reading(SYSTEM) as tx:
        found = person.known(tx, erasure["contact_number"])
        uploads = imported.uploads(tx)
    # Outside the transaction: reading every uploaded file may take minutes, and the lock would stop all writes.
    naming = imported.naming_in_files(store.folder, uploads, found.terms)
    with store.writing(SYSTEM) as tx:
        # Again, now under the lock: the contact may have been edited or merged while the files were read.
        found = person.known(tx, erasure["contact_number"], naming)
        messages = removal.forget_messages(tx, found)
        forgotten, hashes, imports = imported.forget(tx, found, naming)
        redacted = log.redact(tx, found, erasure["id"])
        unlinked, notes = _unlink(tx, found)
        removed, attached = removal.remove(tx, "contact", found.ids)
        blotted, changed = removal.blot_out(tx, found)
        counts = {
            "removed": _some({**messages, **removed, **forgotten}),
            "unlinked": _some(unlinked),
            "blotted": _some({**blotted, "events": len(redacted)}),
        }
        _mark_erased(tx, erasure["id"], counts, [*hashes, *attached], imports)
        # One event for each merged contact: the emptied history of each then says why.
        for contact_id in found.ids[1:]:
            tx.record(REDACTING, "contact", contact_id, erasure=erasure["id"], redacted={})
        tx.record(REDACTING, "contact", found.ids[0], erasure=erasure["id"], counts=counts, redacted=redacted)
        for record, note in notes.items():
            changed.setdefault(record, {}).update(note)
        event_records.keep_each(tx, changed)


def _unlink(tx: Writing, found: Person) -> tuple[dict[str, int], Changed]:
    """Unlink the deals and orders of the person, as edits in their own histories; ({table: how many}, the notes that
    were removed)."""
    unlinked = removal.unlink(tx, "contact", found.ids)
    # A note on an order is about its buyer and nobody else.
    noted = tx.rows(
        """
        UPDATE base.orders SET note = NULL WHERE id IN (SELECT unnest($ids::BIGINT[])) AND note IS NOT NULL RETURNING id
        """,
        ids=list(unlinked["orders"]),
    )
    for table, ids in unlinked.items():
        if table in places.PAPERS:
            continue
        tx.run(
            f"""
            UPDATE base.{table} SET updated_at = $now, version = version + 1
            WHERE id IN (SELECT unnest($ids::BIGINT[]))
            """,
            now=tx.now,
            ids=list(ids),
        )
        kind = registry.by_plural(table).key
        for contact_id in found.ids:
            theirs = [record_id for record_id, was in ids.items() if was == contact_id]
            changes = {"contact_id": [contact_id, None], "contact_name": [log.BLOTTED, None]}
            tx.record_each(f"{kind}.changed", kind, theirs, changes=changes)
    notes: Changed = {("order", row["id"]): {"note": [log.BLOTTED, None]} for row in noted}
    return {table: len(ids) for table, ids in unlinked.items()}, notes


def _mark_erased(
    tx: Writing, erasure_id: int, counts: dict[str, dict[str, int]], hashes: list[str], imports: list[int]
) -> None:
    tx.run(
        """
        UPDATE base.erasures SET
            state = 'erased',
            counts = $counts,
            files = $files,
            imports = $imports,
            backups = $backups,
            erased_at = $now
        WHERE id = $id
        """,
        counts=json.dumps(counts),
        files=json.dumps(hashes),
        imports=json.dumps(imports),
        backups=json.dumps(backups_of(tx)),
        now=tx.now,
        id=erasure_id,
    )


def _remove_files(store: Store, erasure_id: int) -> None:
    """Delete the files from the disk, unless other uploads have the same content."""
    with store.writing(SYSTEM) as tx:  # nobody makes an upload of the same content meanwhile
        erasure = tx.row("SELECT files, imports FROM base.erasures WHERE id = $id", id=erasure_id)
        held = {row["sha256"] for row in tx.rows("SELECT DISTINCT sha256 FROM base.uploads")}
        for sha256 in set(json.loads(erasure["files"])) - held:
            (store.folder / "uploads" / sha256).unlink(missing_ok=True)
            pictures.forget(store, sha256)
        kept_plans.clear(store)
        for import_id in json.loads(erasure["imports"]):
            outcome_files.discard(store.folder, import_id)
        tx.run("UPDATE base.erasures SET files = '[]', imports = '[]' WHERE id = $id", id=erasure_id)


def _renew(store: Store) -> None:
    # A long report may hold the file open; its reader is given time, not interrupted.
    for attempt in range(TRIES):
        try:
            store.renew()
        except Unavailable:
            if attempt == TRIES - 1:
                raise
            logger.warning("the store could not be written anew yet: somebody reads it")
        else:
            return


def _more_wait(store: Store) -> bool:
    with store.reading(SYSTEM) as tx:
        return bool(tx.value("SELECT count(*) FROM base.jobs WHERE kind = $kind AND state = 'queued'", kind=JOB))


def _finish(store: Store) -> None:
    """Mark all erasures as done that were removed from the tables before the store was rewritten."""
    with store.writing(SYSTEM) as tx:
        finished = tx.rows(
            """
            UPDATE base.erasures SET state = 'done', finished_at = $now
            WHERE state = 'erased' AND files = '[]' AND imports = '[]'
            RETURNING id, created_by, contact_number
            """,
            now=tx.now,
        )
        for erasure in finished:
            if erasure["created_by"] != NOBODY:
                with language.speaking(users.language_of(tx, erasure["created_by"])):
                    text = tr(
                        "Contact {number} was erased for good. The receipt is number {receipt}.",
                        number=erasure["contact_number"],
                        receipt=erasure["id"],
                    )
                notices.leave(tx, erasure["created_by"], text, "/settings?section=Privacy")
            tx.record("erasure.finished", "erasure", erasure["id"])


def _some(counts: dict[str, int]) -> dict[str, int]:
    return {what: many for what, many in counts.items() if many}
