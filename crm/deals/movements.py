"""A deal's movement history: every stage it was in, and for how long."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from operator import itemgetter

from pydantic import BaseModel

from crm.foundation.language import tr
from crm.records import subjects
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
    # Asked apart, since others on a page ask the same; sorted here, since a few rows take longer to plan than to sort.
    subjects.require_visible(tx, "deal", deal_id, what=tr("deal"))
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
            origin.name AS from_stage,
            target.name AS to_stage,
            event.by_id,
            coalesce(person.name, 'Mallard') AS by_name,
            target.kind = 'open' AS stands
        FROM base.stage_events AS event
        JOIN base.stages AS target ON target.id = event.to_stage_id
        LEFT JOIN base.stages AS origin ON origin.id = event.from_stage_id
        LEFT JOIN users AS person ON person.id = event.by_id
        WHERE event.deal_id = $id
        """,
        id=deal_id,
    )
    rows.sort(key=itemgetter("at", "id"))
    left = [*(row["at"] for row in rows[1:]), None]
    found = [
        Movement(**row, stood=until - row["at"] if until and row["stands"] else None)
        for row, until in zip(rows, left, strict=True)
    ]
    return found, bool(rows[-1]["stands"])  # each deal has come into its first stage
