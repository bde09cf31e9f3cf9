"""The amounts of a report: those of one currency, or of all, converted into the workspace's at dated rates."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from pydantic import BaseModel

from crm.foundation import money
from crm.platform import rates
from crm.store import Reading, Row


class RateUsed(BaseModel, frozen=True):
    """A rate that deals were converted at, and the day that it is of."""

    currency: str
    rate: rates.Value
    day: date
    deals: int


class Amounts(BaseModel, frozen=True):
    """What a report adds up: the deals in `currency` alone, or also those in every other currency that has a rate."""

    currency: str
    alone: bool

    @classmethod
    def of(cls, tx: Reading, currency: str | None) -> "Amounts":
        """Of the given currency alone; without one, of all in the workspace's. Raises Invalid for what is no
        currency."""
        return cls(currency=money.currency(currency or tx.actor.currency), alone=bool(currency))

    def sql(self, deals: str) -> str:
        """SQL: the deals of the query `deals`, which have currency, value, weight, and in `rate_day` the day whose rate
        converts them, with parameters `params()`.

        Columns more: `rate`, NULL for a deal that the report leaves out; `rated_on`, the day of the rate, NULL where
        nothing was converted; and `amount` and `weighted_amount` in `amount_currency`, which is the report's, or for a
        deal left out its own.
        """
        if self.alone:
            rated = f"SELECT *, if(currency = $currency, 1, NULL) AS rate, NULL::DATE AS rated_on FROM ({deals})"
        else:
            rated = rates.rated(deals, "rate_day")
        # The workspace's own amounts are not rounded: they are as they were entered.
        return f"""
            SELECT
                *,
                amount::DECIMAL(38, 4) * weight AS weighted_amount
            FROM (
                SELECT
                    *,
                    if(rate IS NULL, currency, $currency) AS amount_currency,
                    if(rated_on IS NULL, value, {rates.converted("value", "rate", self.currency)}) AS amount
                FROM ({rated}) AS rated
            ) AS counted
        """

    def params(self) -> dict[str, Any]:
        return {"currency": self.currency}


def unconverted(deals: str) -> str:
    """SQL: the deals of the query `deals`, which have currency, value and weighted, with the same columns more, where a
    figure is of counts: each deal's amount is its own."""
    return f"""
        SELECT
            *,
            1 AS rate,
            NULL::DATE AS rated_on,
            currency AS amount_currency,
            value AS amount,
            weighted AS weighted_amount
        FROM ({deals}) AS counted
    """


def rates_used(groups: Iterable[Row]) -> list[RateUsed]:
    """Of groups of deals with currency, rate, rated_on and count: by currency, then by day."""
    found: dict[tuple[str, date], RateUsed] = {}
    for row in groups:
        if (day := row["rated_on"]) is not None:
            key = row["currency"], day
            deals = row["count"] + (found[key].deals if key in found else 0)
            found[key] = RateUsed(currency=row["currency"], rate=row["rate"], day=day, deals=deals)
    return [found[key] for key in sorted(found)]


def left_out(groups: Iterable[Row]) -> dict[str, int]:
    """Of the same groups, {currency: how many deals the report leaves out}, by currency."""
    found: dict[str, int] = {}
    # Sorted: the currencies are listed by name, whatever order the engine groups in.
    for row in sorted(groups, key=lambda row: row["currency"]):
        if row["rate"] is None:
            found[row["currency"]] = found.get(row["currency"], 0) + row["count"]
    return found
