"""A deal's movement history: every stage it was in, and for how long."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from pydantic import BaseModel

from crm.foundation.errors import NotFound
from crm.foundation.language import tr
from crm.store import Reading
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
    """The movements, the last one without `stood`, and whether the deal still stands in an open stage. Reads
    `base.stages`, which keeps the names of removed stages."""
    rows = tx.rows(
        """
        SELECT
            event.happened_at AS at,
            event.known_at AS recorded_at,
            event.kind,
            event.closed_on,
            event.value,
            event.currency,
            origin.name AS from_stage,
            target.name AS to_stage,
            event.by_id,
            coalesce(person.name, 'Mallard') AS by_name,
            CASE WHEN target.kind = 'open'
                THEN lead(event.happened_at) OVER (ORDER BY event.happened_at, event.id) - event.happened_at
            END AS stood,
            target.kind = 'open' AS stands
        FROM deals AS deal
        JOIN base.stage_events AS event ON event.deal_id = deal.id
        JOIN base.stages AS target ON target.id = event.to_stage_id
        LEFT JOIN base.stages AS origin ON origin.id = event.from_stage_id
        LEFT JOIN users AS person ON person.id = event.by_id
        WHERE deal.id = $id
        ORDER BY event.happened_at, event.id
        """,
        id=deal_id,
    )
    if not rows:  # each deal has come into its first stage
        raise NotFound(tr("deal"))
    stands = [row.pop("stands") for row in rows]
    return [Movement(**row) for row in rows], bool(stands[-1])
