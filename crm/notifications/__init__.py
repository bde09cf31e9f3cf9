"""Telling people what concerns them: deals and things to do that they are given, what is due today, what stalled, what
was won.

What happened is read from the log, after the change that it tells of: see log.py. What a day brings is told once in the
morning: see daily.py.
"""

from crm.notifications.choices import Choices, choose, mine
from crm.notifications.daily import JOB, arrange, break_down, run
from crm.notifications.kinds import KINDS, Channel, Kind
from crm.notifications.log import INTERESTING, catch_up

__all__ = [
    "INTERESTING",
    "JOB",
    "KINDS",
    "Channel",
    "Choices",
    "Kind",
    "arrange",
    "break_down",
    "catch_up",
    "choose",
    "mine",
    "run",
]
