"""The product in a process of its own over a folder, as `crm serve` runs it."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from crm.settings import HOUSE

SECONDS_TO_START = 180
SECONDS_TO_STOP = 20


@dataclass
class Served:
    process: "subprocess.Popen[bytes]"
    log: Path
    url: str = ""

    @property
    def socket_url(self) -> str:
        return self.url.replace("http://", "ws://") + "/_stcore/stream"

    def kill(self) -> None:
        """As a power cut would: no chance to finish anything."""
        self.process.kill()
        self.process.wait()


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """Started and answering; stopped at the end, if it has not been killed by then."""
    server = start(folder)
    try:
        yield server
    finally:
        server.process.send_signal(signal.SIGTERM)
        try:
            server.process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            server.kill()


def start(folder: Path) -> Served:
    log = folder.with_suffix(".log")
    with log.open("wb") as writing:
        process = subprocess.Popen(
            [sys.executable, "-c", "from crm.cli import main; main()", "serve", "--port", "0", "--store", str(folder)],
            cwd=HOUSE,
            stdout=writing,
            stderr=subprocess.STDOUT,
        )
    server = Served(process, log)
    deadline = time.monotonic() + SECONDS_TO_START
    while process.poll() is None and time.monotonic() < deadline:
        found = re.search(r"Mallard is at (http://\S+)\n", log.read_text())
        if found and _answers(found[1]):
            server.url = found[1]
            return server
        time.sleep(0.02)
    server.kill()
    raise RuntimeError(f"the product did not start: {log.read_text()}")


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=5).is_success
    except httpx.TransportError:
        return False
