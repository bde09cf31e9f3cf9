"""Times of demo events: on working days, in office hours, more of them in some months."""

import random
from datetime import datetime, timedelta

DAYS = 730
"""Days that the history goes back."""

SEASON = (0.75, 0.80, 1.15, 1.0, 1.1, 1.0, 0.9, 1.05, 1.15, 1.2, 1.3, 0.6)
"""How busy each month is, January first: summer holidays and carnival are quiet, November is not."""

GROWTH = 0.6
"""Growth of the number of new deals from the start of the history to its end."""


def office_hour(chance: random.Random, day: datetime) -> datetime:
    """A time between 08:30 and 18:30 on that day, or on the Friday before a weekend."""
    worked = day - timedelta(days=max(0, day.weekday() - 4))
    return _at_work(chance, worked)


def later(chance: random.Random, moment: datetime, days: float) -> datetime:
    """An office hour `days` later, on Monday instead of a weekend; within the hour if it is the same day."""
    day = moment + timedelta(days=days)
    day += timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)
    return _at_work(chance, day) if day.date() > moment.date() else moment + timedelta(minutes=chance.randrange(10, 60))


def openings(chance: random.Random, midnight: datetime, count: int) -> list[datetime]:
    """The opening times of `count` deals, in order, all before `midnight`."""
    days = [midnight - timedelta(days=ago) for ago in range(DAYS, 0, -1)]
    busy = [
        0 if day.weekday() >= 5 else SEASON[day.month - 1] * (1 + GROWTH * nth / DAYS) for nth, day in enumerate(days)
    ]
    return sorted(office_hour(chance, day) for day in chance.choices(days, weights=busy, k=count))


def _at_work(chance: random.Random, day: datetime) -> datetime:
    start = day.replace(hour=8, minute=30, second=0, microsecond=0)
    return start + timedelta(seconds=chance.randrange(10 * 3600))
