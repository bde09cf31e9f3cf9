"""The key figures above a board, each with its last twelve months.

Definitions as in the reports: win rate is won / closed by count over deals closed in the period; the cycle is the
median of days from opening to winning; a closed deal counts with the value and the owner of its closing. Amounts of
several currencies are added in the workspace's: an open deal's at the rate of today, a closed one's at that of its
closing day.
"""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import polars as pl
from pydantic import BaseModel

from crm import pipelines
from crm.deals.of_pipeline import deals_of_pipeline
from crm.pipelines import Pipeline
from crm.platform import rates
from crm.store import Reading
from crm.store.kept import kept

WINDOW = timedelta(days=90)
"""Win rate and cycle cover this many days back, and are compared with as many before those."""


class Month(BaseModel, frozen=True):
    start: date
    open_value: Decimal
    """The value of the deals that were open at the month's end (today, for the current month), at their value now or at
    their closing."""
    won_value: Decimal
    win_rate: float | None
    cycle_days: float | None


class Figures(BaseModel, frozen=True):
    currency: str
    """The currency of the amounts: the workspace's, or the one that all deals of the pipeline are in."""
    converted: int
    """Deals in other currencies whose values were converted."""
    left_out: dict[str, int]
    """Those by currency that the amounts leave out: they have a value, and no rate."""
    open_count: int
    open_value: Decimal
    weighted: Decimal
    won_count: int
    won_value: Decimal
    """Value won in this quarter so far."""
    won_value_before: Decimal
    """Value won in the previous quarter up to the same day of it."""
    win_rate: float | None
    win_rate_before: float | None
    cycle_days: float | None
    cycle_days_before: float | None
    months: tuple[Month, ...]
    """Twelve, oldest first."""


@kept
def figures(tx: Reading, pipeline_id: int, *, owner_id: int | None = None) -> Figures:
    """The key figures of a pipeline, over the visible deals, optionally of one owner."""
    pipeline, closings = pipelines.get(tx, pipeline_id), _closings(tx, pipeline_id)
    every = _counted(deals_of_pipeline(tx, pipeline_id), closings, pipeline, tx.actor.time_zone)
    currency = _currency(every, tx.actor.currency)
    scope = every.filter(pl.col("owner_id") == owner_id if owner_id is not None else True, _OPEN | _CLOSED)
    dated = scope.with_columns(rate_day=pl.col("closed_on").fill_null(tx.today))
    # Counts and rates are over all deals; the amount of one without a rate is NULL.
    found = rates.amounts_at(tx, dated, currency, "rate_day")
    without = found.filter(pl.col("value").is_not_null() & pl.col("amount").is_null())
    deals = found.with_columns(value=pl.col("amount"))
    return Figures(
        currency=currency,
        converted=found.filter(pl.col("amount").is_not_null() & (pl.col("currency") != currency)).height,
        left_out=dict(without.group_by("currency").len().sort("currency").iter_rows()),
        weighted=_weighted(deals.filter(_OPEN)),
        **_totals(deals, tx.today),
        months=_months(deals, tx.today),
    )


@kept
def _closings(tx: Reading, pipeline_id: int) -> pl.DataFrame:
    """The closing of each deal that was last closed in the pipeline and has not left Won or Lost since: one row a deal,
    whoever may see it. Kept for everybody alike, since joined to the deals in SQL it takes four times as long."""
    events = tx.frame(
        """
        SELECT
            event.id AS event_id,
            event.deal_id AS id,
            event.closed_on,
            event.value AS closing_value,
            event.currency AS closing_currency,
            event.owner_id AS closing_owner_id
        FROM base.stage_events AS event
        WHERE (event.pipeline_id = $pipeline_id AND event.closed_on IS NOT NULL)
            OR event.from_stage_id IN (SELECT id FROM base.stages WHERE kind <> 'open')
        """,
        pipeline_id=pipeline_id,
    )
    last = events.sort("event_id").unique("id", keep="last")
    return last.filter(pl.col("closed_on").is_not_null()).drop("event_id")


