"""What a child may be up to, good and bad: `crm.foundation.sandbox` runs it by this module's name."""

import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from crm.foundation.errors import Invalid


def work(params: dict[str, Any], folder: Path) -> dict[str, Any]:
    found = globals()[params["deed"]](folder)
    return found or {}


def add(folder: Path) -> dict[str, Any]:
    (folder / "sum").write_text("3", encoding="utf-8")
    return {"sum": 3}


def refuse(folder: Path) -> None:
    raise Invalid("That is no table.", "file")


def fill_memory(folder: Path) -> None:
    held = [b"x" * 2**20 for _ in range(4096)]
    raise AssertionError(len(held))


def start_threads(folder: Path) -> None:
    """What Polars does at its first query, with memory for itself and for no stack of a thread."""
    import polars

    frame = polars.LazyFrame({"n": [1]})
    taken = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + 2**20, resource.getrlimit(resource.RLIMIT_AS)[1]))
    frame.select(polars.col("n") * 2).collect()


def say_often(folder: Path) -> None:
    """As jemalloc does beside a thread of Rust that aborts: what that one says is cut in two, or cut off."""
    said = b"memory allocation <jemalloc>: arena 0 background thread creation failed (11)\nof 2048000 bytes failed\n"
    os.write(2, said + b"<jemalloc>: arena 0 background thread creation failed (11)\n" * 1_000)
    os.abort()


def sleep(folder: Path) -> None:
    time.sleep(600)


def sleep_in_a_child(folder: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    (folder / "pid").write_text(str(child.pid), encoding="utf-8")
    child.wait()


def spin(folder: Path) -> None:
    while True:
        pass


def write_much(folder: Path) -> None:
    with (folder / "much").open("wb") as file:
        for _ in range(100):
            file.write(b"x" * 2**20)


def crash(folder: Path) -> None:
    os.abort()


def fail(folder: Path) -> None:
    raise KeyError("what was expected")


def chatter(folder: Path) -> None:
    for _ in range(2_000):
        sys.stderr.write("x" * 1_000)
    sys.exit(3)


def look_around(folder: Path) -> dict[str, Any]:
    return {
        "environment": dict(os.environ),
        "stdin": sys.stdin.read(),
        "files": len(list(Path("/proc/self/fd").iterdir())),
    }
