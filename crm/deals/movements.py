"""A deal's movement history: every stage it was in, and for how long."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from operator import itemgetter

from pydantic import BaseModel

from crm.foundation.language import tr
from crm.platform.people import users
from crm.records import references, subjects
from crm.store import Reading, Row
from crm.store.kept import kept


class Movement(BaseModel, frozen=True):
    at: datetime
    """When it happened; a closing that was recorded on a later day counts at the end of its own day."""
    recorded_at: datetime
    kind: str
    """create, move, won, lost, reopen, pipeline or import."""
    from_stage: str | None
    to_stage: str
    by_id: int
    by_name: str
    closed_on: date | None
    """Only for a closing, like `value` and `currency`, which are the deal's at that time."""
    value: Decimal | None
    currency: str | None
    stood: timedelta | None
    """How long the deal then stayed in `to_stage` (until now for the current one); None for Won and Lost."""


def movements(tx: Reading, deal_id: int) -> list[Movement]:
    """A deal's movements, oldest first. Raises NotFound where the actor may not see it."""
    recorded, stands_still = _recorded(tx, deal_id)
    if stands_still:
        *before, last = recorded
        return [*before, last.model_copy(update={"stood": tx.now - last.at})]
    return recorded


@kept
def _recorded(tx: Reading, deal_id: int) -> tuple[list[Movement], bool]:
    """The movements, the last one without `stood`, and whether the deal still stands in an open stage."""
    # Asked apart, since others on a page ask the same.
    subjects.require_visible(tx, "deal", deal_id, what=tr("deal"))
    rows = stage_events(tx, deal_id)
    stages, people = references.names_of(tx, "base.stages"), users.names(tx)
    left = [*(row["at"] for row in rows[1:]), None]
    found = [
        Movement(
            **row,
            from_stage=stages[row["from_stage_id"]] if row["from_stage_id"] else None,
            to_stage=stages[row["to_stage_id"]],
            by_name=people.get(row["by_id"], "Mallard"),
            # A closing leads into Won or Lost, in which no deal stands.
            stood=until - row["at"] if until and row["closed_on"] is None else None,
        )
        for row, until in zip(rows, left, strict=True)
    ]
    return found, found[-1].closed_on is None  # each deal has come into its first stage


@kept
def stage_events(tx: Reading, deal_id: int) -> list[Row]:
    """The stage events of a deal, visible or not, oldest first."""
    rows = tx.rows(
        """
        SELECT
            event.id,
            event.happened_at AS at,
            event.known_at AS recorded_at,
            event.kind,
            event.closed_on,
            event.value,
            event.currency,
            event.from_stage_id,
            event.to_stage_id,
            event.by_id,
            event.by_hand
        FROM base.stage_events AS event
        WHERE event.deal_id = $id
        """,
        id=deal_id,
    )
    # Here, since a few rows take longer to plan than to sort.
    return sorted(rows, key=itemgetter("at", "id"))
