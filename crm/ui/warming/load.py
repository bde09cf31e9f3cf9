"""How busy this process is: what somebody may ask for has to wait for what somebody has asked for."""

import threading
import time
from collections.abc import Callable

WINDOW = 1.0
"""Seconds over which the load is taken, at least."""


class Load:
    """The processor time that the process used lately. It is looked at when it is asked for, and costs nothing else."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, used: Callable[[], float] = time.process_time
    ) -> None:
        self._clock = clock
        self._used = used
        self._guard = threading.Lock()
        self._before = self._last = (clock(), used())

    def cores(self) -> float:
        """Cores in use on average since a moment that lies a window back, or as many as nobody asked for."""
        with self._guard:
            now = self._clock(), self._used()
            if now[0] - self._last[0] >= WINDOW:
                self._before, self._last = self._last, now
            seconds = now[0] - self._before[0]
            return (now[1] - self._before[1]) / seconds if seconds else 0.0
