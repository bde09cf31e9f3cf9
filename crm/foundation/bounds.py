"""Limits of numbers and days from outside. Pages, API, imports and webhooks all parse them here before calculating with
them. Texts are limited by `crm.foundation.identity.text`.

A number of a dozen characters can fill a disk once it is rounded (1e999999999); the first day of the year 1 has no day
before it, and its midnight does not exist in every time zone.
"""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from crm.foundation.errors import Invalid
from crm.foundation.language import tr

LONGEST_NUMBER = 100
"""Characters of a number's text. The longest number that any column keeps has less than half as many."""

LARGEST_EXPONENT = 40
"""Powers of ten, large or small: no column holds a number beyond them."""

LONGEST_WHOLE = 18
"""Digits of a whole number: all of this length fit into a BIGINT."""

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 12, 31)

LARGEST_NUMBER = Decimal(10) ** 15
"""For numbers that are not amounts: up to here a double represents every whole number, and a sum of a million values
stays exact enough to show."""

FINEST_NUMBER = Decimal(10) ** -15


def number(given: object) -> Decimal | None:
    """A number or its text as a Decimal, None where it is none.

    A number beyond every column comes back as infinity, which each caller's own limit refuses in its own words; one
    smaller than any column keeps, as 1e-40.
    """
    # True is an int to Python.
    if isinstance(given, bool) or not isinstance(given, str | int | float | Decimal):
        return None
    if isinstance(given, str) and len(given) > LONGEST_NUMBER:
        return None
    # By its bits: converting a huge int takes time that grows with the square of its digits.
    if isinstance(given, int) and given.bit_length() > 4 * LONGEST_NUMBER:
        return Decimal("Infinity") if given > 0 else Decimal("-Infinity")
    try:
        # repr gives the digits that were meant; Decimal(0.1) has 55.
        found = Decimal(repr(given) if isinstance(given, float) else given)
    except (InvalidOperation, ValueError):
        return None
    if found.is_nan():
        return None
    return _within(found)


def _within(found: Decimal) -> Decimal:
    if found.is_zero():
        # 0e999999 is zero, and still fills memory once it is rounded to a column's scale.
        return Decimal(0) if abs(int(found.as_tuple().exponent)) > LARGEST_EXPONENT else found
    if found.is_infinite() or found.adjusted() > LARGEST_EXPONENT:
        return Decimal("Infinity").copy_sign(found)
    if found.adjusted() < -LARGEST_EXPONENT:
        return Decimal((0, (1,), -LARGEST_EXPONENT)).copy_sign(found)
    return found


def day(given: object) -> date | None:
    """A date or its text, such as 2026-12-31, as a date; None where it is none, or lies before 1900 or after 2200."""
    if isinstance(given, str):
        try:
            given = date.fromisoformat(given)
        except ValueError:
            return None
    # A datetime is a date to Python, but which day it is depends on a time zone.
    if not isinstance(given, date) or isinstance(given, datetime):
        return None
    return given if FIRST_DAY <= given <= LAST_DAY else None


def checked_day(given: object, field: str, name: str) -> date:
    """As `day`; raises Invalid, which calls the value by `name`, where there is no valid day."""
    found = day(given)
    if found is not None:
        return found
    if isinstance(given, date) and not isinstance(given, datetime):
        raise Invalid(
            tr(
                "The {name} is not in a year from {first} to {last}.",
                name=tr(name),
                first=FIRST_DAY.year,
                last=LAST_DAY.year,
            ),
            field,
        )
    raise Invalid(tr("The {name} is a day, such as 2026-12-31.", name=tr(name)), field)


def shown(given: object) -> str:
    """A value as an error message quotes it: one line at most, whatever was given."""
    if isinstance(given, int) and given.bit_length() > 4 * LONGEST_NUMBER:
        return tr("a number of hundreds of digits")
    text = str(given)
    return text if len(text) <= LONGEST_NUMBER else f"{text[: LONGEST_NUMBER - 1]}…"


def whole(word: str) -> int | None:
    """A part of a URL, such as an id or a page number, as a whole number of 0 or more; None where it is none."""
    # isdigit alone accepts “²”, which int() refuses.
    return int(word) if word.isascii() and word.isdigit() and len(word) <= LONGEST_WHOLE else None
