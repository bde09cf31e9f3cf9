"""The choices of the regional settings, as {value: what is shown for it}."""

from decimal import Decimal
from functools import cache
from zoneinfo import available_timezones

import phonenumbers
from babel import Locale
from babel.numbers import format_decimal

from crm.foundation import money
from crm.foundation.language import LANGUAGES, current, own_name

EXAMPLE = Decimal("1234.50")


def currencies() -> dict[str, str]:
    return _currencies(current())


@cache
def time_zones() -> dict[str, str]:
    return {name: name.replace("_", " ") for name in sorted(available_timezones())}


def regions() -> dict[str, str]:
    return _regions(current())


@cache
def languages() -> dict[str, str]:
    return {code: f"{own_name(code)}: {format_decimal(EXAMPLE, '#,##0.00', code)}" for code in LANGUAGES}


@cache
def _currencies(language: str) -> dict[str, str]:
    names = Locale.parse(language).currencies
    return {code: f"{code}: {names.get(code, code)}" for code in sorted(money.CURRENCIES)}


@cache
def _regions(language: str) -> dict[str, str]:
    names = Locale.parse(language).territories
    return {code: f"{code}: {names.get(code, code)}" for code in sorted(phonenumbers.SUPPORTED_REGIONS)}
