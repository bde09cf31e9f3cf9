"""One deal as it was at the end of a past day, by what was known then. What of it has a history is said in `past`."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from pydantic import BaseModel

from crm.deals import health
from crm.deals.declaration import DEAL
from crm.deals.health import Glance
from crm.deals.movements import stage_events
from crm.deals.past import past_sql, require
from crm.deals.quote.past import PastLine, lines_as_of
from crm.deals.record import Deal
from crm.foundation import clock
from crm.foundation.errors import NotFound
from crm.foundation.language import current, tr
from crm.pipelines import Stage
from crm.pipelines.past import stages_as_of
from crm.records import reading
from crm.records.history import values_at
from crm.records.past_files import PastFile, files_as_of
from crm.store import Reading, Row
from crm.store.kept import kept

LOGGED = ("title", "identifier", "priority", "source")
"""Fields whose values of then are in the log of changes."""


class NotThere(NotFound):
    """The actor may see the deal, but at the end of the day it was not made yet, or lay in the bin."""

    def __init__(self, sentence: str) -> None:
        super(NotFound, self).__init__(sentence)


class PastDeal(BaseModel, frozen=True):
    """A deal as it was at the end of a day."""

    deal: Deal
    """Value, currency, stage, status, closing, owner, team, expected close, probability, category and the fields of
    `LOGGED` are of then, all else is of now."""
    stages: tuple[Stage, ...]
    """Those that its pipeline had then, in order."""
    entered_at: datetime
    """When it entered the stage that it was in."""
    stood: Mapping[int, timedelta]
    """{id of an open stage: how long it had been there by the end of the day, over all its visits}."""
    health: Glance | None
    """None where it was closed."""
    lines: tuple[PastLine, ...] | None
    """None where the log does not tell them."""
    files: tuple[PastFile, ...]
    is_gone: bool
    """Whether it lies in the bin by now."""


@kept
def deal_as_of(tx: Reading, deal_id: int, day: date) -> PastDeal:
    """A deal as it was known at the end of a day. Raises NotFound where the actor may not see it now, NotThere where it
    was not there on that day, ModuleOff where deals are off."""
    require(tx)
    end = clock.end_of(day, tx.actor.time_zone)
    found = tx.rows(past_sql(one=True), deal_id=deal_id, as_of=end)
    if not found:
        raise _absence(tx, deal_id, day, end)
    (row,) = found
    lines = lines_as_of(tx, deal_id, end, row["value"])
    logged = {name: value for name, value in values_at(tx, "deal", deal_id, end).items() if name in LOGGED}
    deal = reading.of_row(tx, DEAL, row)
    deal = deal.model_copy(update={**logged, "stage_name": row["stage_then"], "has_lines": bool(lines)})
    return PastDeal(
        deal=deal,
        stages=stages_as_of(tx, deal.pipeline_id, end, holding={deal.stage_id}),
        entered_at=row["entered_at"],
        stood=_stood([event for event in stage_events(tx, deal_id) if event["recorded_at"] <= end], deal, end),
        health=health.as_of(tx, deal_id, end),
        lines=lines,
        files=files_as_of(tx, "deal", deal_id, end),
        is_gone=row["is_gone"],
    )


def _stood(events: Sequence[Row], deal: Deal, end: datetime) -> dict[int, timedelta]:
    """{stage: time in it} of the events that were known by the end of the day, oldest first."""
    found: dict[int, timedelta] = defaultdict(timedelta)
    left = [*(event["at"] for event in events[1:]), end]
    for nth, (event, until) in enumerate(zip(events, left, strict=True), 1):
        # The last one is where the deal was known to be, which of an imported deal is not what the file says.
        stage_id = deal.stage_id if nth == len(events) else event["to_stage_id"]
        if event["closed_on"] is None:
            found[stage_id] += until - event["at"]
    return dict(found)


def _absence(tx: Reading, deal_id: int, day: date, end: datetime) -> NotFound:
    """Why the deal is not in the past day."""
    made = tx.value("SELECT created_at FROM past_deals WHERE id = $id", id=deal_id)
    if made is None:
        return NotFound(tr("deal"))
    if made <= end:
        return NotThere(tr("On {day} this deal lay in the bin.", day=_shown(day)))
    made_on = made.astimezone(ZoneInfo(tx.actor.time_zone)).date()
    return NotThere(
        tr("This deal was not there yet on {day}: it was made on {made}.", day=_shown(day), made=_shown(made_on))
    )


def _shown(day: date) -> str:
    return str(format_date(day, "medium", locale=current()))
