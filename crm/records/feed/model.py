"""What the feed gives: one row a changed record, and the place of a row in it."""

from datetime import datetime
from typing import Any, NamedTuple

from pydantic import BaseModel


class Position(NamedTuple):
    """A place in the feed: after the row of event `seq` for the record `id` of `kind`.

    `Position(n)` lies before every row of event n, so a reader that is done with event n stands at `Position(n + 1)`.
    """

    seq: int
    kind: str = ""
    id: int = 0


START = Position(0)


class Change(BaseModel, frozen=True):
    """One change of one record. `event` is a name from the catalogue, such as deal.moved, and `payload` fits its schema
    where the record was changed alone; a change of many records says which one it was (`import_id`, …).

    `before` and `after` hold the fields that differ. `before` is None where the record did not exist, `after` is None
    where it no longer does. `deleted` is true while the record is in the bin, or merged into another. What the erasure
    of a person took out of other records, and the names of what left the bin for good, are “[erased]” in `before`.
    Imports of before the feed recorded nothing of what they wrote: their `after` is empty.
    """

    seq: int
    happened_at: datetime
    actor_id: int
    actor_name: str
    source: str
    kind: str
    id: int
    event: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    payload: dict[str, Any]

    @property
    def position(self) -> Position:
        return Position(self.seq, self.kind, self.id)
