"""Conversion into the workspace's currency at the rate of a day: of one amount, and of a query's rows.

The rate of a day is the latest one on or before it, at most `MOST_DAYS` earlier. An amount times its rate is rounded
half-even to the minor unit of the workspace's currency, each amount by itself: the parts of a figure add up to it.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType

import polars as pl
from pydantic import BaseModel

from crm.foundation import money
from crm.platform.rates.model import EXACT
from crm.platform.rates.reading import base_currency
from crm.store import Reading
from crm.store.kept import kept

MOST_DAYS = 31
"""How old a rate may be. Banks' holidays are days; a month without a rate is a rate that nobody keeps."""


class DatedRate(BaseModel, frozen=True):
    """The rate asked for, and the day that it is of. `day` is None for the workspace's own currency, whose rate is
    1."""

    rate: Decimal
    day: date | None


class Conversion(BaseModel, frozen=True):
    """An amount in the workspace's currency, and the rate that it was converted at."""

    amount: Decimal
    currency: str
    rate: Decimal
    day: date | None


@kept
def rate_on(tx: Reading, currency: str, day: date) -> DatedRate | None:
    """The rate of a currency on a day; None where there is none that is not too old."""
    if currency == base_currency(tx):
        return DatedRate(rate=Decimal(1), day=None)
    found = tx.rows(
        """
        SELECT rate, day
        FROM currency_rates
        WHERE currency = $currency AND day BETWEEN $oldest AND $day
        ORDER BY day DESC
        LIMIT 1
        """,
        currency=currency,
        day=day,
        oldest=day - timedelta(days=MOST_DAYS),
    )
    return DatedRate(**found[0]) if found else None


@kept
def of_day(tx: Reading, day: date) -> Mapping[str, DatedRate]:
    """{currency: the rate of a day} of all currencies that have one; the workspace's own has none."""
    usable = _dated(tx).filter(pl.col("day").is_between(day - timedelta(days=MOST_DAYS), day))
    latest = usable.group_by("currency").last().rows()
    return MappingProxyType({currency: DatedRate(rate=rate, day=of) for currency, of, rate in latest})


@kept
def _dated(tx: Reading) -> pl.DataFrame:
    """All rates by day: read once for whatever days a page asks for."""
    return tx.frame("SELECT currency, day, rate FROM currency_rates ORDER BY day")


def amounts_on(tx: Reading, deals: pl.DataFrame, own: str, day: date) -> pl.DataFrame:
    """The frame, which has `value` and `currency`, with a column `amount` more: the value in `own`, the workspace's
    currency, at the rate of the day, as `convert` rounds it; None where there is no value, or no rate."""
    if deals.is_empty() or deals["currency"].eq(own).all():
        return deals.with_columns(amount=pl.col("value").cast(AMOUNT))
    found = of_day(tx, day)
    rate = pl.col("currency").replace_strict(
        pl.Series(list(found), dtype=pl.String),
        pl.Series([each.rate for each in found.values()], dtype=RATE),
        default=None,
        return_dtype=RATE,
    )
    return deals.with_columns(amount=_in_own(rate, own))


def amounts_at(tx: Reading, deals: pl.DataFrame, own: str, day: str) -> pl.DataFrame:
    """As `amounts_on`, each at the rate of the day in the column `day`; in any order."""
    if deals.is_empty() or deals["currency"].eq(own).all():
        return deals.with_columns(amount=pl.col("value").cast(AMOUNT))
    rated = deals.sort(day).join_asof(
        _dated(tx).with_columns(pl.col("rate").cast(RATE)).rename({"day": "rated_on"}),
        left_on=day,
        right_on="rated_on",
        by="currency",
        tolerance=timedelta(days=MOST_DAYS),
        check_sortedness=False,
    )
    return rated.with_columns(amount=_in_own(pl.col("rate"), own)).drop("rate", "rated_on")


