"""The choices of the regional settings, as {value: what is shown for it}."""

from functools import cache
from zoneinfo import available_timezones

import phonenumbers
from babel import Locale

from crm.foundation import money
from crm.platform import regional

ENGLISH = Locale("en")


@cache
def currencies() -> dict[str, str]:
    return {code: f"{code}: {ENGLISH.currencies.get(code, code)}" for code in sorted(money.CURRENCIES)}


@cache
def time_zones() -> dict[str, str]:
    return {name: name.replace("_", " ") for name in sorted(available_timezones())}


@cache
def regions() -> dict[str, str]:
    return {code: f"{code}: {ENGLISH.territories.get(code, code)}" for code in sorted(phonenumbers.SUPPORTED_REGIONS)}


@cache
def languages() -> dict[str, str]:
    shown = {"en": "English: 1,234.50", "pt_BR": "Português (Brasil): 1.234,50"}
    return {locale: shown[locale] for locale in regional.LOCALES}
