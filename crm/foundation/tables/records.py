"""Reads a delimited file record by record, so that a broken line loses only itself."""

import csv
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO, TypeAlias

from crm.foundation.tables.dialect import Dialect

LONGEST_RECORD = 1_000
"""Lines that a quoted cell may span; beyond them its opening quote counts as a stray one."""


Record: TypeAlias = tuple[int, list[str], str | None]
"""(line, cells, the reason why it cannot be read or None)."""


def records(path: Path, dialect: Dialect, width: int) -> Iterator[Record]:
    """Each record after the header; blank lines are left out."""
    with path.open("r", encoding="utf-8-sig", newline="") as file:
        lines = _Lines(file)
        for _ in range(dialect.first_line - 1):
            lines.take()
        while (line := lines.take()) is not None:
            at = lines.number
            if not line.strip("\r\n"):
                continue
            yield at, *_record(line, lines, dialect, width)


def _record(line: str, lines: "_Lines", dialect: Dialect, width: int) -> tuple[list[str], str | None]:
    try:
        cells = parse([line], dialect)
    except csv.Error as error:
        if "unexpected end of data" not in str(error):
            return [line.rstrip("\r\n")], "A quoted cell goes on after its closing quote. Double the quotes inside it."
        found = _across_lines(line, lines, dialect, width)
        if found is None:
            return [line.rstrip("\r\n")], "A quote is opened and never closed. Close it, or double it."
        cells = found
    return cells, _reason(cells, width)


def _reason(cells: list[str], width: int) -> str | None:
    if len(cells) != width:
        return f"The row has {len(cells)} cells where the header has {width}."
    if any("\0" in cell for cell in cells):
        return "The row holds a NUL character. Remove it."
    return None


def _across_lines(line: str, lines: "_Lines", dialect: Dialect, width: int) -> list[str] | None:
    """The record that starts on this line and ends on a later one. None where there is none: the later lines are given
    back, so that only the first is lost."""
    taken = [line]
    quotes = line.count(dialect.quote or "")
    while len(taken) < LONGEST_RECORD and (more := lines.take()) is not None:
        taken.append(more)
        quotes += more.count(dialect.quote or "")
        # The first line with an even number of quotes is the earliest at which the record can end.
        if quotes % 2 == 0:
            break
    try:
        cells = parse(taken, dialect)
    except csv.Error:
        cells = []
    if len(cells) == width:
        return cells
    lines.give_back(taken[1:])
    return None


def parse(lines: list[str], dialect: Dialect) -> list[str]:
    """The cells of the one record in these lines. Raises csv.Error where they hold none or several."""
    found = list(
        csv.reader(
            lines,
            delimiter=dialect.delimiter,
            quotechar=dialect.quote,
            quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
            strict=True,
        )
    )
    if len(found) != 1:
        raise csv.Error("more than one record")
    return found[0]


class _Lines:
    """The lines of a file with their numbers. Lines that were taken can be given back."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._returned: deque[str] = deque()
        self.number = 0

    def take(self) -> str | None:
        line = self._returned.popleft() if self._returned else self._file.readline()
        if not line:
            return None
        self.number += 1
        return line

    def give_back(self, lines: list[str]) -> None:
        self._returned.extendleft(reversed(lines))
        self.number -= len(lines)
