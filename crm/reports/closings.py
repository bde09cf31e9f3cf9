"""Closings of a period: win rate by count and by value, how long winning takes, why deals are won and lost."""

from collections import Counter
from datetime import date
from decimal import Decimal
from enum import StrEnum
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from pydantic import BaseModel

from crm.deals import counted
from crm.foundation import bounds
from crm.foundation.errors import Invalid
from crm.foundation.language import later, tr
from crm.reports import amounts, drilldown
from crm.reports.amounts import Amounts, RateUsed
from crm.reports.periods import Grain, Period
from crm.reports.scope import Scope, require_crm
from crm.reports.split import Split
from crm.store import Reading, Row
from crm.store.kept import kept

CLOSED = (Path(__file__).parent / "closings.sql").read_text()

FEW = 100
"""Below this many closings a win rate is shown with its confidence interval."""

# At one in ten a true rate of 50 % reads 52.6 %, well within the interval of a hundred closings.
ONE_IN = 10
"""The rate by value is omitted where more than one in this many won, or lost, deals have no value."""

Z_95 = 1.959963984540054
"""The standard normal quantile of 97.5 %."""


class Result(StrEnum):
    WON = "won"
    LOST = "lost"


TOO_MANY_VALUELESS = {
    Result.WON: later("{without:,} of {known:,} won deals carry no value"),
    Result.LOST: later("{without:,} of {known:,} lost deals carry no value"),
}
NONE_IN_CURRENCY = {
    Result.WON: later("no won deal is in this currency"),
    Result.LOST: later("no lost deal is in this currency"),
}


class Cell(BaseModel, frozen=True):
    """One figure: won or lost; of one month or quarter (None: all); with one reason (0: none was chosen; None: any);
    with a cycle from `days` on, up to but excluding the second number (None: any)."""

    result: Result
    bucket: date | None = None
    reason_id: int | None = None
    days: tuple[int, int] | None = None

    def __str__(self) -> str:
        reason = "" if self.reason_id is None else self.reason_id
        days = f"{self.days[0]}-{self.days[1]}" if self.days else ""
        return f"{self.result}:{self.bucket or ''}:{reason}:{days}".rstrip(":")

    @classmethod
    def parse(cls, text: str) -> "Cell":
        result, bucket, reason, days, *more = [*text.split(":"), "", "", ""]
        day, reason_id = bounds.day(bucket), bounds.whole(reason)
        span = [bounds.whole(part) for part in days.split("-")] if days else []
        if (
            result not in set(Result)
            or any(more)
            or (bucket and day is None)
            or (reason and reason_id is None)
            or (days and (len(span) != 2 or None in span))
        ):
            raise Invalid(tr("“{value}” is not a figure of the closings.", value=bounds.shown(text)), "cell")
        first, until = span or (None, None)
        spanned = None if first is None or until is None else (first, until)
        return cls(result=Result(result), bucket=day, reason_id=reason_id, days=spanned)


class Closed(BaseModel, frozen=True):
    """Deals closed in one way: how many, in all currencies; their value, in the report's; how many carry none."""

    count: int = 0
    value: Decimal = Decimal(0)
    valued: int = 0
    valueless: int = 0
    """Deals that the report's amounts are of, with a value at their closing (`valued`), and without one or with
    zero."""


