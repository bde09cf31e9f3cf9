"""Throttles guesses: a try is counted before it is checked, and each one too many has to wait longer.

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
from crm.foundation.language import plural, tr

MOST_KEYS = 100_000
"""Keys hold what strangers typed, so their number is limited: the least recently used go first."""


class TooManyTries(CrmError):
    """Too many failed tries; further ones are not checked. `seconds`: how long to wait."""

    def __init__(self, wait: timedelta, way_out: str = "") -> None:
        self.seconds = max(1, math.ceil(wait.total_seconds()))
        super().__init__(
            tr(
                "Too many failed tries. Wait {time} and try again{way_out}.",
                time=_shown_duration(self.seconds),
                way_out=way_out and tr(way_out),
            )
        )


@dataclass(frozen=True)
class Limit:
    """`free` failures cost nothing; after them each wait is twice the one before, up to `longest`. All are forgotten
    after the time `forgotten` without a failure. `own`: a success clears the count; otherwise it takes back only its
    own try, so that a guesser's own account cannot clear it."""

    free: int
    forgotten: timedelta
    own: bool = False
    first: timedelta = timedelta(minutes=1)
    longest: timedelta = timedelta(minutes=15)

    def wait(self, tries: int) -> timedelta:
        if tries < self.free:
            return timedelta(0)
        # The exponent is bounded, or many failures would overflow the duration.
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
        """Count one try against every key, as failed until `passed` is called, so that parallel tries all count.
        Raises TooManyTries, and counts nothing, where one of the keys has to wait."""
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
        """Take back the reserved try: it succeeded."""
        with self._guard:
            for key in keys:
                count = self._counts.get(key)
                if count is None:
                    continue
                count.tries -= 1
                if key[0].own or count.tries <= 0:
                    del self._counts[key]
                # Back among the free tries: nobody has to wait for one that was taken back.
                elif count.tries < key[0].free:
                    count.until = count.last

    def failed(self, keys: Sequence[Key]) -> None:
        """Count a failure after the check, for secrets of 256 random bits, which nobody guesses: a correct one never
        waits, and wrong ones raise TooManyTries after many."""
        self.reserve(keys)

    def _count(self, key: Key, now: datetime) -> _Count:
        count = self._counts.get(key)
        return _Count(0, now, now) if count is None or now - count.last > key[0].forgotten else count

    def _keep(self, key: Key, count: _Count) -> None:
        """Store a count. Refused tries are not stored: their keys can be made up freely and would push out real
        ones."""
        self._counts[key] = count
        self._counts.move_to_end(key)
        if len(self._counts) > MOST_KEYS:
            self._counts.popitem(last=False)


THROTTLE = Throttle()


def place_of(address: str) -> str:
    """The unit to throttle an IP address by: an IPv4 address itself, or the /64 network that one IPv6 customer has."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return str(ip.ipv4_mapped)
        return str(ipaddress.IPv6Network((ip.packed[:8] + bytes(8), 64)))
    return str(ip)


def _shown_duration(seconds: int) -> str:
    if seconds < 60:
        return plural("a second", "{count} seconds", seconds)
    minutes = math.ceil(seconds / 60)
    return plural("a minute", "{count} minutes", minutes)
