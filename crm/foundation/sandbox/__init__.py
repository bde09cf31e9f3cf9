"""Runs work on files from outside in a child process with limits, so that a hostile file cannot take the product down.

`Sandbox.run` starts `python -m crm.foundation.sandbox <module>`, which lowers its own limits before it imports
anything, and calls `work(request, folder)` of that module. Request and answer are JSON; tables and pictures are files
in the folder. An Invalid that the work raises is raised here again; a child that passes a limit or crashes raises
Stopped.
"""

import contextlib
import json
import logging
import os
import re
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm.foundation.errors import CrmError, Invalid
from crm.foundation.language import current, tr

log = logging.getLogger(__name__)

HOME = Path(__file__).resolve().parents[3]
REQUEST, ANSWER = "request.json", "answer.json"
TICK = 0.25
"""Seconds between two calls of `check_wanted`, which raises where the work is no longer wanted."""
STDERR_TAIL = 1 << 14
OUT_OF_MEMORY = re.compile(
    rb"memory allocation of|thread creation failed|annot allocate memory|Resource temporarily unavailable"
)
"""Messages of a process that is out of memory: from Rust before it aborts, from its allocator for each thread (often
enough to cut off or split the others), from the system, and where a thread's stack cannot be allocated."""


@dataclass(frozen=True)
class Limits:
    """Limits of one child: bytes of memory and of each file it writes, seconds of wall time and of processor time."""

    memory: int
    output: int
    seconds: int
    processor_seconds: int


class Stopped(CrmError):
    """The child passed a limit or crashed. The message continues a sentence whose subject is the work: “took …”."""


class Busy(Stopped):
    """No place became free in time for the work to begin."""


class Sandbox:
    def __init__(self, module: str, *, at_once: int) -> None:
        self._module = module
        self._places = threading.BoundedSemaphore(at_once)

    def run(
        self,
        request: dict[str, Any],
        folder: Path,
        limits: Limits,
        check_wanted: Callable[[], None] = lambda: None,
    ) -> dict[str, Any]:
        """The work's answer. `check_wanted` is called while the child runs; an exception that it raises ends the
        child and is raised here, too."""
        if not self._places.acquire(timeout=limits.seconds):
            raise Busy(tr("found no room beside what else is being read; try again later"))
        try:
            return self._run(request, folder, limits, check_wanted)
        finally:
            self._places.release()

    def _run(
        self, request: dict[str, Any], folder: Path, limits: Limits, check_wanted: Callable[[], None]
    ) -> dict[str, Any]:
        message = {"request": request, "limits": vars(limits), "language": current()}
        (folder / REQUEST).write_text(json.dumps(message), encoding="utf-8")
        # A new interpreter, not a fork: the server has threads, and a fork copies their locks as they are held.
        child = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "crm.foundation.sandbox", self._module, str(folder), str(os.getpid())],
            cwd=HOME,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            # A process group of its own, which `_end` kills whole.
            start_new_session=True,
        )
        try:
            stderr = _stderr_once_ended(child, time.monotonic() + limits.seconds, check_wanted)
        finally:
            _end(child)
        if stderr is None:
            raise Stopped(tr("took more than {seconds:,} seconds", seconds=limits.seconds))
        return _answer(self._module, child.returncode, stderr, folder, limits)


def _environment() -> dict[str, str]:
    """The child's environment: nothing of the product's own, which holds secrets. Few threads, since each reserves
    address space, which the memory limit counts."""
    inherited = {
        name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH", "LD_LIBRARY_PATH") if name in os.environ
    }
    return {
        **inherited,
        "LANG": "C.UTF-8",
        "POLARS_MAX_THREADS": "2",
        "RAYON_NUM_THREADS": "2",
        "MALLOC_ARENA_MAX": "2",
    }


def _stderr_once_ended(
    child: subprocess.Popen[bytes], deadline: float, check_wanted: Callable[[], None]
) -> bytes | None:
    """The last bytes of the child's standard error once it has ended; None where it did not end in time."""
    assert child.stderr is not None  # noqa: S101
    stderr = b""
    with selectors.DefaultSelector() as selector:
        selector.register(child.stderr, selectors.EVENT_READ)
        while (remaining := deadline - time.monotonic()) > 0:
            check_wanted()
            if not selector.select(min(remaining, TICK)):
                continue
            # Read while it runs: a child that fills the pipe would wait for us forever.
            piece = os.read(child.stderr.fileno(), 1 << 16)
            stderr = (stderr + piece)[-STDERR_TAIL:]
            if not piece:
                return _wait(child, deadline, stderr)
    return None


def _wait(child: subprocess.Popen[bytes], deadline: float, stderr: bytes) -> bytes | None:
    try:
        child.wait(max(deadline - time.monotonic(), TICK))
    except subprocess.TimeoutExpired:
        return None
    return stderr


def _end(child: subprocess.Popen[bytes]) -> None:
    """Kill the child and every process that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    if child.stderr is not None:
        child.stderr.close()


def _answer(module: str, code: int, stderr: bytes, folder: Path, limits: Limits) -> dict[str, Any]:
    if code == -signal.SIGXCPU:
        raise Stopped(
            tr(
                "took more than {seconds:,} seconds of processor time",
                seconds=limits.processor_seconds,
            )
        )
    # A SIGKILL that we did not send comes from the kernel's out-of-memory killer.
    if code == -signal.SIGKILL or (code and OUT_OF_MEMORY.search(stderr)):
        raise Stopped(_limit_message("memory", limits))
    try:
        answer: dict[str, Any] = json.loads((folder / ANSWER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        log.error("%s broke off with code %s: %s", module, code, _where(stderr.decode("utf-8", "replace")))
        raise Stopped(tr("broke off")) from None
    if "refused" in answer:
        raise Invalid(answer["refused"], answer["field"])
    if "stopped" in answer:
        raise Stopped(_limit_message(answer["stopped"], limits))
    done: dict[str, Any] = answer["done"]
    return done


def _where(stderr: str) -> str:
    """Kind of error and frames of a traceback on standard error. Its message stays out of the log: it may quote a cell,
    which is personal data."""
    frames = re.findall(r'^  File "([^"]*)", line (\d+), in ([\w<>]+)$', stderr, re.MULTILINE)
    kinds = re.findall(r"^([\w.]*(?:Error|Exception|Exit|Interrupt))\b", stderr, re.MULTILINE)
    return " < ".join([*kinds[-1:], *(f"{path}:{line} {name}" for path, line, name in reversed(frames[-10:]))])


def _limit_message(stopped: str, limits: Limits) -> str:
    if stopped == "output":
        return tr("came to more than {size:,} MiB", size=round(limits.output / 2**20))
    return tr("took more than {size:,} MiB of memory", size=round(limits.memory / 2**20))
