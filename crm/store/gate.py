"""Counts the units of work inside the file, and closes it to them while it is swapped for another."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from crm.foundation.errors import Unavailable
from crm.foundation.language import tr

TIMEOUT = 30.0
"""Seconds to wait: for the gate to open, and for those inside to leave."""


class Gate:
    """A shared/exclusive lock that one thread may enter more than once."""

    def __init__(self) -> None:
        self._state = threading.Condition()
        self._inside = 0
        self._shut = False
        self._own = threading.local()

    def enter(self) -> None:
        """Enter. A thread that is inside already enters again at once: the gate waits for it, and would wait
        forever."""
        with self._state:
            if self._depth == 0 and not self._state.wait_for(lambda: not self._shut, TIMEOUT):
                raise Unavailable(tr("The store is being written anew. Try again in a moment."))
            self._inside += 1
        self._own.depth = self._depth + 1

    def leave(self) -> None:
        self._own.depth = self._depth - 1
        with self._state:
            self._inside -= 1
            self._state.notify_all()

    @contextmanager
    def shut(self, timeout: float = TIMEOUT) -> Iterator[None]:
        """Close the gate and wait until nobody is inside. Raises Unavailable where somebody stays too long."""
        with self._state:
            self._shut = True
            empty = self._state.wait_for(lambda: self._inside == 0, timeout)
        try:
            if not empty:
                raise Unavailable(tr("Somebody has been reading the store for too long. Try again in a moment."))
            yield
        finally:
            with self._state:
                self._shut = False
                self._state.notify_all()

    @property
    def _depth(self) -> int:
        return int(getattr(self._own, "depth", 0))
