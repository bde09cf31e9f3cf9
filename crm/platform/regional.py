"""Regional settings of the workspace: currency, time zone, region, language of numbers; guessed for a new workspace."""

import os
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import available_timezones

import phonenumbers
import pytz
from babel.core import get_global
from babel.numbers import get_territory_currencies
from pydantic import BaseModel

from crm.foundation import money
from crm.foundation.language import preferred

MOST_PEOPLE = {"AU": "Australia/Sydney", "BR": "America/Sao_Paulo", "CA": "America/Toronto", "RU": "Europe/Moscow"}
"""The zone most people live in, where the time zone database lists another of the region first."""

MOST_LANGUAGES = 20


class Regional(BaseModel, frozen=True):
    currency: str
    time_zone: str
    region: str
    locale: str


def guessed(languages: str | None, machine_zone: str | None, usual: Regional) -> Regional:
    """Settings for whoever prefers `languages`, as an Accept-Language header or LANG gives them; `usual` where they
    name no region. `machine_zone` is the machine's time zone, if it has one."""
    found = next(_regions(languages or ""), None)
    if found is None:
        return usual.model_copy(update={"time_zone": machine_zone or usual.time_zone})
    language, region = found
    currencies = [code for code in get_territory_currencies(region) if code in money.CURRENCIES]
    return Regional(
        currency=currencies[0] if currencies else usual.currency,
        time_zone=machine_zone or _zone_of(region) or usual.time_zone,
        region=region,
        locale=preferred(language) or usual.locale,
    )


def zone_of_machine() -> str | None:
    """The time zone that this machine is set to; None where it has none but UTC, as servers and containers do."""
    name = os.environ.get("TZ", "").removeprefix(":")
    if not name:
        _, _, name = str(Path("/etc/localtime").resolve()).partition("zoneinfo/")
    return name if "/" in name and not name.startswith("Etc/") and name in available_timezones() else None


def _regions(languages: str) -> Iterator[tuple[str, str]]:
    """(language, region) of each language tag that names or implies a region, the preferred first."""
    tags = [_weighed(tag) for tag in languages.split(",")[:MOST_LANGUAGES]]
    for _, tag in sorted(tags, key=lambda each: -each[0]):
        language, *others = tag.partition(".")[0].replace("_", "-").split("-")
        likely = get_global("likely_subtags").get(language.lower(), "").split("_")
        region = next((part.upper() for part in others if len(part) == 2), likely[-1])
        if region in phonenumbers.SUPPORTED_REGIONS:
            yield language.lower(), region


def _weighed(tag: str) -> tuple[float, str]:
    """A tag of an Accept-Language header with its weight, 1 where none is given or it is no number."""
    name, _, weight = tag.partition(";q=")
    try:
        return float(weight or 1), name.strip()
    except ValueError:
        return 1.0, name.strip()


def _zone_of(region: str) -> str | None:
    return MOST_PEOPLE.get(region) or next(iter(pytz.country_timezones.get(region, ())), None)
