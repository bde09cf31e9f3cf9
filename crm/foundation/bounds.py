"""What a number or a day from outside may be at all: read here, once for every door, before anything is reckoned with
it. Texts are bounded by `crm.foundation.identity.text`.

A number can be written in a dozen characters and fill a disk once it is worked with (1e999999999); a day of the year 1
has no day before it, and none of its moments is one in every time zone.
"""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from crm.foundation.errors import Invalid

LONGEST_NUMBER = 100
"""Characters. The finest number that anything here keeps has not half as many."""

LARGEST_EXPONENT = 40
"""Powers of ten, either way: no column holds a number beyond them."""

LONGEST_WHOLE = 18
"""Digits: all numbers of so many fit into a BIGINT."""

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 12, 31)

LARGEST_NUMBER = Decimal(10) ** 15
"""Of a number that is no amount: a double tells whole numbers apart up to here, and sums of a million stay exact
enough to show."""

FINEST_NUMBER = Decimal(10) ** -15


def number(given: object) -> Decimal | None:
    """The decimal that a number or its text is, None where it is none. One that is larger than anything here holds
    comes back as infinity, which no check lets through; one that is finer than anything here keeps as a trifle."""
    if isinstance(given, bool) or not isinstance(given, str | int | float | Decimal):
        return None
    if isinstance(given, str) and len(given) > LONGEST_NUMBER:
        return None
    if isinstance(given, int) and given.bit_length() > 4 * LONGEST_NUMBER:
        return Decimal("Infinity") if given > 0 else Decimal("-Infinity")
    try:
        found = Decimal(repr(given) if isinstance(given, float) else given)
    except (InvalidOperation, ValueError):
        return None
    if found.is_nan():
        return None
    return _within(found)


def _within(found: Decimal) -> Decimal:
    if found.is_zero():
        return Decimal(0) if abs(int(found.as_tuple().exponent)) > LARGEST_EXPONENT else found
    if found.is_infinite() or found.adjusted() > LARGEST_EXPONENT:
        return Decimal("Infinity").copy_sign(found)
    if found.adjusted() < -LARGEST_EXPONENT:
        return Decimal((0, (1,), -LARGEST_EXPONENT)).copy_sign(found)
    return found


def day(given: object) -> date | None:
    """The day that a date or its text, such as 2026-12-31, is; None where it is none, or lies before 1900 or after
    2200."""
    if isinstance(given, str):
        try:
            given = date.fromisoformat(given)
        except ValueError:
            return None
    if not isinstance(given, date) or isinstance(given, datetime):
        return None
    return given if FIRST_DAY <= given <= LAST_DAY else None


def checked_day(given: object, field: str, said: str) -> date:
    """The day; Invalid, with what it is `said` to be, where it is none that can be kept."""
    found = day(given)
    if found is not None:
        return found
    if isinstance(given, date) and not isinstance(given, datetime):
        raise Invalid(f"The {said} is not in a year from {FIRST_DAY.year} to {LAST_DAY.year}.", field)
    raise Invalid(f"The {said} is a day, such as 2026-12-31.", field)


def shown(given: object) -> str:
    """A value in a refusal: no longer than a line, whatever was given."""
    if isinstance(given, int) and given.bit_length() > 4 * LONGEST_NUMBER:
        return "a number of hundreds of digits"
    text = str(given)
    return text if len(text) <= LONGEST_NUMBER else f"{text[: LONGEST_NUMBER - 1]}…"


def whole(word: str) -> int | None:
    """The whole number, 0 or more, that a word of an address is, such as an id or a page; None where it is none."""
    return int(word) if word.isascii() and word.isdigit() and len(word) <= LONGEST_WHOLE else None
