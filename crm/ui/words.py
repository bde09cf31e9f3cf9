"""How values are written for people, and how text of people is kept from being read as markup."""

import re
from datetime import date, datetime
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton, format_timedelta, get_datetime_format
from babel.numbers import format_decimal

from crm.foundation.language import current

Colour = Literal["red", "orange", "yellow", "blue", "green", "violet", "gray", "grey", "primary"]
"""What badges take."""

# Beyond CommonMark: Streamlit reads `$` as LaTeX, and `:` as the start of icons and colours.
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|~<>$:&])")

_BREAK = re.compile(r"[\r\n]")
"""Markdown ends a line at either: a second line of “===” would make a heading of the first."""


def plain(text: str | None) -> str:
    """Escape text that a person wrote, for where Streamlit reads Markdown: labels, captions, st.markdown."""
    return _MARKUP.sub(r"\\\1", _BREAK.sub(" ", text or ""))


def badge(text: str | None, colour: Colour, icon: str = "") -> str:
    """A badge as Markdown; `icon` is the name of a Material symbol."""
    return f":{colour}-badge[{f':material/{icon}: ' if icon else ''}{plain(text)}]"


def counted(many: int, noun: str) -> str:
    """1 note, 2 notes."""
    return f"{many:,} {noun}{'' if many == 1 else 's'}"


def number(value: int) -> str:
    """1,234, grouped as the reader's language does."""
    return str(format_decimal(value, locale=current()))


# Lists show the same days and moments at every run, and Babel reads the pattern anew at each call.
@lru_cache(maxsize=1 << 12)
def day(value: date | None, locale: str = "en") -> str:
    return "–" if value is None else str(format_date(value, "medium", locale=locale))


@lru_cache(maxsize=1 << 14)
def moment(value: datetime | None, time_zone: str, locale: str = "en") -> str:
    """The moment on the workspace's clock, such as Nov 22, 2026, 16:48."""
    if value is None:
        return "–"
    there = value.astimezone(ZoneInfo(time_zone))
    both = str(get_datetime_format("medium", locale=locale))  # {1} is the day, {0} the time
    time = str(format_skeleton("Hm", there, locale=locale))
    return both.replace("{1}", day(there.date(), locale)).replace("{0}", time)


def ago(value: datetime | None, now: datetime, locale: str = "en") -> str:
    """How long ago, in the largest unit, such as 3 hours ago."""
    return "–" if value is None else str(format_timedelta(value - now, add_direction=True, locale=locale))
