"""The bridge between two days: what made the open pipeline of the first one into that of the second, to the cent.

Both ends are counted from the log by what was known at the end of each day. Every deal that stands in one end or in
both is put under one cause, or under two where its value and a currency's rate have both changed; the causes add up to
the difference exactly. Amounts are in the workspace's currency, each converted at the rate of its day.
"""

from datetime import date
from decimal import Decimal

import polars as pl
from pydantic import BaseModel

from crm.deals.counted import counted
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.platform import rates
from crm.reports import causes
from crm.reports.causes import Cause, Total
from crm.reports.periods import Period
from crm.reports.scope import Scope, require_crm
from crm.store import Reading
from crm.store.kept import kept


class Bridge(BaseModel, frozen=True):
    """`start` + the sum of `causes` = `end`, exactly. Only causes with deals are listed, in the order of `Cause`."""

    scope: Scope
    first: date
    last: date
    period: Period | None
    currency: str
    start: Total
    end: Total
    causes: dict[Cause, Total]
    left_out: dict[str, int]
    """Deals of either end without a rate, by currency: they count as nothing there."""

    @property
    def difference(self) -> Decimal:
        return self.end.amount - self.start.amount


class BridgedDeal(BaseModel, frozen=True):
    """What one deal does to the difference, by one cause. The amounts are those of the two ends, None where the deal
    does not stand in one."""

    deal_id: int
    title: str
    cause: Cause
    amount: Decimal
    before: Decimal | None
    after: Decimal | None


class BridgedDeals(BaseModel, frozen=True):
    items: list[BridgedDeal]
    total: Total


@kept
def report(tx: Reading, *, first: date, last: date, scope: Scope | None = None, period: Period | None = None) -> Bridge:
    """The bridge from the end of the day `first` to that of `last`; where `last` is today, to now. `period`: only deals
    expected to close in it, as a forecast counts them; None for all open deals. Source: the log of the visible deals.
    Raises Invalid where the days are not in order, or to come."""
    require_crm(tx)
    _check_days(tx, first, last)
    scope = scope or Scope()
    ends = both_ends(tx, first, last, scope, period)
    return Bridge(
        scope=scope,
        first=first,
        last=last,
        period=period,
        currency=rates.base_currency(tx),
        start=causes.total(ends, "before", AMOUNT),
        end=causes.total(ends, "after", AMOUNT),
        causes=causes.by_cause(explained(ends)),
        left_out=_left_out(ends),
    )


def drill_down(tx: Reading, bridge: Bridge, cause: Cause, *, limit: int = 50, offset: int = 0) -> BridgedDeals:
    """The deals under one cause, the largest amounts first."""
    require_crm(tx)
    ends = both_ends(tx, bridge.first, bridge.last, bridge.scope, bridge.period)
    found = (
        explained(ends).filter(pl.col("cause") == cause).sort(pl.col("amount").abs(), "id", descending=[True, False])
    )
    return page_of(found, cause, limit=limit, offset=offset)


def page_of(found: pl.DataFrame, cause: Cause, *, limit: int, offset: int) -> BridgedDeals:
    """A page of the rows of `explained` under one cause."""
    items = [
        BridgedDeal(
            deal_id=row["id"],
            title=row["title"],
            cause=cause,
            amount=row["amount"],
            before=row["before"] if row["in_before"] else None,
            after=row["after"] if row["in_after"] else None,
        )
        for row in found.slice(offset, limit).iter_rows(named=True)
    ]
    return BridgedDeals(items=items, total=Total(count=found.height, amount=found["amount"].sum() or Decimal(0)))


