"""Laws of rates: SQL and Python convert alike and exactly, and choose the rate that an oracle chooses."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm.foundation.access import SYSTEM
from crm.platform import rates
from crm.platform.rates import MOST_DAYS
from crm.platform.rates.conversion import AMOUNT, RATE, at_rate
from crm.platform.rates.model import rounded_rate
from crm.store import Store

PLACES = {"BRL": 2, "JPY": 0, "KWD": 3}
START = date(2026, 1, 1)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store(tmp_path_factory.mktemp("rates") / "store", threads=1)
    yield store
    store.close()


@settings(max_examples=200, deadline=None)
@given(
    amount=st.decimals(0, Decimal("99999999999999.9999"), places=4),
    rate=st.decimals(Decimal("0.000000000001"), Decimal("99999999"), places=12),
    base=st.sampled_from(sorted(PLACES)),
)
@example(amount=Decimal("0.5"), rate=Decimal("0.05"), base="BRL")
@example(amount=Decimal("1.5"), rate=Decimal("0.05"), base="BRL")
@example(amount=Decimal("99999999999999.9999"), rate=Decimal("99999999"), base="KWD")
def test_an_amount_is_converted_exactly_and_rounded_half_even_in_sql_and_in_a_frame(
    empty: Store, amount: Decimal, rate: Decimal, base: str
) -> None:
    places = PLACES[base]
    # round() of a Fraction is half-even.
    expected = Decimal(round(Fraction(amount) * Fraction(rate) * 10**places)).scaleb(-places)
    with empty.reading(SYSTEM) as tx:
        found = tx.value(
            f"""
            SELECT {rates.converted("amount", "rate", base)}
            FROM (SELECT $amount::DECIMAL(18, 4) AS amount, $rate::DECIMAL(20, 12) AS rate)
            """,
            amount=amount,
            rate=rate,
        )
    assert found == expected
    frame = pl.DataFrame({"amount": [amount], "rate": [rate]}, schema={"amount": AMOUNT, "rate": RATE})
    (in_frame,) = frame.select(rates.converted_column(pl.col("amount"), pl.col("rate"), base)).to_series()
    assert in_frame == expected
    if expected < Decimal("99999999999999"):
        assert at_rate(amount, rate, base) == expected


@settings(max_examples=200, deadline=None)
@given(amount=st.decimals(0, Decimal("9999999999"), places=2), rate=st.decimals(Decimal("0.01"), 1000, places=6))
def test_there_and_back_an_amount_moves_by_no_more_than_the_roundings(amount: Decimal, rate: Decimal) -> None:
    there = at_rate(amount, rate, "BRL")
    back = at_rate(there, rounded_rate(1 / rate), "USD")
    # Half a cent there, worth 1/rate here, half a cent here, and the twelfth place of the rate for each unit.
    most = Fraction(1, 200) / Fraction(rate) + Fraction(1, 200) + Fraction(there) * Fraction(1, 10**12)
    assert abs(Fraction(back) - Fraction(amount)) <= most


@dataclass(frozen=True)
class Known:
    currency: str
    day: date
    rate: Decimal


DAYS = st.integers(0, 120).map(lambda days: START + timedelta(days=days))
KNOWN = st.lists(
    st.builds(Known, st.sampled_from(["USD", "EUR"]), DAYS, st.decimals(Decimal("0.1"), 9, places=3)),
    unique_by=lambda one: (one.currency, one.day),
    max_size=12,
)
ASKED = st.lists(st.tuples(st.sampled_from(["USD", "EUR", "BRL", "GBP"]), DAYS | st.none()), min_size=1, max_size=12)


def oracle(known: list[Known], currency: str, day: date | None) -> tuple[Decimal | None, date | None]:
    """The rate of a day and the day that it is of."""
    if currency == "BRL":
        return Decimal(1), None
    usable = [
        one
        for one in known
        if day and one.currency == currency and timedelta() <= day - one.day <= timedelta(days=MOST_DAYS)
    ]
    last = max(usable, key=lambda one: one.day, default=None)
    return (last.rate, last.day) if last else (None, None)


@settings(max_examples=60, deadline=None)
@given(known=KNOWN, asked=ASKED)
def test_the_rate_of_each_row_is_the_one_that_an_oracle_chooses(
    empty: Store, known: list[Known], asked: list[tuple[str, date | None]]
) -> None:
    with empty.writing(SYSTEM) as tx:
        tx.run("DELETE FROM base.currency_rates")
        tx.insert_frame(
            pl.DataFrame(
                [(one.currency, one.day, one.rate) for one in known],
                schema={"currency": pl.String, "day": pl.Date, "rate": pl.Decimal(20, 12)},
                orient="row",
            ),
            """
            INSERT INTO base.currency_rates (base_currency, currency, day, rate, source, set_by, set_at)
            SELECT 'BRL', currency, day, rate, 'hand', 0, now() FROM frame
            UNION ALL
            SELECT 'MXN', currency, day, rate * 3, 'hand', 0, now() FROM frame
            """,
        )
    rows = pl.DataFrame(
        [(place, *one) for place, one in enumerate(asked)],
        schema={"place": pl.Int64, "currency": pl.String, "closed_on": pl.Date},
        orient="row",
    )
    with empty.reading(SYSTEM) as tx:
        tx.bulk("asked", rows)
        found = tx.rows(f"SELECT * FROM ({rates.rated('FROM temp.asked', 'closed_on')}) ORDER BY place")
        tx.drop("asked")
        by_one = [rates.rate_on(tx, currency, day) for currency, day in asked if day]
    assert [(row["rate"], row["rated_on"]) for row in found] == [oracle(known, *one) for one in asked]
    assert [(one.rate, one.day) if one else (None, None) for one in by_one] == [
        oracle(known, *one) for one in asked if one[1]
    ]
