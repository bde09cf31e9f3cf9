"""Notifications: deals and to-dos that a person is given, what is due today, deals that stall, deals that are won.

Notifications of events come from the log, after the change is committed: see log.py. What a day brings is sent once in
the morning: see daily.py.
"""

from crm.notifications.choices import Choices, choose, mine
from crm.notifications.daily import JOB, on_failure, run, schedule
from crm.notifications.kinds import KINDS, Channel, Kind
from crm.notifications.log import INTERESTING, catch_up

__all__ = [
    "INTERESTING",
    "JOB",
    "KINDS",
    "Channel",
    "Choices",
    "Kind",
    "catch_up",
    "choose",
    "mine",
    "on_failure",
    "run",
    "schedule",
]
