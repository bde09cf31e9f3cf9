"""The one source of the current time, which tests can replace."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The current moment, aware, in UTC, to the microsecond."""
    return datetime.now(UTC)


def today(time_zone: str) -> date:
    """The current day in a time zone."""
    return now().astimezone(ZoneInfo(time_zone)).date()
