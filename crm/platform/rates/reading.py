"""Rates as they are shown and handed out: the latest of each currency, and their history."""

from datetime import date
from decimal import Decimal

from pydantic import BaseModel

from crm.foundation.errors import NotFound
from crm.foundation.language import tr
from crm.platform.rates.model import Rate
from crm.store import Reading
from crm.store.kept import kept

TREND_DAYS = 365
"""How far back the trend of a currency goes, from its latest rate."""
TREND_POINTS = 60


class CurrencyRates(BaseModel, frozen=True):
    """The rates of one currency: the latest, how many there are since when, and the trend of a year."""

    latest: Rate
    count: int
    first_day: date
    trend: tuple[Decimal, ...]
    """At most `TREND_POINTS`, evenly spread by number, the latest last."""

    @property
    def currency(self) -> str:
        return self.latest.currency


class History(BaseModel, frozen=True):
    items: list[Rate]
    total: int


@kept
def base_currency(tx: Reading) -> str:
    """The workspace's currency, into which rates convert. (That of an actor is not known for the product itself.)"""
    return str(tx.value("SELECT currency FROM base.workspace"))


@kept
def latest(tx: Reading) -> list[CurrencyRates]:
    """The currencies that have rates, by code."""
    found = tx.rows(
        """
        SELECT
            max_by(dated, dated.day) AS latest,
            count(*) AS count,
            min(dated.day) AS first_day
        FROM currency_rates AS dated
        GROUP BY dated.currency
        ORDER BY dated.currency
        """
    )
    trends = tx.rows(
        f"""
        WITH recent AS (
            SELECT
                currency,
                day,
                rate,
                row_number() OVER (PARTITION BY currency ORDER BY day DESC) - 1 AS age,
                count(*) OVER (PARTITION BY currency) AS many
            FROM currency_rates
            SEMI JOIN (
                SELECT currency, max(day) - {TREND_DAYS} AS since FROM currency_rates GROUP BY currency
            ) AS year ON year.currency = currency_rates.currency AND currency_rates.day >= year.since
        )
        SELECT currency, list(rate ORDER BY day) AS trend
        FROM recent
        WHERE age % greatest(ceil(many / {TREND_POINTS})::BIGINT, 1) = 0
        GROUP BY currency
        """
    )
    points = {row["currency"]: tuple(row["trend"]) for row in trends}
    return [
        CurrencyRates(
            latest=Rate(**row["latest"]),
            count=row["count"],
            first_day=row["first_day"],
            trend=points[row["latest"]["currency"]],
        )
        for row in found
    ]


@kept
def history(
    tx: Reading,
    currency: str | None = None,
    *,
    first: date | None = None,
    end: date | None = None,
    limit: int = 50,
    offset: int = 0,
) -> History:
    """Rates of days from `first` up to but excluding `end`, newest first; of one currency, or of all."""
    conditions = {"currency": currency, "first": first, "end": end}
    where = """
        WHERE ($currency IS NULL OR currency = $currency)
          AND ($first IS NULL OR day >= $first)
          AND ($end IS NULL OR day < $end)
    """
    found = tx.rows(
        f"SELECT * FROM currency_rates {where} ORDER BY day DESC, currency LIMIT $limit OFFSET $offset",
        **conditions,
        limit=limit,
        offset=offset,
    )
    total = tx.value(f"SELECT count(*) FROM currency_rates {where}", **conditions)
    return History(items=[Rate(**row) for row in found], total=total)


def get(tx: Reading, currency: str, day: date) -> Rate:
    """The rate that was set for this very day. Raises NotFound where there is none."""
    found = tx.rows(
        "SELECT * FROM currency_rates WHERE currency = $currency AND day = $day", currency=currency, day=day
    )
    if not found:
        raise NotFound(tr("rate"))
    return Rate(**found[0])
