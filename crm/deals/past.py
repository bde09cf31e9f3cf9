"""The list of deals as it was at the end of a past day, by what was known then, for the deals that one sees now.

Stage, value, currency, owner, team, expected close, probability, category, status and closing are those of that day,
and narrow and sort the list. All else of a deal (title, contact, company, labels, attributes, …) has no history here
and is as today. A deal that lies in the bin by now is in the list as long as it was not there yet.
"""

from dataclasses import replace
from datetime import date

from crm.deals.declaration import DEAL
from crm.deals.history import as_known
from crm.deals.totals import CurrencyTotal, totals_of
from crm.foundation import bounds, clock
from crm.foundation.access import Module
from crm.foundation.errors import Invalid, ModuleOff
from crm.foundation.language import tr
from crm.records import listing, lists
from crm.records.listing import ListQuery, Page, Source
from crm.records.reading import complete
from crm.store import Reading

WITHOUT_HISTORY = frozenset({"health", "idle_days"})
"""Columns and sorts that only the present has."""

_STATE = (
    *("pipeline_id", "stage_id", "position", "status", "value", "currency", "probability"),
    *("own_probability", "own_category", "owner_id", "team_id", "expected_close", "closed_on", "close_reason_id"),
)


def past_sql(*, one: bool = False) -> str:
    """SQL: the deals as of `$as_of`, with the columns of the view `deals`, and `stage_then` (the stage's name),
    `position`, `entered_at` and `is_gone` (by now it lies in the bin). `one` is that of `as_known`."""
    # base.deals: `as_known` is of the deals that the actor may see, and the view would leave out those in the bin.
    return f"""
        SELECT
            deal.* EXCLUDE (
                deleted_at, identifier_key, manual_value, quoted_value, manual_currency, close_note, pipeline_id,
                stage_id, currency, own_probability, own_category, owner_id, team_id, expected_close, closed_on,
                close_reason_id
            ),
            {", ".join(f"known.{name}" for name in _STATE)},
            known.stage_name AS stage_then,
            known.category AS forecast_category,
            known.entered_at,
            if(deal.closed_on = known.closed_on, deal.close_note, NULL) AS close_note,
            deal.quoted_value IS NOT NULL AS has_lines,
            deal.deleted_at IS NOT NULL AS is_gone
        FROM ({as_known(one=one)}) AS known
        JOIN base.deals AS deal ON deal.id = known.deal_id
    """


PAST = past_sql()


def source(tx: Reading, day: date) -> Source:
    """The list of deals as of the end of a day."""
    now = lists.source(DEAL)
    sorts = {name: each for name, each in now.sorts.items() if name not in WITHOUT_HISTORY}
    return replace(
        now,
        table=f"({PAST})",
        sorts={**sorts, "stage": listing.Sort("deal.position", "INTEGER")},
        params={"as_of": clock.end_of(day, tx.actor.time_zone)},
        today=day,
    )


def find_as_of(tx: Reading, query: ListQuery, day: date) -> Page:
    """A page of the deals of a past day, as `find` gives it of the present; `stage_name` is of that day, too. Raises
    Invalid where the query makes no sense, ModuleOff where deals are off."""
    require(tx)
    page = listing.find(tx, source(tx, day), query)
    complete(tx, DEAL, page.items)
    return replace(page, items=[{**row, "stage_name": row["stage_then"]} for row in page.items])


def totals_as_of(tx: Reading, query: ListQuery, day: date) -> list[CurrencyTotal]:
    """The totals of all deals of a past day that match the query, as `totals` of the present."""
    require(tx)
    return totals_of(tx, source(tx, day), query)


def parse_day(text: str, today: date) -> date | None:
    """The day that `as_of` of an address names; None for none and for today, whose end is still to come. Raises Invalid
    for what is no day, and for one to come."""
    if not text:
        return None
    day = checked_day(text, "as_of")
    if day > today:
        raise Invalid(tr("Nobody knows yet how the deals stand on a day to come. Ask for a past one."), "as_of")
    return None if day == today else day


def checked_day(text: str, field: str) -> date:
    """Raises Invalid for what is no day."""
    day = bounds.day(text)
    if day is None:
        raise Invalid(tr("“{value}” is not a day. Write it as 2026-01-31.", value=bounds.shown(text)), field)
    return day


def require(tx: Reading) -> None:
    if not tx.actor.has(Module.CRM):
        raise ModuleOff(Module.CRM)
