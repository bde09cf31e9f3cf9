"""The models of duplicates: pairs of records, and background runs over many pairs."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

Task = Literal["scan", "merge", "unmerge"]
State = Literal["queued", "running", "done", "failed", "cancelled"]


class Side(BaseModel, frozen=True):
    """One record of a pair, with what a person needs to compare it."""

    id: int
    shown_name: str
    email: str | None = None
    phone: str | None = None
    identifier: str | None = None
    domain: str | None = None
    company_name: str | None = None
    city: str | None = None
    owner_name: str | None = None
    created_at: datetime


class Pair(BaseModel, frozen=True):
    """Two records that may be the same. `left` has the smaller id. `reasons` are keys of reasons.py, strongest
    first."""

    left: Side
    right: Side
    score: int
    reasons: tuple[str, ...]


class Decided(BaseModel, frozen=True):
    """A pair that somebody marked as distinct."""

    left: Side
    right: Side
    actor_name: str
    created_at: datetime


class Run(BaseModel, frozen=True):
    id: int
    subject_kind: str
    task: Task
    state: State
    least_score: int
    reason: str | None
    search: str
    of_run_id: int | None
    total: int
    """For a scan the pairs found, else the pairs or merges to process."""
    done: int
    left_alone: int
    message: str | None
    created_by: int
    created_at: datetime
    finished_at: datetime | None

    @property
    def at_work(self) -> bool:
        return self.state in ("queued", "running")
