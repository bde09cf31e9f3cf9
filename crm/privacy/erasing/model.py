"""The models of an erasure: its preview and its receipt."""

import json
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, field_validator


class Preview(BaseModel, frozen=True):
    """`rows` says how many of which table would go, `unlinked` what would go on without the contact, `events` how many
    entries of the log would be emptied, `mentions` in how many texts of others the person's words would be blotted out,
    `shared` which of those words others bear too, so that they stay in texts."""

    contact_id: int
    shown_name: str
    merged: int
    rows: dict[str, int]
    unlinked: dict[str, int]
    events: int
    mentions: dict[str, int]
    shared: tuple[str, ...]
    files: tuple[str, ...]
    imports: tuple[str, ...]
    backups: tuple[str, ...]


class Erasure(BaseModel, frozen=True):
    """A receipt, which names nobody. `erased`: removed from the tables; `done`: from the store's bytes too.

    `counts` are rows by table: `removed`, `unlinked`, `blotted` (texts of others, and events emptied).
    """

    id: int
    contact_number: int
    state: Literal["queued", "erased", "done"]
    counts: dict[str, dict[str, int]]
    backups: tuple[str, ...]
    """The existing backups from before, which still hold the person."""
    created_by: int
    created_by_name: str
    created_at: datetime
    erased_at: datetime | None
    finished_at: datetime | None

    @field_validator("counts", "backups", mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value
