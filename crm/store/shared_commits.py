"""Changes that wait for the writer at the same moment, made in one transaction: one commit, and one wait for the disk,
for all of them."""

import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from enum import Enum
from typing import Any, TypeAlias, TypeVar

from crm.foundation import language
from crm.foundation.access import Actor
from crm.store.work import Writing

T = TypeVar("T")
Open: TypeAlias = Callable[[Actor], AbstractContextManager[Writing]]
"""Begins a transaction of an actor's."""

MOST = 32
"""Changes in one transaction: whoever else waits for the writer waits for all of them."""


class Turn(Enum):
    """What a change that waited is woken for."""

    LEAD = "take the writer for all that wait"
    ALONE = "be made in a transaction of its own"
    DONE = "it is committed"
    FAILED = "its commit failed"


class Waiting:
    """A change, and what became of it."""

    def __init__(self, actor: Actor, change: Callable[[Writing], Any]) -> None:
        self.actor = actor
        self.change = change
        # Texts that a change makes for people are in the language of the thread that runs it.
        self.company = (actor, language.current())
        self.turn = Turn.LEAD
        self.found: Any = None
        self.error: BaseException | None = None
        self._woken = threading.Event()

    def wake(self, turn: Turn, found: Any = None, error: BaseException | None = None) -> None:
        self.turn, self.found, self.error = turn, found, error
        self._woken.set()

    def wait(self) -> None:
        self._woken.wait()
        self._woken.clear()


class SharedCommits:
    """One of the threads that wait leads: it waits for the writer, and makes the changes of all that wait by then."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[Waiting] = deque()
        self._led = False

    # `writing` comes with each call: kept here, it would keep a store that was given up, and its file, open.
    def make(self, writing: Open, actor: Actor, change: Callable[[Writing], T]) -> T:
        """Make the change; what it returns, once it is on the disk."""
        mine = Waiting(actor, change)
        with self._guard:
            self._waiting.append(mine)
            leads, self._led = not self._led, True
        if not leads:
            mine.wait()
        if mine.turn is Turn.LEAD:
            self._lead(writing, mine)
        if mine.turn is Turn.ALONE:
            with writing(actor) as tx:
                return change(tx)
        if mine.error is not None:
            raise mine.error
        found: T = mine.found
        return found

    def _lead(self, writing: Open, mine: Waiting) -> None:
        batch: list[Waiting] = []
        found: list[Any] = []
        committing = False
        try:
            with writing(mine.actor) as tx:
                batch = self._take(mine)
                found += [each.change(tx) for each in batch]
                committing = not tx.failed
        except BaseException as error:
            if not batch:  # the writer could not be had: whoever is next tries for themselves
                self._take(mine, most=1)
                raise
            # Nothing can be undone of one change alone: all were, and each is made again by the thread that brought it.
            # Whose fault it was, that one is told.
            again = not committing and len(batch) > 1
            for each in batch:
                each.wake(*((Turn.ALONE,) if again else (Turn.FAILED, None, error)))
            return
        for each, value in zip(batch, found, strict=True):
            each.wake(Turn.DONE, value)

    def _take(self, mine: Waiting, most: int = MOST) -> list[Waiting]:
        """Take a change, and others of its company, out of those that wait; the first of the rest leads from now on."""
        with self._guard:
            company = [each for each in self._waiting if each.company == mine.company and each is not mine]
            taken = [mine, *company[: most - 1]]
            self._waiting = deque(each for each in self._waiting if each not in taken)
            self._led = bool(self._waiting)
            if self._waiting:
                self._waiting[0].wake(Turn.LEAD)
        return taken