class WinRate(BaseModel, frozen=True):
    """Won against lost; a rate is None ("–") where it cannot be computed honestly."""

    won: Closed
    lost: Closed

    @property
    def closings(self) -> int:
        return self.won.count + self.lost.count

    @property
    def by_count(self) -> float | None:
        """W / (W + L); None where nothing was closed."""
        return self.won.count / self.closings if self.closings else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The Wilson 95 % interval of the rate by count; None from 100 closings on, and where there are none."""
        return wilson(self.won.count, self.closings) if 0 < self.closings < FEW else None

    @property
    def by_value(self) -> float | None:
        """The same with the values at close; None where too many of the deals carry none: `why_not_by_value`."""
        return None if self.why_not_by_value else float(self.won.value / (self.won.value + self.lost.value))

    @property
    def why_not_by_value(self) -> str | None:
        """Why there is no rate by value, None where there is one. Deals without a value are left out of it, so it is
        too high for lost ones among them and too low for won ones; at most one in ten of either is accepted.
        """
        for result, closed in ((Result.LOST, self.lost), (Result.WON, self.won)):
            known = closed.valued + closed.valueless
            # Multiplied, not divided: there may be no deal in this currency at all.
            if closed.valueless * ONE_IN > known:
                return tr(TOO_MANY_VALUELESS[result], without=closed.valueless, known=known)
            if closed.count and not known:
                return tr(NONE_IN_CURRENCY[result])
        return None if self.won.value + self.lost.value else tr("nothing was closed")


NOTHING = WinRate(won=Closed(), lost=Closed())


class Bucket(BaseModel, frozen=True):
    period: Period
    rate: WinRate


class Reason(BaseModel, frozen=True):
    """A reason why deals were won or lost; `id` 0 counts those without a reason (a note may say why)."""

    id: int
    result: Result
    name: str | None
    closed: Closed


class CycleBin(BaseModel, frozen=True):
    """Won deals whose cycle took from `first` days on, up to but excluding `until`."""

    first: int
    until: int
    deals: int


class Cycle(BaseModel, frozen=True):
    """Days from the day a deal was opened to the day it was won, over the deals won; None where none was. `bins` is the
    distribution, in bins of equal width from 0 days on."""

    mean: float | None = None
    median: float | None = None
    p75: float | None = None
    p90: float | None = None
    longest: int | None = None
    bins: list[CycleBin] = []


class Reversal(BaseModel, frozen=True):
    """A closing of the period that was reversed: the deal was later reopened, or closed the other way."""

    deal_id: int
    title: str
    result: Result
    closed_on: date
    taken_back_on: date


class Closings(BaseModel, frozen=True):
    """Counts hold every currency. Amounts are in `currency`: `rates` are those that deals in others were converted at,
    and `left_out` counts by currency the closings whose values they leave out."""

    scope: Scope
    period: Period
    grain: Grain
    amounts: Amounts
    rate: WinRate
    buckets: list[Bucket]
    reasons: list[Reason]
    cycle: Cycle
    reversals: list[Reversal]
    rates: list[RateUsed]
    left_out: dict[str, int]

    @property
    def currency(self) -> str:
        return self.amounts.currency


@kept
def report(
    tx: Reading, *, period: Period, grain: Grain, scope: Scope | None = None, currency: str | None = None
) -> Closings:
    """Deals whose closing day lies in the period; a reopened deal counts at its last close, the earlier one is listed
    among `reversals`. Value, currency, owner and team are those of the closing, whatever changed since.
    Cycle in days. Amounts are exact: of the deals in `currency` alone; without one, of all deals, in the workspace's,
    each converted at the rate of its closing day. Source: the visible deals and their closings in the stage events."""
    require_crm(tx)
    scope = scope or Scope()
    priced = Amounts.of(tx, currency)
    sql, params = closed(tx, period, grain, scope)
    found = tx.rows(
        f"""
        SELECT
            state,
            currency,
            rate,
            rated_on,
            bucket,
            coalesce(reason_id, 0) AS reason_id,
            count(*) AS count,
            coalesce(sum(amount), 0) AS value,
            count(*) FILTER (coalesce(value, 0) <> 0) AS valued,
            count(*) FILTER (coalesce(value, 0) = 0) AS valueless
        FROM ({priced.sql(sql)}) AS closed
        GROUP BY ALL
        """,
        **params,
        **priced.params(),
    )
    # A query of its own: a median cannot be put together from the groups above.
    cycles = tx.frame(
        f"""
        SELECT cycle::BIGINT AS days, count(*) AS deals
        FROM ({sql}) AS closed
        WHERE state = 'won'
        GROUP BY cycle
        ORDER BY cycle
        """,
        **params,
    )
    return Closings(
        scope=scope,
        period=period,
        grain=grain,
        amounts=priced,
        rate=rate_of(found),
        buckets=[
            Bucket(period=each, rate=rate_of([row for row in found if row["bucket"] == each.first]))
            for each in period.cut(grain)
        ],
        reasons=_reasons(tx, found),
        cycle=cycle_of(cycles),
        reversals=_reversals(tx, period, scope),
        rates=amounts.rates_used(found),
        left_out=amounts.left_out(found),
    )


class OfPart(BaseModel, frozen=True):
    rate: WinRate
    cycle: Cycle


@kept
def by_part(
    tx: Reading, split: Split, *, period: Period, scope: Scope | None = None, currency: str | None = None
) -> dict[str, OfPart]:
    """{part: win rate and cycle of the period over its closings}, as `report` has them; owner and team are those that a
    closing was credited to."""
    require_crm(tx)
    priced = Amounts.of(tx, currency)
    deals, params = closed(tx, period, Grain.MONTH, scope or Scope())
    sql, of_parts = split.sql(tx, priced.sql(deals))
    found = tx.frame(
        f"""
        SELECT
            part,
            state,
            rate,
            cycle::BIGINT AS days,
            count(*) AS count,
            coalesce(sum(amount), 0) AS value,
            count(*) FILTER (coalesce(value, 0) <> 0) AS valued,
            count(*) FILTER (coalesce(value, 0) = 0) AS valueless
        FROM ({sql}) AS closed
        GROUP BY ALL
        """,
        **params,
        **priced.params(),
        **of_parts,
    )
    return {
        str(part): OfPart(rate=rate_of(rows.to_dicts()), cycle=_cycle_of_won(rows))
        for (part,), rows in found.group_by("part")
    }


def _cycle_of_won(rows: pl.DataFrame) -> Cycle:
    won = rows.filter(state="won").group_by("days").agg(deals=pl.col("count").sum())
    return cycle_of(won.sort("days"))


def drill_down(tx: Reading, closings: Closings, cell: Cell, *, limit: int = 50, offset: int = 0) -> drilldown.Behind:
    """The deals that a figure counts, each with its own amount, with their sum in the report's currency, and those of
    deals whose values it leaves out in theirs; selected by the query that counted them."""
    require_crm(tx)
    sql, params = picked(
        tx, cell, period=closings.period, grain=closings.grain, scope=closings.scope, priced=closings.amounts
    )
    return drilldown.page_of(tx, sql, params, limit=limit, offset=offset)


def picked(
    tx: Reading, *cells: Cell, period: Period, grain: Grain, scope: Scope, priced: Amounts
) -> tuple[str, dict[str, Any]]:
    """SQL of the deals that any of these figures counts, with its parameters; those without a `rate` in counts
    alone."""
    sql, params = closed(tx, period, grain, scope)
    params |= priced.params()
    conditions = []
    for number, cell in enumerate(cells):
        parts = [f"state = $state_{number}"]
        params[f"state_{number}"] = cell.result.value
        if cell.bucket is not None:
            parts.append(f"bucket = $bucket_{number}")
            params[f"bucket_{number}"] = cell.bucket
        if cell.reason_id is not None:
            parts.append(f"coalesce(reason_id, 0) = $reason_id_{number}")
            params[f"reason_id_{number}"] = cell.reason_id
        if cell.days is not None:
            parts.append(f"cycle >= $least_{number} AND cycle < $most_{number}")
            params |= {f"least_{number}": cell.days[0], f"most_{number}": cell.days[1]}
        conditions.append(" AND ".join(parts))
    return f"SELECT * FROM ({priced.sql(sql)}) AS closed WHERE ({') OR ('.join(conditions)})", params


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """The Wilson score interval at 95 %, without continuity correction."""
    share, spread = successes / trials, Z_95**2 / trials
    centre = (share + spread / 2) / (1 + spread)
    half = Z_95 / (1 + spread) * sqrt(share * (1 - share) / trials + spread / (4 * trials))
    # At 0 % and 100 % rounding may go a hair beyond.
    return max(centre - half, 0.0), min(centre + half, 1.0)


def closed(
    tx: Reading, period: Period, grain: Grain, scope: Scope, *, with_open: bool = False
) -> tuple[str, dict[str, Any]]:
    """SQL with its parameters: one row a deal closed in the period, as in closings.sql; `with_open`: also one for each
    open deal."""
    days = {"first": period.first, "end": period.end, "grain": grain.value, "time_zone": tx.actor.time_zone}
    also = "OR status = 'open'" if with_open else ""
    return f"WITH scoped AS ({scope.sql()})\n{CLOSED}{also}", scope.params(tx) | days


def rate_of(rows: list[Row]) -> WinRate:
    """Of groups of closings with state, rate, count, value, valued and valueless."""
    return WinRate(
        won=_summed([row for row in rows if row["state"] == "won"]),
        lost=_summed([row for row in rows if row["state"] == "lost"]),
    )


def _summed(rows: list[Row]) -> Closed:
    own = [row for row in rows if row["rate"] is not None]
    return Closed(
        count=sum(row["count"] for row in rows),
        value=sum((row["value"] for row in own), Decimal(0)),
        valued=sum(row["valued"] for row in own),
        valueless=sum(row["valueless"] for row in own),
    )


def cycle_of(cycles: pl.DataFrame) -> Cycle:
    """Of the number of `deals` for each length in `days`."""
    if cycles.is_empty():
        return Cycle()
    days = np.repeat(cycles["days"].to_numpy(), cycles["deals"].to_numpy())
    longest = int(days.max())
    width = next((each for each in WIDTHS if each * MOST_BINS > longest), WIDTHS[-1])
    counts = Counter((days // width).tolist())
    median, p75, p90 = np.quantile(days, [0.5, 0.75, 0.9]).tolist()
    return Cycle(
        mean=float(days.mean()),
        median=median,
        p75=p75,
        p90=p90,
        longest=longest,
        bins=[
            CycleBin(first=place * width, until=(place + 1) * width, deals=counts[place])
            for place in range(min(0, *counts), longest // width + 1)
        ],
    )


WIDTHS = (1, 2, 5, 7, 10, 15, 30, 60, 90, 180, 365, 730, 1825, 3650)
"""Days of a bin: as narrow as leaves no more than MOST_BINS."""
MOST_BINS = 15


def _reasons(tx: Reading, found: list[Row]) -> list[Reason]:
    """Most frequent first, for each result."""
    names = {row["id"]: row["name"] for row in tx.rows("SELECT id, name FROM close_reasons")}
    kinds = sorted({(row["state"], row["reason_id"]) for row in found})
    reasons = [
        Reason(
            id=reason_id,
            result=Result(state),
            name=names.get(reason_id),
            closed=_summed([row for row in found if (row["state"], row["reason_id"]) == (state, reason_id)]),
        )
        for state, reason_id in kinds
    ]
    return sorted(reasons, key=lambda reason: (reason.result, -reason.closed.count, reason.name or ""))


# Grain: one row per closing of the period that was left again, with the owner and team that it was credited to.
TAKEN_BACK = f"""
    SELECT
        closing.id AS event_id,
        closing.deal_id AS id,
        deal.title,
        closing.kind AS result,
        closing.closed_on,
        arg_min(
            coalesce(after.closed_on, (after.happened_at AT TIME ZONE $time_zone)::DATE), after.id
        ) AS taken_back_on,
        closing.pipeline_id,
        closing.owner_id,
        closing.team_id,
        deal.source
    FROM base.stage_events AS closing  -- base: of the visible deals, by the join
    JOIN ({counted.COUNTED}) AS deal ON deal.id = closing.deal_id
    JOIN ({counted.LEFT_AGAIN}) AS after ON after.deal_id = closing.deal_id AND after.id > closing.id
    WHERE closing.closed_on >= $first AND closing.closed_on < $end AND after.known_at <= $as_of
    GROUP BY ALL
"""


def _reversals(tx: Reading, period: Period, scope: Scope) -> list[Reversal]:
    found = tx.rows(
        f"""
        SELECT id AS deal_id, title, result, closed_on, taken_back_on
        FROM ({scope.sql(TAKEN_BACK)})
        ORDER BY closed_on DESC, event_id DESC
        """,
        **scope.params(tx),
        time_zone=tx.actor.time_zone,
        first=period.first,
        end=period.end,
    )
    return [Reversal(**row) for row in found]
