"""How values are written for people, and how text of people is kept from being read as markup."""

import re
from datetime import date, datetime
from decimal import Context, Decimal
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_timedelta, get_datetime_format
from babel.numbers import format_decimal

from crm.foundation.language import current, tr, tr_as

Colour = Literal["red", "orange", "yellow", "blue", "green", "violet", "gray", "grey", "primary"]
"""What badges take."""

# Beyond CommonMark: Streamlit reads `$` as LaTeX, and `:` as the start of icons and colours.
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|~<>$:&])")

SIX_DIGITS = Context(prec=6)

_BREAK = re.compile(r"[\r\n]")
"""Markdown ends a line at either: a second line of “===” would make a heading of the first."""


def plain(text: str | None) -> str:
    """Escape text that a person wrote, for where Streamlit reads Markdown: labels, captions, st.markdown."""
    return _MARKUP.sub(r"\\\1", _BREAK.sub(" ", text or ""))


def source(name: str) -> str:
    """What a change came through, by its key in the log: “import” is a thing here, and elsewhere something to do."""
    return tr_as("source", "import") if name == "import" else tr(name)


def badge(text: str | None, colour: Colour, icon: str = "") -> str:
    """A badge as Markdown; `icon` is the name of a Material symbol."""
    return f":{colour}-badge[{f':material/{icon}: ' if icon else ''}{plain(text)}]"


def number(value: int) -> str:
    """1,234, grouped as the reader's language does."""
    return str(format_decimal(value, locale=current()))


def rate(value: Decimal, locale: str, *, exactly: bool = False) -> str:
    """A rate with six digits that count, or all of them."""
    return str(
        format_decimal(
            value if exactly else SIX_DIGITS.plus(value),
            "#,##0.00##########",
            locale=locale,
            decimal_quantization=False,
        )
    )


def day(value: date | None, locale: str | None = None) -> str:
    """The day, such as Nov 22, 2026; in the reader's language where no locale is given."""
    return "–" if value is None else _day(value, locale or current())


def day_of_month(value: date, locale: str) -> str:
    """The day without its year, such as Nov 22."""
    return _by_skeleton(value, "MMMd", locale)


def month_of_year(value: date, locale: str) -> str:
    """The month of a day, such as Nov 2026."""
    return _by_skeleton(value, "yMMM", locale)


def moment(value: datetime | None, time_zone: str, locale: str | None = None) -> str:
    """The moment on the workspace's clock, such as Nov 22, 2026, 16:48."""
    return "–" if value is None else _moment(value, time_zone, locale or current())


def ago(value: datetime | None, now: datetime, locale: str | None = None) -> str:
    """How long ago, in the largest unit, such as 3 hours ago."""
    if value is None:
        return "–"
    return str(format_timedelta(value - now, add_direction=True, locale=locale or current()))


# Lists show the same days and moments at every run, and Babel reads the pattern anew at each call.
@lru_cache(maxsize=1 << 12)
def _day(value: date, locale: str) -> str:
    return str(format_date(value, "medium", locale=locale))


@lru_cache(maxsize=1 << 12)
def _by_skeleton(value: date, skeleton: str, locale: str) -> str:
    return str(format_date(value, Locale.parse(locale).datetime_skeletons[skeleton].pattern, locale=locale))


@lru_cache(maxsize=1 << 14)
def _moment(value: datetime, time_zone: str, locale: str) -> str:
    there = value.astimezone(ZoneInfo(time_zone))
    both = str(get_datetime_format("medium", locale=locale))  # {1} is the day, {0} the time
    time = str(format_skeleton("Hm", there, locale=locale))
    return both.replace("{1}", _day(there.date(), locale)).replace("{0}", time)
