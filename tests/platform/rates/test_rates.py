"""Dated rates: who sets them, which one holds on a day, and what an amount comes to."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest

from crm.foundation.errors import Forbidden, Invalid, NotFound
from crm.platform import rates
from crm.platform.rates import MOST_DAYS
from crm.records import audit
from crm.store import Store
from crm.verify import verify
from tests.people import Team

DAY = date(2026, 3, 2)


@pytest.fixture
def set_rates(store: Store, team: Team) -> Iterator[Store]:
    """1 USD = 5.12 BRL since March 2nd, 5.40 on the 9th."""
    with store.writing(team.ada) as tx:
        rates.set_rate(tx, "usd", DAY, "5.12")
        rates.set_rate(tx, "USD", DAY + timedelta(days=7), Decimal("5.4"))
    yield store
    assert verify(store) == []


@pytest.mark.parametrize("name", ["marta", "ana", "rui", "vera"])
def test_everybody_reads_rates_and_only_who_manages_settings_changes_them(
    set_rates: Store, team: Team, name: str
) -> None:
    someone = getattr(team, name)
    with set_rates.reading(someone) as tx:
        before = rates.history(tx)
        assert [(one.day, one.rate) for one in before.items] == [
            (DAY + timedelta(days=7), Decimal("5.4")),
            (DAY, Decimal("5.12")),
        ]
    with pytest.raises(Forbidden), set_rates.writing(someone) as tx:
        rates.set_rate(tx, "EUR", DAY, 6)
    with pytest.raises(Forbidden), set_rates.writing(someone) as tx:
        rates.delete(tx, "USD", DAY)
    with set_rates.reading(someone) as tx:
        assert rates.history(tx) == before


def test_a_rate_set_again_takes_the_place_of_the_day_s_own_and_the_log_says_so(set_rates: Store, team: Team) -> None:
    with set_rates.writing(team.ada) as tx:
        changed = rates.set_rate(tx, "USD", DAY, "5.13")
        rates.set_rate(tx, "USD", DAY, "5.130")
    assert (changed.rate, changed.source) == (Decimal("5.13"), "hand")
    with set_rates.reading(team.ada) as tx:
        told = [entry.payload for entry in audit.find(tx, search="rate.set").items]
        assert rates.history(tx, "USD").total == 2
    assert [each["changes"]["rate"] for each in told] == [
        ["5.12", "5.13"], [None, "5.4"], [None, "5.12"],
    ]  # fmt: skip


def test_a_deleted_rate_leaves_the_day_to_the_one_before(set_rates: Store, team: Team) -> None:
    with set_rates.writing(team.ada) as tx:
        rates.delete(tx, "USD", DAY + timedelta(days=7))
        found = rates.rate_on(tx, "USD", DAY + timedelta(days=8))
        assert found is not None
        assert (found.rate, found.day) == (Decimal("5.12"), DAY)
    with pytest.raises(NotFound), set_rates.writing(team.ada) as tx:
        rates.delete(tx, "USD", DAY + timedelta(days=7))


@pytest.mark.parametrize(
    ("currency", "day", "rate", "said"),
    [
        ("BRL", DAY, 1, "own currency"),
        ("XYZ", DAY, 1, "is not a currency"),
        ("USD", date(2999, 1, 1), 1, "from 1900 to 2200"),
        ("USD", date(2199, 1, 1), 1, "to come"),
        ("USD", DAY, 0, "above zero"),
        ("USD", DAY, "-5", "above zero"),
        ("USD", DAY, "five", "is not a rate"),
        ("USD", DAY, "100000000", "too large"),
        ("USD", DAY, "0.0000000000001", "too small"),
        ("USD", DAY, "1e999999999", "too large"),
    ],
)
def test_what_is_no_rate_is_refused(
    set_rates: Store, team: Team, currency: str, day: date, rate: str, said: str
) -> None:
    with pytest.raises(Invalid, match=said), set_rates.writing(team.ada) as tx:
        rates.set_rate(tx, currency, day, rate)
    with set_rates.reading(team.ada) as tx:
        assert rates.history(tx).total == 2


def test_the_rate_of_a_day_is_the_latest_before_it_until_it_is_too_old(set_rates: Store, team: Team) -> None:
    with set_rates.reading(team.vera) as tx:
        held = [
            rates.rate_on(tx, "USD", DAY + timedelta(days=days)) for days in (-1, 0, 6, 7, 7 + MOST_DAYS, 8 + MOST_DAYS)
        ]
        assert [found and str(found.rate.normalize()) for found in held] == [None, "5.12", "5.12", "5.4", "5.4", None]
        assert rates.rate_on(tx, "EUR", DAY) is None
        own = rates.rate_on(tx, "BRL", date(1990, 1, 1))
        assert own is not None
        assert (own.rate, own.day) == (1, None)
        converted = rates.convert(tx, Decimal("10.01"), "USD", DAY + timedelta(days=1))
    assert converted is not None
    assert (converted.amount, converted.currency, converted.day) == (Decimal("51.25"), "BRL", DAY)
