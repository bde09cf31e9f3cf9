"""The daily housekeeping job: deletes what has passed its retention time."""

import logging
import shutil
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from crm import objects
from crm.foundation.access import SYSTEM
from crm.imports import kept_plans
from crm.imports.applying import outcome_files
from crm.platform import answers, files, jobs, pictures
from crm.privacy import erasing
from crm.privacy.erasing import removal
from crm.records import attributes, duplicates, event_records, registry
from crm.records.bin import BIN_DAYS
from crm.records.declaration import Trait
from crm.store import Reading, Store, Writing

log = logging.getLogger(__name__)

JOB = "housekeeping"
FIRST_RUN = timedelta(minutes=10)
EVERY = timedelta(days=1)

UNREFERENCED = timedelta(days=2)
"""How long an uploaded file is kept that nothing refers to."""
PLANS = timedelta(days=30)
"""How long a dry run is kept that nobody applies."""
NOTICES = timedelta(days=90)
JOBS = timedelta(days=90)
DELIVERIES = timedelta(days=90)
"""How long a repeated webhook is recognised: senders give up within days."""


def schedule(tx: Writing) -> None:
    """Queue the job unless it is queued; called at each start. It runs a little later, so as not to slow the start
    down."""
    if not tx.value("SELECT count(*) FROM base.jobs WHERE kind = $kind AND state IN ('queued', 'running')", kind=JOB):
        jobs.enqueue(tx, JOB, 1, not_before=tx.now + FIRST_RUN)


def run(store: Store, _: int) -> str:
    """Run the tasks, each in a transaction of its own, and queue the job for tomorrow."""
    # A transaction for each: what failed later undoes nothing of what was done.
    for task in TASKS:
        with store.writing(SYSTEM) as tx:
            task(tx)
    sweep(store)
    with store.writing(SYSTEM) as tx:
        jobs.enqueue(tx, JOB, 1, not_before=tx.now + EVERY)
    return "done"


def on_failure(store: Store, _: int, why: str) -> None:
    """Queue the job for tomorrow, not for now: the cause of the failure may persist."""
    log.error("housekeeping was not done. %s; the next is tomorrow's", why)
    with store.writing(SYSTEM) as tx:
        jobs.enqueue(tx, JOB, 1, not_before=tx.now + EVERY)


def empty_bin(tx: Writing) -> dict[str, int]:
    """Delete records whose time in the bin is over, with their own children. Records merged into another one stay as
    long as that does, since the merge can be undone."""
    purged: dict[str, int] = {}
    erased: list[tuple[str, int]] = []
    changed: event_records.Changed = {}
    for kind, table in [(of.key, of.plural) for of in registry.having(Trait.BIN)]:
        ids = _expired(tx, kind, table)
        if ids:
            for record, changes in removal.cut_links(kind, removal.unlink(tx, kind, ids)).items():
                changed.setdefault(record, {}).update(changes)
            removal.remove(tx, kind, ids)
            purged[table] = len(ids)
            erased += [(kind, record_id) for record_id in ids]
    if purged:
        tx.record("bin.emptied", "workspace", 1, **purged)
        event_records.keep_each(tx, changed, erased)
    return purged


def drop_attributes(tx: Writing) -> None:
    attributes.purge(tx)


def drop_object_types(tx: Writing) -> None:
    objects.purge(tx)


def cancel_old_plans(tx: Writing) -> None:
    """Cancel dry runs that nobody applied: their rows hold personal data."""
    rows = tx.rows(
        """
        UPDATE base.imports SET state = 'cancelled', step = '', finished_at = $now
        WHERE state = 'planned' AND coalesce(finished_at, created_at) < $before
        RETURNING id
        """,
        now=tx.now,
        before=tx.now - PLANS,
    )
    for row in rows:
        tx.run("DELETE FROM base.import_rejects WHERE import_id = $id", id=row["id"])
        outcome_files.discard(tx.folder, row["id"])
        kept_plans.forget(tx, row["id"])
        tx.record("import.cancelled", "import", row["id"])


