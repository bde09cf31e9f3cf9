"""Amounts: rounded half-even to the currency's minor unit, never negative, never of an unknown currency."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from crm.foundation import money
from crm.foundation.errors import Invalid


@pytest.mark.parametrize(
    ("typed", "code", "kept"),
    [
        ("2.345", "BRL", "2.34"),
        ("2.355", "BRL", "2.36"),
        ("0.5", "JPY", "0"),
        ("1.5", "JPY", "2"),
        ("1.2345", "KWD", "1.234"),
        (7, "USD", "7.00"),
    ],
)
def test_an_amount_is_rounded_half_even_to_the_minor_unit(typed: str | int, code: str, kept: str) -> None:
    assert str(money.amount(typed, code)) == kept


@pytest.mark.parametrize("typed", ["abc", "", "NaN", "Infinity", "-1", "1e30", "1,50"])
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refusal:
        money.amount(typed, "BRL")
    assert refusal.value.field == "value"


def test_a_currency_is_known_by_its_code() -> None:
    assert money.currency(" brl ") == "BRL"
    with pytest.raises(Invalid, match="three-letter code"):
        money.currency("REAL")


def test_a_headline_has_no_fraction_of_the_minor_unit() -> None:
    assert money.compact(Decimal("625.025"), "BRL", "en") == "R$625.02"
    assert money.compact(Decimal("650.5"), "USD", "en") == "$650.50"
    assert money.compact(Decimal("625.0000"), "USD", "en") == "$625"
    assert money.compact(Decimal("999.999"), "USD", "en") == "$1K"
    assert money.compact(Decimal("12500.5"), "BRL", "en") == "R$12.5K"


def test_money_is_shown_in_the_persons_way() -> None:
    assert money.shown(Decimal("1234.5"), "BRL", "pt_BR").replace("\xa0", " ") == "R$ 1.234,50"
    assert money.shown(Decimal("1234.5"), "USD", "en") == "$1,234.50"
    assert money.shown(None, "USD", "en") == "–"


@given(some.decimals(min_value=0, max_value=10**14 - 1, places=6), some.sampled_from(["BRL", "JPY", "KWD", "CLF"]))
def test_rounding_is_stable_and_moves_by_half_a_unit_at_most(amount: Decimal, code: str) -> None:
    kept = money.rounded(amount, code)
    assert money.rounded(kept, code) == kept
    assert abs(kept - amount) <= money.minor_unit(code) / 2
