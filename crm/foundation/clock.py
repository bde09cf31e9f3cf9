"""The one source of the current time, which tests can replace."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The current moment, aware, in UTC, to the microsecond."""
    return datetime.now(UTC)


def today(time_zone: str) -> date:
    """The current day in a time zone."""
    return now().astimezone(ZoneInfo(time_zone)).date()


def end_of(day: date, time_zone: str) -> datetime:
    """The last microsecond of a day in a time zone."""
    following = datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(time_zone))
    return following - timedelta(microseconds=1)
