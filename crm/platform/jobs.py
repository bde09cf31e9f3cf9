"""Background jobs: a table from which the worker takes one at a time, the oldest first."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from crm.foundation.language import later
from crm.store import Reading, Writing

STOPPED_TWICE = later("This stopped the product twice while it was at work on it")

MOST_INTERRUPTED = 2
"""How often a job may be interrupted by the end of the process. Once may be a power cut; twice is taken as its
fault."""

QUEUE_AGAIN = "UPDATE base.jobs SET state = 'queued', started_at = NULL WHERE state = 'running'"

Ending = Literal["done", "failed", "cancelled"]


class Job(BaseModel, frozen=True):
    id: int
    kind: str
    subject_id: int
    created_by: int


def enqueue(tx: Writing, kind: str, subject_id: int, *, not_before: datetime | None = None) -> int:
    """Add a job; its id. The caller has checked the permission that it needs; the job checks again when it runs."""
    return tx.insert(
        """
        INSERT INTO base.jobs (kind, subject_id, state, created_by, created_at, not_before)
        VALUES ($kind, $subject_id, 'queued', $actor, $now, $not_before)
        RETURNING id
        """,
        kind=kind,
        subject_id=subject_id,
        not_before=not_before,
        actor=tx.actor.id,
        now=tx.now,
    )


def enqueue_once(tx: Writing, kind: str, *, not_before: datetime | None = None) -> None:
    """Add the job of a kind that has one subject, 1, unless one waits already."""
    if not tx.rows("SELECT id FROM base.jobs WHERE kind = $kind AND state = 'queued'", kind=kind):
        enqueue(tx, kind, 1, not_before=not_before)


def enqueue_anew(tx: Writing, kind: str, *, not_before: datetime | None = None) -> None:
    """Add the job of a kind that has one subject, 1, in the place of one that waits."""
    tx.run("DELETE FROM base.jobs WHERE kind = $kind AND state = 'queued'", kind=kind)
    enqueue(tx, kind, 1, not_before=not_before)


DUE = "state = 'queued' AND (not_before IS NULL OR not_before <= $now)"


def any_due(tx: Reading) -> bool:
    """Whether a job is due."""
    return bool(tx.value(f"SELECT EXISTS (FROM base.jobs WHERE {DUE})", now=tx.now))


def claim(tx: Writing) -> Job | None:
    """Mark the oldest due job as running and return it; None where no job is due."""
    found = tx.rows(
        f"""
        SELECT id, kind, subject_id, created_by
        FROM base.jobs
        WHERE {DUE}
        ORDER BY id
        LIMIT 1
        """,
        now=tx.now,
    )
    if not found:
        return None
    job = Job(**found[0])
    tx.run("UPDATE base.jobs SET state = 'running', started_at = $now WHERE id = $id", now=tx.now, id=job.id)
    return job


def finish(tx: Writing, job_id: int, ending: Ending, message: str | None = None) -> None:
    tx.run(
        "UPDATE base.jobs SET state = $ending, message = $message, finished_at = $now WHERE id = $id",
        ending=ending,
        message=message,
        now=tx.now,
        id=job_id,
    )


def requeue_interrupted(tx: Writing) -> int:
    """At the start of a process: queue the jobs again that were running when the last one ended. Each job writes in one
    transaction, so none is half done. Those interrupted too often stay, see `given_up`."""
    # Counted at a start alone: a job whose end a full disk kept from being written stopped nothing.
    tx.run("UPDATE base.jobs SET interrupted = interrupted + 1 WHERE state = 'running'")
    return tx.run(f"{QUEUE_AGAIN} AND interrupted < $most", most=MOST_INTERRUPTED)


def given_up(tx: Reading) -> list[Job]:
    """The jobs that `requeue_interrupted` has left: the caller notifies their owners and marks them as failed."""
    rows = tx.rows(
        """
        SELECT id, kind, subject_id, created_by
        FROM base.jobs
        WHERE state = 'running' AND interrupted >= $most
        ORDER BY id
        """,
        most=MOST_INTERRUPTED,
    )
    return [Job(**row) for row in rows]


def requeue_running(tx: Writing) -> int:
    """Queue the running job again whose end could not be written, in a process that lives on."""
    return tx.run(QUEUE_AGAIN)
