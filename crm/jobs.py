"""Work that is done after its request: a table of jobs, taken one at a time by the worker, the oldest first."""

from typing import Literal

from pydantic import BaseModel

from crm.store import Reading, Writing

Ending = Literal["done", "failed", "cancelled"]


class Job(BaseModel, frozen=True):
    id: int
    kind: str
    subject_id: int
    created_by: int


def enqueue(tx: Writing, kind: str, subject_id: int) -> int:
    """Its caller has the permission that the job needs; the job looks again when it runs."""
    return tx.insert(
        """
        INSERT INTO base.jobs (kind, subject_id, state, created_by, created_at)
        VALUES ($kind, $subject_id, 'queued', $actor, $now)
        RETURNING id
        """,
        kind=kind,
        subject_id=subject_id,
        actor=tx.actor.id,
        now=tx.now,
    )


def waiting(tx: Reading) -> bool:
    """Whether there is anything to claim: asked first, since every commit makes what is remembered old."""
    return bool(tx.value("SELECT count(*) FROM base.jobs WHERE state = 'queued'"))


def claim(tx: Writing) -> Job | None:
    """The oldest queued job, now running; None where nothing waits."""
    found = tx.rows(
        """
        SELECT id, kind, subject_id, created_by
        FROM base.jobs
        WHERE state = 'queued'
        ORDER BY id
        LIMIT 1
        """
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