def both_ends(tx: Reading, first: date, last: date, scope: Scope, period: Period | None) -> pl.DataFrame:
    """One row per deal that was known on the second day: what it was on both, in columns `…_before` and `…_after`;
    `before` and `after`, its amounts on each day at that day's rate (None: no rate, or no deal); `at_first_rate`, the
    second value at the first day's rate; `in_before` and `in_after`, whether it stands in that end."""
    earlier = _end(tx, first, first, scope, period).drop("at_first_rate")
    later = _end(tx, last, first, scope, period)
    found = later.join(earlier, on="id", how="left", suffix="_before")
    sides = {"before": "_before", "after": ""}
    return found.select(
        "id",
        "title",
        *(
            pl.col(f"{name}{suffix}").alias(f"{name}_{side}")
            for side, suffix in sides.items()
            for name in ("status", "removed", "in_scope", "expected_close", "currency")
        ),
        *(pl.col(f"stands{suffix}").fill_null(value=False).alias(f"in_{side}") for side, suffix in sides.items()),
        *(pl.col(f"amount{suffix}").alias(side) for side, suffix in sides.items()),
        "at_first_rate",
    )


def explained(ends: pl.DataFrame) -> pl.DataFrame:
    """`both_ends` → one row per deal and cause, with `cause` and `amount`. The amounts add up to `after` less `before`
    over the deals that stand in each."""
    nothing = pl.lit(Decimal(0), AMOUNT)
    before, after, at_first_rate = (pl.coalesce(name, nothing) for name in ("before", "after", "at_first_rate"))
    whole = ends.with_columns(
        by_value=at_first_rate - before,
        by_rate=after - at_first_rate,
        # All open deals count, in whatever stage or category, and without a rate as nothing; there is no rest.
        **{
            f"{name}_{side}": pl.lit(None, causes.STATE[name])
            for name in ("closed_on", "stage_id", "entered_at", "category")
            for side in ("before", "after")
        },
        **{f"{lack}_{side}": pl.lit(value=False) for lack in ("unrated", "unvalued") for side in ("before", "after")},
        rest=pl.lit(Cause.VALUE_UP.value),
    )
    return causes.explained(whole).with_columns(pl.col("amount", "before", "after").cast(AMOUNT))


AMOUNT = pl.Decimal(38, 4)


def _end(tx: Reading, day: date, first: date, scope: Scope, period: Period | None) -> pl.DataFrame:
    """The deals known at the end of a day: `stands` tells those that the report covers, `amount` is at that day's rate,
    `at_first_rate` at that of the first day."""
    at = scope.model_copy(update={"as_of": None if day == tx.today else day})
    own = rates.base_currency(tx)
    amounts = " ".join(
        f"""
        , CASE WHEN currency = $own THEN coalesce(value, 0) ELSE {rates.converted("coalesce(value, 0)", rate, own)} END
            AS {name}
        """
        for name, rate in (("amount", "rate"), ("at_first_rate", "first_rate"))
    )
    every = f"SELECT *, {scope.condition()} AS in_scope, $day::DATE AS day, $first::DATE AS first_day FROM ({_EVERY})"
    at_day = f"SELECT * EXCLUDE (rate, rated_on, day), rate AS day_rate FROM ({rates.rated(every, 'day')})"
    rated = f"""
        SELECT * EXCLUDE (rate, day_rate, rated_on), rate AS first_rate, day_rate AS rate
        FROM ({rates.rated(at_day, "first_day")})
    """
    within = "true" if period is None else "expected_close >= $begins AND expected_close < $ends"
    days = {} if period is None else {"begins": period.first, "ends": period.end}
    return tx.frame(
        f"""
        SELECT
            id,
            title,
            status,
            removed,
            in_scope,
            expected_close,
            currency,
            status = 'open' AND NOT removed AND in_scope AND coalesce({within}, false) AS stands
            {amounts}
        FROM ({rated})
        """,
        **at.params(tx),
        **days,
        day=day,
        first=first,
        own=own,
    )


_EVERY = counted(with_bin=True)


def _left_out(ends: pl.DataFrame) -> dict[str, int]:
    unrated = pl.concat(
        ends.filter(pl.col(f"in_{side}") & pl.col(side).is_null()).select("id", currency=f"currency_{side}")
        for side in ("before", "after")
    ).unique()
    counts = unrated.group_by("currency").len().sort("currency")
    return dict(counts.iter_rows())


def _check_days(tx: Reading, first: date, last: date) -> None:
    if first >= last:
        raise Invalid(tr("The first day is not before the second one."), "first")
    if last > tx.today:
        raise Invalid(tr("Nobody knows yet how the deals stand on a day to come. Ask for a past one."), "last")
