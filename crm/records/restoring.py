"""Restores records of any kinds from the bin."""

from collections.abc import Iterable
from dataclasses import dataclass

from crm.foundation.errors import Duplicate, Invalid, NotFound
from crm.foundation.language import tr
from crm.records import registry
from crm.store import Writing

MOST = 500


@dataclass(frozen=True)
class NotRestored:
    """A record that stays in the bin, and why."""

    kind: str
    id: int
    why: str


@dataclass(frozen=True)
class Restored:
    count: int
    left: tuple[NotRestored, ...]


def restore(tx: Writing, records: Iterable[tuple[str, int]]) -> Restored:
    """Restore records, given by kind and id, as far as possible; the others stay in the bin, with
    the reason."""
    requested = list(dict.fromkeys(records))
    if len(requested) > MOST:
        raise Invalid(tr("At most {most} records are brought back at once.", most=MOST), "records")
    left = []
    for kind, record_id in requested:
        try:
            registry.room(kind).restore(tx, record_id)
        # Raised before anything of this record was written, so the transaction can go on with the others.
        except (Duplicate, NotFound) as refusal:
            left.append(NotRestored(kind, record_id, str(refusal)))
    return Restored(len(requested) - len(left), tuple(left))