def delete_unreferenced_uploads(tx: Writing) -> None:
    tx.run(
        """
        DELETE FROM base.uploads
        WHERE created_at < $before
            AND id NOT IN (SELECT upload_id FROM base.imports)
            AND id NOT IN (SELECT upload_id FROM base.attachments)
        """,
        before=tx.now - UNREFERENCED,
    )


def delete_expired(tx: Writing) -> None:
    """Delete stored API answers, read notices, webhook deliveries and ended jobs; the log keeps their events."""
    answers.forget_old(tx)
    tx.run(
        # Unread ones stay, however old.
        "DELETE FROM base.notices WHERE read_at IS NOT NULL AND created_at < $before",
        before=tx.now - NOTICES,
    )
    tx.run("DELETE FROM base.webhook_deliveries WHERE received_at < $before", before=tx.now - DELIVERIES)
    tx.run("DELETE FROM base.webhook_secrets WHERE ends_at < $now", now=tx.now)
    tx.run(
        "DELETE FROM base.jobs WHERE state NOT IN ('queued', 'running') AND finished_at < $before",
        before=tx.now - JOBS,
    )


def requeue_erasures(tx: Writing) -> None:
    """Queue unfinished erasures again, whose job failed, for example by a full disk."""
    for row in tx.rows(
        """
        SELECT id FROM base.erasures
        WHERE state <> 'done'
            AND id NOT IN (
                SELECT subject_id FROM base.jobs WHERE kind = $kind AND state IN ('queued', 'running')
            )
        ORDER BY id
        """,
        kind=erasing.JOB,
    ):
        jobs.enqueue(tx, erasing.JOB, row["id"])


TASKS: tuple[Callable[[Writing], object], ...] = (
    empty_bin,
    drop_attributes,
    drop_object_types,
    cancel_old_plans,
    delete_unreferenced_uploads,
    delete_expired,
    requeue_erasures,
    duplicates.scan_what_changed,
)


def sweep(store: Store) -> None:
    """Delete files beside the database that nothing refers to, once they are too old to be uploads in progress."""
    with store.writing(SYSTEM) as tx:  # the lock keeps anybody from registering one of them meanwhile
        existing = {row["sha256"] for row in tx.rows("SELECT DISTINCT sha256 FROM base.uploads")}
        imports = {str(row["id"]) for row in tx.rows("SELECT id FROM base.imports")}
        for path in _old(store.folder / "uploads"):
            if path.is_dir():  # left by an interrupted read
                shutil.rmtree(path, ignore_errors=True)
            elif path.name not in existing:
                path.unlink(missing_ok=True)
        for path in _old(store.folder / files.OUTGOING):  # its download never began
            path.unlink(missing_ok=True)
        pictures.sweep(store, existing)
        for path in _old(store.folder / "outcomes"):
            if path.name not in imports:
                shutil.rmtree(path, ignore_errors=True)


def _old(folder: Path) -> list[Path]:
    before = time.time() - UNREFERENCED.total_seconds()
    return [path for path in folder.glob("*") if path.stat().st_mtime < before]


def _expired(tx: Reading, kind: str, table: str) -> list[int]:
    rows = tx.rows(
        f"""
        WITH RECURSIVE
            merged AS (
                SELECT survivor_id, absorbed_id FROM base.merges WHERE subject_kind = $kind AND undone_at IS NULL
            ),
            over AS (
                SELECT id FROM base.{table}
                WHERE deleted_at < $before AND id NOT IN (SELECT absorbed_id FROM merged)
                UNION
                SELECT merged.absorbed_id FROM merged JOIN over ON over.id = merged.survivor_id
            )
        SELECT id FROM over ORDER BY id
        """,
        kind=kind,
        before=tx.now - timedelta(days=BIN_DAYS),
    )
    return [row["id"] for row in rows]
