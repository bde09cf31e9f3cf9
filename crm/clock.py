"""The one place that asks what time it is, so that tests can set it."""

from datetime import UTC, datetime


def now() -> datetime:
    """The current moment, aware, in UTC, to the microsecond."""
    return datetime.now(UTC)
