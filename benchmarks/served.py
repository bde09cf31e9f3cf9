"""The product in a process of its own over a folder, as `crm serve` runs it."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx

from crm.foundation.settings import ROOT

SECONDS_TO_START = 180
SECONDS_TO_STOP = 20

FORKS = get_context("forkserver")
"""Starts processes that have imported the product already: a start of Python with it takes seconds of processor."""
FORKS.set_forkserver_preload([__name__, "crm.cli", "crm.api.app", "crm.ui.app.main", "pandas"])


@dataclass
class Served:
    process: "subprocess.Popen[bytes]"
    log: Path
    url: str

    @property
    def socket_url(self) -> str:
        return self.url.replace("http://", "ws://") + "/_stcore/stream"

    @property
    def busy(self) -> float:
        """Seconds of processor that it has used, those of ended threads included."""
        # The clock of another process (CPUCLOCK_SCHED): psutil's figures come in steps of 10 ms.
        return time.clock_gettime((~self.process.pid << 3) | 2)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """As a power cut would: no chance to finish anything."""
        self.process.kill()
        self.process.wait()


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """A served product that answers; stopped at the end, unless it was killed before."""
    server = start(folder)
    try:
        yield server
    finally:
        server.stop()


def start(folder: Path) -> Served:
    # Port 0, since several of them may run at once.
    product = ["-c", "from crm.cli import main; main()", "serve", "--port", "0", "--store", str(folder)]
    return start_process(product, folder.with_suffix(".log"))


def start_process(arguments: list[str], log: Path, **options: Any) -> Served:
    """Start a server by these arguments to Python; `options` go to `subprocess.Popen`."""
    with log.open("wb") as writing:
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, stdout=writing, stderr=subprocess.STDOUT, **options
        )
    try:
        return Served(process, log, address_of(log, lambda: process.poll() is None))
    except RuntimeError:
        process.kill()
        raise


def address_of(log: Path, lives: Callable[[], bool]) -> str:
    """The address that it printed, once it answers there; RuntimeError where it does not."""
    deadline = time.monotonic() + SECONDS_TO_START
    while lives() and time.monotonic() < deadline:
        found = re.search(r"Mallard is at (http://\S+)\n", log.read_text()) if log.exists() else None
        if found and _answers(found[1]):
            return found[1]
        time.sleep(0.02)
    raise RuntimeError(f"the product did not start: {log.read_text() if log.exists() else 'it said nothing'}")


def forked(target: Callable[..., None], *args: object) -> ForkServerProcess:
    """Start a process of `FORKS`."""
    # Without this `__main__`: a page that was tested here leaves its script there, and the new process would run it.
    main, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
    try:
        process = FORKS.Process(target=target, args=args, daemon=True)
        process.start()
    finally:
        sys.modules["__main__"] = main
    return process


def serve_here(folder: Path, log: Path, port: str = "0") -> None:
    """Be `crm serve` from now on: the target of one of `FORKS`."""
    from crm.cli import main

    with log.open("wb") as output:
        for stream in (1, 2):
            # The descriptors, not sys.stdout: libraries in C write to them, and so does Python on its way out.
            os.dup2(output.fileno(), stream)
    os.chdir(ROOT)
    sys.argv = ["crm", "serve", "--port", port, "--store", str(folder)]
    main()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=5).is_success
    except httpx.TransportError:
        return False