def _counted(deals: pl.DataFrame, closings: pl.DataFrame, pipeline: Pipeline, time_zone: str) -> pl.DataFrame:
    """The deals as `COUNTED` has them."""
    stages = pl.DataFrame(
        [(stage.id, stage.kind.value) for stage in pipeline.stages],
        schema={"stage_id": pl.Int64, "status": pl.String},
        orient="row",
    )

    def at_closing(column: str) -> pl.Expr:
        return pl.when(_OPEN).then(pl.col(column)).otherwise(pl.col(f"closing_{column}"))

    return (
        deals.join(stages, on="stage_id")
        .join(closings, on="id", how="left")
        .select(
            "status",
            "probability",
            value=at_closing("value"),
            currency=at_closing("currency"),
            owner_id=at_closing("owner_id"),
            opened_on=pl.col("created_at").dt.convert_time_zone(time_zone).dt.date(),
            closed_on=pl.when(~_OPEN).then(pl.col("closed_on")),
        )
    )


_OPEN, _CLOSED, _WON = pl.col("status") == "open", pl.col("closed_on").is_not_null(), pl.col("status") == "won"
_DAYS = (pl.col("closed_on") - pl.col("opened_on")).dt.total_days()


def _currency(deals: pl.DataFrame, own: str) -> str:
    """That of all deals with a value, where it is one; else the workspace's own, into which rates convert."""
    found = deals.filter(pl.col("value").is_not_null())["currency"].unique().to_list()
    return str(found[0]) if len(found) == 1 else own


def _weighted(deals: pl.DataFrame) -> Decimal:
    values = deals.group_by("probability").agg(pl.col("value").sum()).iter_rows()
    return sum((value * probability / 100 for probability, value in values), Decimal()).quantize(
        Decimal("0.0001"), ROUND_HALF_UP
    )


def _totals(deals: pl.DataFrame, today: date) -> dict[str, Any]:
    quarter = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    quarter_before = _months_before(quarter, 3)
    # The quarter before may be shorter than this one: then its last day.
    same_day_before = min(quarter_before + (today - quarter), quarter - timedelta(days=1))
    value, on = pl.col("value"), pl.col("closed_on")
    now, before = _WON & (on >= quarter), _WON & on.is_between(quarter_before, same_day_before)
    late, earlier = on > today - WINDOW, on.is_between(today - 2 * WINDOW, today - WINDOW, closed="right")
    found = deals.select(
        open_count=_OPEN.sum(),
        open_value=value.filter(_OPEN).sum(),
        won_count=now.sum(),
        won_value=value.filter(now).sum(),
        won_value_before=value.filter(before).sum(),
        win_rate=_WON.filter(late).mean(),
        win_rate_before=_WON.filter(earlier).mean(),
        cycle_days=_DAYS.filter(_WON & late).median(),
        cycle_days_before=_DAYS.filter(_WON & earlier).median(),
    )
    return found.row(0, named=True)


def _months(deals: pl.DataFrame, today: date) -> tuple[Month, ...]:
    opened, closed = pl.col("opened_on").dt.truncate("1mo"), pl.col("closed_on").dt.truncate("1mo")
    # Summed by month of opening and closing first: each month then looks at some hundred sums, not at every deal.
    spans = deals.group_by(opened=opened, closed=closed).agg(pl.col("value").sum()).rows()
    closings = (
        deals.filter(_CLOSED)
        .group_by(month=closed)
        .agg(
            won_value=pl.col("value").filter(_WON).sum(),
            win_rate=_WON.mean(),
            cycle_days=_DAYS.filter(_WON).median(),
        )
    )
    of_month = {row.pop("month"): row for row in closings.iter_rows(named=True)}
    nothing = {"won_value": Decimal(), "win_rate": None, "cycle_days": None}
    starts = [_months_before(today.replace(day=1), back) for back in reversed(range(12))]
    return tuple(
        Month(
            start=start,
            open_value=sum(
                (value for since, until, value in spans if since <= start and (until is None or until > start)),
                Decimal(),
            ),
            **of_month.get(start, nothing),
        )
        for start in starts
    )


def _months_before(day: date, months: int) -> date:
    place = day.year * 12 + day.month - 1 - months
    return date(place // 12, place % 12 + 1, day.day)
