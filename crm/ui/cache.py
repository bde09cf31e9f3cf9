"""Results that are costly to compute and read by many, cached per visibility until something changes."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Concatenate, ParamSpec, TypeVar

from crm.foundation import clock
from crm.foundation.access import Actor
from crm.foundation.errors import TooSlow
from crm.platform import process
from crm.store import Reading, Store

P = ParamSpec("P")
T = TypeVar("T")

MAX_ENTRIES = 128
TOO_SLOW_FOR = 60.0
"""Seconds for which what took too long is not tried again: each rerun of each open page would."""


@dataclass
class _Entry:
    """The result of a builder, in `results` once there is one; whoever computes it holds `working`."""

    working: threading.Lock = field(default_factory=threading.Lock)
    results: list[Any] = field(default_factory=list)
    too_slow: tuple[TooSlow, float] | None = None

    def refuse_again(self) -> None:
        if self.too_slow and time.monotonic() < self.too_slow[1]:
            raise self.too_slow[0]


_entries: OrderedDict[Hashable, _Entry] = OrderedDict()
_guard = threading.Lock()


def read(
    store: Store, actor: Actor, build: Callable[Concatenate[Reading, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """`build(tx, *args, **kwargs)` in a reading of its own, or the result that somebody of the same visibility got.

    The arguments are hashable, and the result is frozen: others hold the same object. A builder reads nothing of the
    actor but what `Actor.sight` holds. Raises TooSlow beyond a page's time limit.
    """
    logged = store.logged  # before the read: what is committed during it makes the result stale
    # Results speak of “today”: at midnight they are others, though nothing was written.
    today = clock.today(actor.time_zone)
    entry = _entry((store.path, logged, today, actor.sight, build, args, tuple(sorted(kwargs.items()))))
    # After a change every open page asks at the same moment: the first computes, the others wait for its result.
    with entry.working:
        if not entry.results:
            entry.refuse_again()
            try:
                with store.reading(actor, seconds=process.read_limit()) as tx:
                    entry.results.append(build(tx, *args, **kwargs))
            except TooSlow as refusal:
                entry.too_slow = refusal, time.monotonic() + TOO_SLOW_FOR
                raise
    found: T = entry.results[0]
    return found


def _entry(key: Hashable) -> _Entry:
    with _guard:
        entry = _entries.setdefault(key, _Entry())
        _entries.move_to_end(key)
        if len(_entries) > MAX_ENTRIES:
            _entries.popitem(last=False)
        return entry
