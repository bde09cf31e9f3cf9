"""A rate, and what is one: positive, at most twelve decimal places, of a day that has come."""

from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, PlainSerializer

from crm.foundation import bounds, money
from crm.foundation.errors import Invalid
from crm.foundation.language import later, tr

FINEST = Decimal("0.000000000001")
LARGEST = Decimal("99999999")
"""The column is a DECIMAL(20, 12)."""

EXACT = Context(prec=80)
"""For products and quotients of amounts and rates, which have more digits than the 28 of Python's own context."""


class Source(StrEnum):
    HAND = later("by hand")
    FILE = later("from a file")
    FETCH = later("fetched")
    REBASED = later("computed as the workspace took another currency")

    @property
    def stored(self) -> str:
        return self.name.lower()

    @classmethod
    def of(cls, stored: str) -> "Source":
        return cls[stored.upper()]


def plain(rate: Decimal) -> str:
    """The rate without the zeros that fill its column."""
    return f"{rate.normalize(EXACT):f}"


Value = Annotated[Decimal, PlainSerializer(plain, return_type=str, when_used="json")]


class Rate(BaseModel, frozen=True):
    """What one unit of `currency` was worth on a day, in `base_currency`, the workspace's."""

    base_currency: str
    currency: str
    day: date
    rate: Value
    source: str
    """hand, file, fetch or rebased."""
    set_by: int
    set_at: datetime


def checked_currency(code: str, base: str) -> str:
    """The code in upper case. Raises Invalid for what is no currency, and for the workspace's own."""
    found = money.currency(code)
    if found == base:
        raise Invalid(
            tr("{currency} is the workspace's own currency: its rate is 1, on every day.", currency=base), "currency"
        )
    return found


def checked_day(given: object, today: date) -> date:
    found = bounds.checked_day(given, "day", later("day"))
    if found > today:
        raise Invalid(tr("The rate of a day to come is not known: give today or a day before it."), "day")
    return found


def checked_rate(given: object) -> Decimal:
    """The rate, rounded half-even to twelve decimal places. Raises Invalid for what is no number above zero, or too
    large to keep."""
    found = bounds.number(given)
    if found is None:
        raise Invalid(tr("“{value}” is not a rate. Write it as 5.4321.", value=bounds.shown(given)), "rate")
    if found <= 0:
        raise Invalid(tr("A rate is above zero."), "rate")
    if found > LARGEST:
        raise Invalid(
            tr(
                "{value} is too large for a rate; the limit is {largest:,}.", value=bounds.shown(given), largest=LARGEST
            ),
            "rate",
        )
    rounded = rounded_rate(found)
    if not rounded:
        raise Invalid(tr("{value} is too small for a rate: twelve decimal places are kept.", value=given), "rate")
    return rounded


def rounded_rate(rate: Decimal) -> Decimal:
    return rate.quantize(FINEST, ROUND_HALF_EVEN, EXACT)
