"""Money: an amount is a `Decimal` with an ISO 4217 currency; amounts of different currencies are never added up."""

from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

from babel.numbers import format_compact_currency, format_currency, get_currency_precision, list_currencies

from crm.foundation import bounds
from crm.foundation.errors import Invalid
from crm.foundation.language import tr

CURRENCIES: frozenset[str] = frozenset(list_currencies())

LARGEST = Decimal("99999999999999")
"""The largest amount of a DECIMAL(18, 4) column."""


def currency(code: str) -> str:
    """The ISO code in upper case. Raises Invalid where there is no such currency."""
    found = code.strip().upper()
    if found not in CURRENCIES:
        raise Invalid(
            tr(
                "“{code}” is not a currency. Give its three-letter code, such as BRL, USD or EUR.",
                code=bounds.shown(code),
            ),
            "currency",
        )
    return found


def minor_unit(code: str) -> Decimal:
    """The smallest amount of a currency: 0.01 for BRL, 1 for JPY, 0.001 for KWD (CLDR, by Babel)."""
    return Decimal(1).scaleb(-get_currency_precision(code))


def rounded(amount: Decimal, code: str) -> Decimal:
    """The amount, rounded half-even to the currency's minor unit. Raises Invalid where it is too large to keep."""
    if not amount.is_finite() or abs(amount) > LARGEST:
        shown = bounds.shown(amount)
        raise Invalid(
            tr("{shown} is not an amount that can be kept; the limit is {largest:,}.", shown=shown, largest=LARGEST),
            "value",
        )
    return amount.quantize(minor_unit(code), ROUND_HALF_EVEN)


def amount(text: str | int | Decimal, code: str) -> Decimal:
    """A typed amount, rounded. Raises Invalid where it is not a number, or negative."""
    found = bounds.number(text)
    if found is None:
        raise Invalid(tr("“{value}” is not an amount. Write it as 1234.50.", value=bounds.shown(text)), "value")
    if found < 0:
        raise Invalid(tr("A value cannot be negative."), "value")
    return rounded(found, code)


FINEST = Decimal("0.0001")
"""Prices and quantities may be finer than a currency's minor unit, up to what a DECIMAL(18, 4) column holds."""


def exact(text: str | int | Decimal, field: str, name: str) -> Decimal:
    """A price, quantity or rate as given, never rounded. Raises Invalid, which calls the value by `name`, where it is
    no number, negative, too large, or has more than four decimal places."""
    found, value, called = bounds.number(text), bounds.shown(text), tr(name)
    if found is None:
        raise Invalid(tr("“{value}” is not a {name}. Write it as 1234.50.", value=value, name=called), field)
    if abs(found) > LARGEST:
        message = tr(
            "{value} is not a {name} that can be kept; the limit is {largest:,}.",
            value=value,
            name=called,
            largest=LARGEST,
        )
        raise Invalid(message, field)
    if found < 0:
        raise Invalid(tr("A {name} cannot be negative.", name=called), field)
    if found != found.quantize(FINEST):
        message = tr("A {name} has at most four decimal places; {value} has more.", name=called, value=value)
        raise Invalid(message, field)
    return found.quantize(FINEST)


@lru_cache(maxsize=1 << 14)  # a board shows hundreds, mostly the same at every rerun; CLDR's patterns are slow
def shown(amount: Decimal | None, code: str, locale: str) -> str:
    """The amount for people, such as R$ 1.234,50 in the locale's format; “–” where there is none."""
    return "–" if amount is None else str(format_currency(amount, code, locale=locale))


def shown_exactly(amount: Decimal, code: str, locale: str) -> str:
    """As `shown`, with all the decimal places of a price: R$ 0,0125."""
    if amount == amount.quantize(minor_unit(code)):
        return shown(amount, code, locale)
    return str(format_currency(amount.normalize(), code, locale=locale, decimal_quantization=False))


@lru_cache(maxsize=1 << 12)
def compact(amount: Decimal, code: str, locale: str) -> str:
    """The amount for headlines: R$1.2M; below a thousand in full, R$625 or R$625.03."""
    # Rounded first: 999.999 shows as 1,000 in full and so belongs to the abbreviated ones.
    small = amount.quantize(minor_unit(code), ROUND_HALF_EVEN) if abs(amount) < 1000 else amount
    if abs(small) < 1000 and small % 1:
        return shown(small, code, locale)
    return str(format_compact_currency(small, code, locale=locale, fraction_digits=1 if abs(small) >= 1000 else 0))
