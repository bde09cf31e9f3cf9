"""Why a figure differs between two days: each deal that makes a difference is put under a cause, and the causes add up
to the difference exactly."""

from decimal import Decimal
from enum import StrEnum
from functools import reduce

import polars as pl
from pydantic import BaseModel

from crm.foundation import bounds
from crm.foundation.errors import Invalid
from crm.foundation.language import tr


class Cause(StrEnum):
    """Why a deal stands in one end and not in the other, or at another amount. `new`: not known yet on the first day ·
    `moved_in`, `moved_out`: into or out of what the report covers, by another pipeline, owner, team or source ·
    `slipped`, `pulled_in`: its expected close went to a later or earlier day, over the bounds of the period ·
    `rate`: the same value at another rate · `removed`, `restored`: to the bin and back · `reopened`: it was closed on
    the first day · `moved`: to another stage · `category`: to another forecast category · `probability`: the same value
    at another probability, of its own or of its stage · `time`: nothing of the deal has changed, but the day from which
    the figure is counted."""

    NEW = "new"
    MOVED_IN = "moved_in"
    RESTORED = "restored"
    REOPENED = "reopened"
    PULLED_IN = "pulled_in"
    VALUE_UP = "value_up"
    VALUE_DOWN = "value_down"
    PROBABILITY = "probability"
    RATE = "rate"
    MOVED = "moved"
    CATEGORY = "category"
    TIME = "time"
    SLIPPED = "slipped"
    MOVED_OUT = "moved_out"
    REMOVED = "removed"
    WON = "won"
    LOST = "lost"


class Total(BaseModel, frozen=True):
    count: int = 0
    amount: Decimal = Decimal(0)


AMOUNT = pl.Decimal(38, 8)
"""A value has four digits, and a probability four."""

STATE = {
    "status": pl.String(),
    "removed": pl.Boolean(),
    "in_scope": pl.Boolean(),
    "expected_close": pl.Date(),
    "closed_on": pl.Date(),
    "stage_id": pl.Int64(),
    "entered_at": pl.Datetime("us", "UTC"),
    "category": pl.String(),
}
"""What is compared of a deal, in columns `…_before` and `…_after`; `status_before` is None where it was not known."""


def _changed(name: str) -> pl.Expr:
    return pl.col(f"{name}_before").ne_missing(pl.col(f"{name}_after"))


_LATER = pl.col("expected_close_after").is_null() | (
    pl.col("expected_close_after") > pl.col("expected_close_before")
).fill_null(value=False)
_OTHERWISE = [
    (Cause.SLIPPED, _changed("expected_close") & _LATER),
    (Cause.PULLED_IN, _changed("expected_close")),
    (Cause.REOPENED, _changed("closed_on")),
    (Cause.MOVED, _changed("stage_id") | _changed("entered_at")),
    (Cause.CATEGORY, _changed("category")),
    (Cause.TIME, pl.lit(value=True)),
]

LEFT = [
    (Cause.REMOVED, pl.col("removed_after")),
    *((kind, _changed("status") & (pl.col("status_after") == kind.value)) for kind in (Cause.WON, Cause.LOST)),
    (Cause.REOPENED, _changed("status")),
    (Cause.MOVED_OUT, ~pl.col("in_scope_after")),
    (Cause.RATE, pl.col("unrated_after")),
    (Cause.VALUE_DOWN, pl.col("unvalued_after")),
    *_OTHERWISE,
]
"""Why a deal stands in the second end no more: the first that holds."""

CAME = [
    (Cause.RESTORED, pl.col("removed_before")),
    *((kind, _changed("status") & (pl.col("status_after") == kind.value)) for kind in (Cause.WON, Cause.LOST)),
    (Cause.NEW, pl.col("status_before").is_null()),
    (Cause.REOPENED, _changed("status")),
    (Cause.MOVED_IN, ~pl.col("in_scope_before")),
    (Cause.RATE, pl.col("unrated_before")),
    (Cause.VALUE_UP, pl.col("unvalued_before")),
    *_OTHERWISE,
]
"""Why a deal did not stand in the first end yet: the first that holds."""


def explained(ends: pl.DataFrame) -> pl.DataFrame:
    """One row per deal and cause, with `cause` and `amount`. `ends` has one row per deal, with the columns of `STATE`
    on both sides; `in_before` and `in_after`, whether it stands in that end; `before` and `after`, its amounts there;
    `unrated_before` and `unrated_after`, whether it lacks a rate and does not stand in that end for this alone, and so
    of a value `unvalued_before` and `unvalued_after`; and of the change of one that stands in both the parts `by_value`
    and `by_rate`, and in `rest` the cause of the rest. The amounts of the rows add up to `after` less `before` over the
    deals that stand in each."""
    stayed, left, came = (
        pl.col("in_before") & pl.col("in_after"),
        pl.col("in_before") & ~pl.col("in_after"),
        ~pl.col("in_before") & pl.col("in_after"),
    )
    nothing = pl.lit(Decimal(0), AMOUNT)
    named = ("before", "after", "by_value", "by_rate")
    frame = ends.with_columns(pl.col(named).cast(AMOUNT))
    # An amount that is not known changes by nothing, and is told as unknown all the same.
    before, after, by_value, by_rate = (pl.col(name).fill_null(nothing) for name in named)
    up = pl.lit(Cause.VALUE_UP.value)
    stays = {
        "by_value": pl.when(by_value > nothing).then(up).otherwise(pl.lit(Cause.VALUE_DOWN.value)),
        "by_rate": pl.lit(Cause.RATE.value),
        "by_rest": pl.col("rest"),
    }
    kept = frame.filter(stayed).with_columns(by_rest=after - before - by_value - by_rate)
    return pl.concat(
        [
            frame.filter(left).with_columns(cause=_first_that_holds(LEFT), amount=nothing - before),
            frame.filter(came).with_columns(cause=_first_that_holds(CAME), amount=after),
            # A deal that stays at the same amount makes no difference; one without a value that comes or goes does.
            *(
                kept.filter(pl.col(part) != nothing).with_columns(cause=cause, amount=pl.col(part)).drop("by_rest")
                for part, cause in stays.items()
            ),
        ],
        how="vertical",
    ).with_columns(pl.col("amount").cast(AMOUNT))


def by_cause(found: pl.DataFrame) -> dict[Cause, Total]:
    """Of the rows of `explained`: only causes with deals, in the order of `Cause`."""
    sums = found.group_by("cause").agg(pl.len().alias("count"), pl.col("amount").sum())
    totals = {row["cause"]: Total(count=row["count"], amount=row["amount"]) for row in sums.iter_rows(named=True)}
    return {cause: totals[cause] for cause in Cause if cause in totals}


def total(ends: pl.DataFrame, side: str, type_: pl.Decimal = AMOUNT) -> Total:
    standing = ends.filter(f"in_{side}")
    return Total(count=standing.height, amount=standing[side].cast(type_).sum() or Decimal(0))


def cause_of(code: str) -> Cause:
    """Raises Invalid where the code is none."""
    if code not in set(Cause):
        raise Invalid(tr("“{value}” is not a cause of the bridge.", value=bounds.shown(code)), "cell")
    return Cause(code)


def _first_that_holds(causes: list[tuple[Cause, pl.Expr]]) -> pl.Expr:
    nothing: pl.Expr = pl.lit(None, pl.String)
    return reduce(
        lambda otherwise, each: pl.when(each[1]).then(pl.lit(each[0].value)).otherwise(otherwise),
        reversed(causes),
        nothing,
    )
