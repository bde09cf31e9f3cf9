"""Guesses are slowed down: a try is counted before it is looked at, and each one too many waits longer.

A key is what a guess is counted against: an account at a place, an account, a place, a browser. Counts live in memory:
one process serves everybody, and a restart forgives.
"""

import ipaddress
import math
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm.foundation import clock
from crm.foundation.errors import CrmError

MOST_KEYS = 100_000
"""Keys hold what strangers typed: the ones that were not seen for longest go first."""


class TooManyTries(CrmError):
    """Too many failures; later tries are not even looked at. `seconds`: how long to wait."""

    def __init__(self, wait: timedelta, way_out: str = "") -> None:
        self.seconds = max(1, math.ceil(wait.total_seconds()))
        super().__init__(f"Too many failed tries. Wait {_spoken(self.seconds)} and try again{way_out}.")


@dataclass(frozen=True)
class Limit:
    """`free` failures cost nothing; from then on each waits twice as long as the one before, up to `longest`. They are
    forgotten after a time without any. `own`: who passes has none left; otherwise only their own try is taken back, so
    that nobody clears what others did."""

    free: int
    forgotten: timedelta
    own: bool = False
    first: timedelta = timedelta(minutes=1)
    longest: timedelta = timedelta(minutes=15)

    def wait(self, tries: int) -> timedelta:
        if tries < self.free:
            return timedelta(0)
        return min(self.longest, self.first * float(2 ** min(tries - self.free, 16)))


ACCOUNT_HERE = Limit(5, timedelta(hours=1), own=True)
"""One account, guessed from one place."""
ACCOUNT = Limit(20, timedelta(days=1))
"""One account, guessed from anywhere but its own browsers."""
PLACE = Limit(30, timedelta(hours=1))
"""Many accounts, guessed from one place."""
BROWSER = Limit(5, timedelta(hours=1), own=True)
"""One account, guessed in a browser where its owner signed in before: nobody else's guesses count there."""

Key = tuple[Limit, str]


@dataclass
class _Count:
    tries: int
    last: datetime
    until: datetime


class Throttle:
    def __init__(self) -> None:
        self._counts: OrderedDict[Key, _Count] = OrderedDict()
        self._guard = threading.Lock()

    def reserve(self, keys: Sequence[Key], way_out: str = "") -> None:
        """Count one try against every key, as failed until it has `passed`; of many at once none slips by.
        TooManyTries, and nothing counted, where one of the keys has to wait."""
        now = clock.now()
        with self._guard:
            counts = [self._count(key, now) for key in keys]
            wait = max((count.until - now for count in counts), default=timedelta(0))
            if wait > timedelta(0):
                raise TooManyTries(wait, way_out)
            for key, count in zip(keys, counts, strict=True):
                count.tries, count.last = count.tries + 1, now
                count.until = now + key[0].wait(count.tries)
                self._keep(key, count)

    def passed(self, keys: Sequence[Key]) -> None:
        """Take back what was reserved: it was no guess."""
        with self._guard:
            for key in keys:
                count = self._counts.get(key)
                if count is None:
                    continue
                count.tries -= 1
                if key[0].own or count.tries <= 0:
                    del self._counts[key]
                elif count.tries < key[0].free:
                    count.until = count.last

    def failed(self, keys: Sequence[Key]) -> None:
        """Count a failure of what nobody guesses, 256 random bits: the right ones are never made to wait for the wrong
        ones, which are told to after many."""
        self.reserve(keys)

    def _count(self, key: Key, now: datetime) -> _Count:
        found = self._counts.get(key)
        return _Count(0, now, now) if found is None or now - found.last > key[0].forgotten else found

    def _keep(self, key: Key, count: _Count) -> None:
        """A try that has to wait is not kept: what it names is free to make up, and would push out what was counted."""
        self._counts[key] = count
        self._counts.move_to_end(key)
        if len(self._counts) > MOST_KEYS:
            self._counts.popitem(last=False)


THROTTLE = Throttle()


def place_of(address: str) -> str:
    """Whom an address stands for: an IPv4 address, or the /64 that one connection has of IPv6."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.IPv6Network((found.packed[:8] + bytes(8), 64)))
    return str(found)


def _spoken(seconds: int) -> str:
    if seconds < 60:
        return "a second" if seconds == 1 else f"{seconds} seconds"
    minutes = math.ceil(seconds / 60)
    return "a minute" if minutes == 1 else f"{minutes} minutes"
