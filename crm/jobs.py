"""Work that is done after its request: a table of jobs, taken one at a time by the worker, the oldest first."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from crm.store import Reading, Writing

Ending = Literal["done", "failed", "cancelled"]


class Job(BaseModel, frozen=True):
    id: int
    kind: str
    subject_id: int
    created_by: int


def enqueue(tx: Writing, kind: str, subject_id: int, *, not_before: datetime | None = None) -> int:
    """Its caller has the permission that the job needs; the job looks again when it runs."""
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


DUE = "state = 'queued' AND (not_before IS NULL OR not_before <= $now)"


def waiting(tx: Reading) -> bool:
    """Whether there is anything to claim: asked first, since every commit makes what is remembered old."""
    return bool(tx.value(f"SELECT EXISTS (FROM base.jobs WHERE {DUE})", now=tx.now))


def claim(tx: Writing) -> Job | None:
    """The oldest job that is due, now running; None where nothing is."""
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


def take_up_again(tx: Writing) -> int:
    """Queue again what ran when the process ended: each job writes in one transaction, so none is half done."""
    return tx.run("UPDATE base.jobs SET state = 'queued', started_at = NULL WHERE state = 'running'")
