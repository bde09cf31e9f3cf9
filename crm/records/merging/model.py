"""The models of a merge: its preview, the merge itself, and its undo."""

import json
from datetime import datetime
from typing import Any

from pydantic import BaseModel, SerializeAsAny, field_validator

from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.records import registry
from crm.records.declaration import Record, RecordType, Trait

AnyRecord = SerializeAsAny[Record]


def mergeable(kind: str) -> RecordType[Any]:
    """The record type with this key. Raises Invalid, which names the types that can be merged, where it is none of
    them."""
    found = next((of for of in registry.having(Trait.MERGE) if of.key == kind), None)
    if found is None:
        kinds = ", ".join(of.key for of in registry.having(Trait.MERGE))
        raise Invalid(tr("There are no merges of “{kind}”, only of {kinds}.", kind=kind, kinds=kinds), "kind")
    return found


class Choice(BaseModel, frozen=True):
    """A field of the two records, and which of them it is taken from."""

    field: str
    """A field of the record, or `attribute:<key>`."""
    label: str
    survivor: Any
    absorbed: Any
    taken_from: int
    """The id of the record."""

    @property
    def differs(self) -> bool:
        return bool(self.survivor != self.absorbed)


class Preview(BaseModel, frozen=True):
    """The preview of a merge: `result` is the merged record, except its times and version."""

    survivor: AnyRecord
    absorbed: AnyRecord
    result: AnyRecord
    choices: tuple[Choice, ...]
    moves: dict[str, int]
    """{table: number of rows that would move to the survivor}."""


class Merge(BaseModel, frozen=True):
    """A merge that has not been undone."""

    id: int
    subject_kind: str
    survivor_id: int
    survivor_name: str
    absorbed_id: int
    absorbed_name: str
    changes: dict[str, list[str | None]]
    """{column of the survivor: [before, after]}, as text."""
    new_attributes: bool
    run_id: int | None
    created_by: int
    actor_name: str
    created_at: datetime

    @field_validator("changes", mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value


class Unmerged(BaseModel, frozen=True):
    """Both records after an undo. `stayed` lists what was changed after the merge and so was left as it is."""

    survivor: AnyRecord
    absorbed: AnyRecord
    stayed: tuple[str, ...]
