"""The processes that run queries: started ahead of need, each used for one query and ended after it.

A process serves one query of one person, so nothing of one can reach another through it. Starting one takes a quarter
of a second of processor time, so a few wait ready, empty: what is kept between queries are the rows (see `slices`).
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm.workbench.child import wire

HOME = Path(__file__).resolve().parents[2]
BOOT = """
import sys
sys.path.insert(0, sys.argv[1])
sys.modules.update(dict.fromkeys(("numpy", "pandas", "polars", "torch", "tensorflow")))
from crm.workbench.child.query import main
main(int(sys.argv[2]), int(sys.argv[3]))
"""
"""Run by an interpreter that reads neither the environment nor the folder it starts in. Arrow and the engine would
import numpy and pandas where they find them, for frames that no query gets: a third of a second each time."""

READY = 2
IDLE = 600.0
"""Seconds without a query after which no process waits any more."""
STARTS_WITHIN = 20.0


class Ended(Exception):
    """The process ended before its answer; `status` is how, as `Popen.returncode`."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class TimedOut(Exception):
    pass


@dataclass(frozen=True)
class Slice:
    """A view's rows as an Arrow stream in a file in memory; the descriptor is the holder's to close."""

    view: str
    descriptor: int
    size: int


class Child:
    """One process, for one query."""

    def __init__(self, boot: str = BOOT) -> None:
        self._wired, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-I", "-X", "utf8", "-c", boot, str(HOME), str(theirs.fileno()), str(os.getpid())],
                cwd="/",
                env={"LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, request: dict[str, Any], ends: float) -> dict[str, Any]:
        """What the query reads, or why it is refused. Raises Ended or TimedOut; `ends` is a moment of the monotonic
        clock."""
        with self._within(ends):
            wire.send_message(self._wired, request)
            return wire.receive_message(self._wired)

    def give(self, slices: list[Slice], ends: float) -> None:
        with self._within(ends):
            for one in slices:
                wire.send_message(self._wired, {"view": one.view, "size": one.size})
                socket.send_fds(self._wired, [b"."], [one.descriptor])
            wire.send_message(self._wired, {"given": len(slices)})

    def answer(self, most: int, ends: float) -> tuple[dict[str, Any], bytes]:
        """The last message, and the result before it as an Arrow stream, of at most so many bytes."""
        pieces = bytearray()
        with self._within(ends):
            while True:
                self._wired.settimeout(max(ends - time.monotonic(), 0.001))
                tag, payload = wire.receive(self._wired, most)
                if tag == wire.PIECE and len(pieces) + len(payload) <= most:
                    pieces += payload
                elif tag == wire.MESSAGE:
                    return _parsed(payload), bytes(pieces)
                else:
                    raise wire.Ended

    def kill(self) -> None:
        """End it at once, and whatever it may have started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        self.kill()
        self._process.wait()
        self._wired.close()

    @contextlib.contextmanager
    def _within(self, ends: float) -> Iterator[None]:
        self._wired.settimeout(max(ends - time.monotonic(), 0.001))
        try:
            yield
        except TimeoutError:
            raise TimedOut from None
        except (wire.Ended, OSError, ValueError):
            self.kill_if_hung()
            raise Ended(self._process.wait()) from None

    def kill_if_hung(self) -> None:
        """Give a process that closed its end, or sent nonsense, a moment to end by itself, so that its status says
        why."""
        try:
            self._process.wait(0.5)
        except subprocess.TimeoutExpired:
            self.kill()


def _parsed(payload: bytes) -> dict[str, Any]:
    found = json.loads(payload)
    if not isinstance(found, dict):
        raise ValueError
    return found


class Pool:
    """Processes that wait for a query."""

    def __init__(self, ready: int = READY, start: Callable[[], Child] = Child) -> None:
        self._wanted = ready
        self._start = start
        self._waiting: list[Child] = []
        self._asked = 0
        self._changed = threading.Condition()
        self._keeper: threading.Thread | None = None
        self._last_used = 0.0
        self._closed = False

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def warm_up(self) -> None:
        """Start processes ahead of the first query."""
        with self._changed:
            self._last_used = time.monotonic()
            # The kernel ends a process with the thread that started it: one thread starts all, and outlives them.
            if self._keeper is None and not self._closed:
                self._keeper = threading.Thread(target=self._keep_ready, name="sql-children", daemon=True)
                self._keeper.start()

    def take(self) -> Child:
        self.warm_up()
        with self._changed:
            self._asked += 1
            self._changed.notify_all()
            try:
                if not self._changed.wait_for(lambda: self._waiting or self._closed, STARTS_WITHIN) or self._closed:
                    raise Ended(0)
                return self._waiting.pop(0)
            finally:
                self._asked -= 1
                self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            keeper = self._keeper
        if keeper:
            keeper.join()

    def _keep_ready(self) -> None:
        while True:
            with self._changed:
                while not self._closed and len(self._waiting) >= max(self._wanted, self._asked):
                    if not self._changed.wait(IDLE) and time.monotonic() - self._last_used >= IDLE:
                        break
                if self._closed or time.monotonic() - self._last_used >= IDLE:
                    waiting, self._waiting, self._keeper = self._waiting, [], None
                    break
            child = self._start()
            with self._changed:
                self._waiting.append(child)
                self._changed.notify_all()
        for child in waiting:
            child.close()
