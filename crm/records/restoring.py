"""Bringing back what lies in the bin, one record or many of any kind."""

from collections.abc import Iterable
from dataclasses import dataclass

from crm.foundation.errors import Duplicate, Invalid, NotFound
from crm.records import registry
from crm.store import Writing

MOST = 500


@dataclass(frozen=True)
class Left:
    """A record that stays in the bin, and why."""

    kind: str
    id: int
    why: str


@dataclass(frozen=True)
class Restored:
    count: int
    left: tuple[Left, ...]


def restore(tx: Writing, records: Iterable[tuple[str, int]]) -> Restored:
    """Each of them, by kind and id, that nothing stands in the way of; the others stay, with the reason. A refusal
    comes before its record is touched, so that the others are not touched by it either."""
    wanted = list(dict.fromkeys(records))
    if len(wanted) > MOST:
        raise Invalid(f"At most {MOST} records are brought back at once.", "records")
    left = []
    for kind, record_id in wanted:
        try:
            registry.room(kind).restore(tx, record_id)
        except (Duplicate, NotFound) as refusal:
            left.append(Left(kind, record_id, str(refusal)))
    return Restored(len(wanted) - len(left), tuple(left))
