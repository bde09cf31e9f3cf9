"""The served product, which says how many statements it has sent and drops what it keeps when it is told to.

Its parent writes commands to its standard input and reads answers from a pipe of its own.
"""

import json
import os
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from benchmarks.counting import Statement, counted, outdate
from benchmarks.served import Served, start_process
from crm.platform import process


class Instrumented:
    def __init__(self, server: Served, answers: TextIO) -> None:
        self.server = server
        self._answers = answers

    def statements(self) -> Counter[Statement]:
        """Those sent since the last call."""
        return Counter({Statement(*key): times for *key, times in json.loads(self._answer("statements"))})

    def outdate(self) -> None:
        """Make every kept answer stale."""
        self._answer("outdate")

    def _answer(self, command: str) -> str:
        commands = self.server.process.stdin
        assert commands is not None
        commands.write(f"{command}\n".encode())
        commands.flush()
        return self._answers.readline()


@contextmanager
def instrumented(folder: Path) -> Iterator[Instrumented]:
    """The product over a folder, stopped at the end."""
    reading, writing = os.pipe()
    arguments = ["-m", "benchmarks.instrumented", str(writing), "serve", "--port", "0", "--store", str(folder)]
    server = start_process(arguments, folder.with_suffix(".log"), stdin=-1, pass_fds=(writing,))
    os.close(writing)
    try:
        with os.fdopen(reading) as answers:
            yield Instrumented(server, answers)
    finally:
        server.stop()


def main() -> None:
    from crm.cli import main as crm

    answers = os.fdopen(int(sys.argv.pop(1)), "w")
    with counted() as found:
        threading.Thread(target=_obey, args=(found, answers), daemon=True).start()
        crm()


def _obey(found: Counter[Statement], answers: TextIO) -> None:
    for command in sys.stdin:
        if command.strip() == "outdate":
            outdate(process.store())
        sent = [[*statement, times] for statement, times in list(found.items())]
        found.clear()
        answers.write(json.dumps(sent) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
