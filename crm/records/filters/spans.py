"""Days, weeks, months, quarters and years of the calendar. Weeks start on Monday."""

from datetime import date, timedelta
from typing import Literal, get_args

Unit = Literal["day", "week", "month", "quarter", "year"]
UNITS: tuple[Unit, ...] = get_args(Unit)

_MONTHS: dict[Unit, int] = {"month": 1, "quarter": 3, "year": 12}


def unit_of(day: date, unit: Unit, shift: int) -> tuple[date, date]:
    """First and last day of the unit that contains `day`, or of the one `shift` units later."""
    if unit in _MONTHS:
        return _month(day, _MONTHS[unit], shift), _month(day, _MONTHS[unit], shift + 1) - timedelta(days=1)
    length = 7 if unit == "week" else 1
    first = day - timedelta(days=day.weekday() if unit == "week" else 0) + timedelta(days=length * shift)
    return first, first + timedelta(days=length - 1)


def _month(day: date, length: int, shift: int) -> date:
    """The first day of the span of `length` calendar months that contains `day`, shifted by `shift` spans."""
    # Months since year 0: a shift then crosses years by itself.
    number = (day.year * 12 + day.month - 1) // length * length + length * shift
    return date(number // 12, number % 12 + 1, 1)