def _in_own(rate: pl.Expr, own: str) -> pl.Expr:
    as_it_is, foreign = pl.col("value").cast(AMOUNT), converted_column(pl.col("value"), rate, own)
    return pl.when(pl.col("currency") == own).then(as_it_is).otherwise(foreign)


def converted_column(value: pl.Expr, rate: pl.Expr, currency: str) -> pl.Expr:
    """As `converted`, in Polars: values times rates, both decimals, an `AMOUNT`."""
    # In whole numbers, since Polars rounds a product of decimals half away from zero, to the digits of the finer one.
    places = -int(money.minor_unit(currency).as_tuple().exponent)
    unit = 10 ** (16 - places)
    product = (value.cast(AMOUNT) * 10**4).cast(pl.Int128) * (rate.cast(RATE) * 10**12).cast(pl.Int128)
    whole, rest = product // unit, product % unit
    up = (rest > unit // 2) | ((rest == unit // 2) & (whole % 2 == 1))
    rounded = (whole + up.cast(pl.Int128)) * 10 ** (4 - places)
    amount: pl.Expr = (rounded.cast(pl.Decimal(38, 0)) * Decimal("0.0001")).cast(AMOUNT)
    return amount


RATE = pl.Decimal(38, 12)
AMOUNT = pl.Decimal(38, 4)
"""Wider than a value: a sum may have more digits."""


def convert(tx: Reading, amount: Decimal, currency: str, day: date) -> Conversion | None:
    """The amount in the workspace's currency at the rate of the day; None where there is no rate."""
    base, found = base_currency(tx), rate_on(tx, currency, day)
    if found is None:
        return None
    return Conversion(amount=at_rate(amount, found.rate, base), currency=base, rate=found.rate, day=found.day)


def at_rate(amount: Decimal, rate: Decimal, currency: str) -> Decimal:
    """The amount times the rate, rounded half-even to the currency's minor unit."""
    return money.rounded(EXACT.multiply(amount, rate), currency)


def rated(rows: str, day: str) -> str:
    """SQL: the rows of the query `rows`, which have a `currency`, and a day in the column `day`, with two columns more:
    `rate`, of that day, NULL where there is none; and `rated_on`, the day that the rate is of, NULL for the workspace's
    own currency."""
    usable = f"dated.day >= given.{day} - {MOST_DAYS}"
    return f"""
        SELECT
            given.*,
            CASE WHEN given.currency = own.currency THEN 1::DECIMAL(20, 12) WHEN {usable} THEN dated.rate END AS rate,
            CASE WHEN given.currency <> own.currency AND {usable} THEN dated.day END AS rated_on
        FROM ({rows}) AS given
        CROSS JOIN base.workspace AS own
        ASOF LEFT JOIN currency_rates AS dated ON dated.currency = given.currency AND given.{day} >= dated.day
    """


def converted(value: str, rate: str, currency: str) -> str:
    """SQL: a value of deals, orders or lines (DECIMAL(18, 4), not negative) times a rate, as `convert` rounds it to the
    minor unit of `currency`, the workspace's: a DECIMAL(28, 4)."""
    # In whole numbers, since the engine rounds decimals half away from zero; cast first, since it multiplies those of
    # 18 digits in 18.
    places = -int(money.minor_unit(currency).as_tuple().exponent)
    unit = 10 ** (16 - places)
    product = f"(({value})::DECIMAL(38, 4) * 10000)::HUGEINT * (({rate}) * {10**12}::DECIMAL(13, 0))::HUGEINT"
    whole, rest = f"(({product}) // {unit}::HUGEINT)", f"(({product}) % {unit}::HUGEINT)"
    up = f"({rest} > {unit // 2} OR ({rest} = {unit // 2} AND {whole} % 2 = 1))"
    return f"""
        (
            ({whole} + {up}::INTEGER)::DECIMAL(28, 0) * {money.minor_unit(currency):f}::DECIMAL({places + 1}, {places})
        )::DECIMAL(28, 4)
    """
