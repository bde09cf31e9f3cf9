"""When a dashboard is mailed: every day, on a day of the week, or on one of the month, at an hour of the workspace."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_time, get_day_names

from crm.foundation.language import later, tr


class Every(StrEnum):
    DAY = later("day")
    WEEK = later("week")
    MONTH = later("month")


@dataclass(frozen=True)
class Recurrence:
    """`weekday` is 1 (Monday) to 7, of a weekly one; `month_day` is 1 to 31, of a monthly one: in shorter months it is
    their last day."""

    every: Every
    hour: int
    weekday: int | None = None
    month_day: int | None = None

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """The first time after a moment, in the zone. An hour that the clocks skip falls to the one after it, and of
        one that they repeat only the first counts."""
        day = moment.astimezone(zone).date()
        while True:
            found = datetime.combine(day, time(self.hour), zone)
            # Compared as moments: two times of one zone compare by what their clocks show.
            if self._is_on(found) and found.timestamp() > moment.timestamp():
                return found
            day += timedelta(days=1)

    def words(self, locale: str) -> str:
        """“Every week on Monday, at 08:00”, in the language that is spoken."""
        at = str(format_time(time(self.hour), "short", locale=locale))
        if self.weekday:
            return tr("Every week on {day}, at {time}", day=weekday_name(self.weekday, locale), time=at)
        if self.month_day:
            return tr("Every month on day {day}, at {time}", day=self.month_day, time=at)
        return tr("Every day at {time}", time=at)

    def _is_on(self, moment: datetime) -> bool:
        if self.every is Every.WEEK:
            return moment.isoweekday() == self.weekday
        if self.every is Every.MONTH:
            return moment.day == min(self.month_day or 1, monthrange(moment.year, moment.month)[1])
        return True


def of(fields: Mapping[str, Any]) -> Recurrence:
    """From a row of `dashboard_schedules`."""
    return Recurrence(Every(fields["every"]), fields["hour"], fields["weekday"], fields["month_day"])


def weekday_name(weekday: int, locale: str) -> str:
    """Of 1 (Monday) to 7."""
    return str(get_day_names("wide", locale=locale)[weekday - 1])
