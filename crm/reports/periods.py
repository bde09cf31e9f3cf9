"""The periods of reports: half-open ranges of days in the workspace's time zone, cut into months or quarters."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from crm.foundation import bounds
from crm.foundation.errors import Invalid
from crm.foundation.language import tr

# Each month of it is a row of the report.
LONGEST = timedelta(days=366 * 30)


class Grain(StrEnum):
    MONTH = "month"
    QUARTER = "quarter"

    @property
    def months(self) -> int:
        return 3 if self is Grain.QUARTER else 1


class Period(BaseModel, frozen=True):
    """The days from `first` up to but excluding `end`."""

    first: date
    end: date

    def __str__(self) -> str:
        return f"{self.first}/{self.end}"

    @property
    def last(self) -> date:
        return self.end - timedelta(days=1)

    def instants(self, time_zone: str) -> tuple[datetime, datetime]:
        """The moments at which the period begins and ends, in the workspace's time zone."""
        zone = ZoneInfo(time_zone)
        return datetime.combine(self.first, time.min, zone), datetime.combine(self.end, time.min, zone)

    def cut(self, grain: Grain) -> list["Period"]:
        """The calendar months or quarters of the period, in order; the outer two are clipped to it."""
        found, start = [], grain_start(self.first, grain)
        while start < self.end:
            following = months_after(start, grain.months)
            found.append(Period(first=max(start, self.first), end=min(following, self.end)))
            start = following
        return found


def parse(text: str, today: date) -> Period:
    """A name such as `this-quarter` (see NAMED), or two days as `2026-01-01/2026-04-01`, the second not included."""
    if text in NAMED:
        return NAMED[text](today)
    days = [bounds.day(day) for day in text.split("/")]
    match days:
        case [date() as first, date() as end]:
            pass
        case _:
            message = tr(
                "“{value}” is not a period. Give two days such as 2026-01-01/2026-04-01.", value=bounds.shown(text)
            )
            raise Invalid(message, "period")
    if not first < end:
        raise Invalid(tr("The period ends before it begins."), "period")
    if end - first > LONGEST:
        raise Invalid(tr("A report covers 30 years at most."), "period")
    return Period(first=first, end=end)


def grain_start(day: date, grain: Grain) -> date:
    return day.replace(month=day.month - (day.month - 1) % grain.months, day=1)


def months_after(first_of_month: date, months: int) -> date:
    index = first_of_month.year * 12 + first_of_month.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def _whole(months: int, ahead: int = 0, grain: Grain = Grain.MONTH) -> Callable[[date], Period]:
    """A period of `months` whole months, from the start of today's month or quarter plus `ahead` months."""

    def period(today: date) -> Period:
        first = months_after(grain_start(today, grain), ahead)
        return Period(first=first, end=months_after(first, months))

    return period


def _year(ahead: int) -> Callable[[date], Period]:
    return lambda today: Period(first=date(today.year + ahead, 1, 1), end=date(today.year + ahead + 1, 1, 1))


NAMED: dict[str, Callable[[date], Period]] = {
    "this-month": _whole(1),
    "last-month": _whole(1, -1),
    "this-quarter": _whole(3, 0, Grain.QUARTER),
    "last-quarter": _whole(3, -3, Grain.QUARTER),
    "next-quarter": _whole(3, 3, Grain.QUARTER),
    "next-6-months": _whole(6),
    "next-12-months": _whole(12),
    "last-6-months": _whole(6, -5),
    "last-12-months": _whole(12, -11),
    "this-year": _year(0),
    "last-year": _year(-1),
    "next-year": _year(1),
}
"""Whole calendar months each; `next-…-months` and `last-…-months` include the current one."""
