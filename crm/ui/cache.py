"""Results that are dear to compute and asked for by many, cached per visibility until something changes.

After a change every open page asks again at the same moment; the first computes the result, the others wait for it.
"""

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

MOST = 128
TOO_SLOW_FOR = 60.0
"""Seconds for which what took too long is not tried again: each rerun of each open page would."""


@dataclass
class _Answer:
    """What a builder gave, once it has; `working` is held by whoever works it out."""

    working: threading.Lock = field(default_factory=threading.Lock)
    given: list[Any] = field(default_factory=list)
    too_slow: tuple[TooSlow, float] | None = None

    def refuse_again(self) -> None:
        if self.too_slow and time.monotonic() < self.too_slow[1]:
            raise self.too_slow[0]


_answers: OrderedDict[Hashable, _Answer] = OrderedDict()
_guard = threading.Lock()


def read(
    store: Store, actor: Actor, build: Callable[Concatenate[Reading, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """`build(tx, *args, **kwargs)` in a reading of its own, or what it gave to somebody of the same sight.

    The arguments are hashable, and the answer is frozen: others hold the same one. A builder looks at nothing of the
    actor but what `Actor.sight` holds. TooSlow where it takes longer than a page may.
    """
    logged = store.logged  # before the look: what is committed during it makes the answer old
    today = clock.today(actor.time_zone)
    answer = _answer((store.path, logged, today, actor.sight, build, args, tuple(sorted(kwargs.items()))))
    with answer.working:
        if not answer.given:
            answer.refuse_again()
            try:
                with store.reading(actor, seconds=process.read_limit()) as tx:
                    answer.given.append(build(tx, *args, **kwargs))
            except TooSlow as refusal:
                answer.too_slow = refusal, time.monotonic() + TOO_SLOW_FOR
                raise
    found: T = answer.given[0]
    return found


def _answer(key: Hashable) -> _Answer:
    with _guard:
        answer = _answers.setdefault(key, _Answer())
        _answers.move_to_end(key)
        if len(_answers) > MOST:
            _answers.popitem(last=False)
        return answer
