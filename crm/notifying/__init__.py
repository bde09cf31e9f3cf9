"""Telling people what concerns them: deals and things to do that they are given, what is due today, what stalled, what
was won.

What happened is read from the log, after the change that it tells of: see log.py. What a day brings is told once in the
morning: see daily.py.
"""

from crm.notifying.daily import JOB, arrange, break_down, run
from crm.notifying.kinds import KINDS, Kind, Way
from crm.notifying.log import INTERESTING, catch_up
from crm.notifying.wishes import Wishes, choose, mine

__all__ = [
    "INTERESTING",
    "JOB",
    "KINDS",
    "Kind",
    "Way",
    "Wishes",
    "arrange",
    "break_down",
    "catch_up",
    "choose",
    "mine",
    "run",
]
