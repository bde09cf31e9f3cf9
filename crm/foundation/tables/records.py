"""Reads a delimited file record by record, so that a broken line loses only itself."""

import csv
import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO, TypeAlias

from crm.foundation.language import later, tr
from crm.foundation.tables.dialect import Dialect

QUOTED = re.compile(r'"[^"]*(?:""[^"]*)*"')
INCHES_OR_WRAPPED = re.compile(r'^(?:[^"]*\d"|="[^"]*")$')
INSIDE = later(
    "A quote stands inside a cell that does not begin with one. Put the whole cell into quotes, and double it."
)

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
            cells, reason = _record(line, lines, dialect, width)
            # Spreadsheets write rows of nothing but delimiters below a table.
            if any(cell.strip(" \t") for cell in cells):
                yield at, cells, reason


def _record(line: str, lines: "_Lines", dialect: Dialect, width: int) -> tuple[list[str], str | None]:
    if dialect.quote == '"' and '"' in line and _has_quote_inside(line, dialect.delimiter):
        return _with_quote_inside(line, dialect, width)
    try:
        cells = parse([line], dialect)
    except csv.Error as error:
        if "unexpected end of data" not in str(error):
            return [line.rstrip("\r\n")], tr(
                "A quoted cell goes on after its closing quote. Double the quotes inside it."
            )
        found = _across_lines(line, lines, dialect, width)
        if found is None:
            return [line.rstrip("\r\n")], tr("A quote is opened and never closed. Close it, or double it.")
        return found
    return cells, _reason(cells, width)


def _has_quote_inside(line: str, delimiter: str) -> bool:
    """Whether some cell of the line does not begin with a quote and holds one: then a delimiter after it may be meant
    to stand inside of it. A quote at the end of a number is its inches, and ="…" is a text of a spreadsheet's."""
    rest = line.rstrip("\r\n")
    while rest:
        if not rest.startswith('"'):
            cell, _, rest = rest.partition(delimiter)
            if '"' in cell and not INCHES_OR_WRAPPED.match(cell):
                return True
            continue
        closed = QUOTED.match(rest)
        # A cell that goes on in the next line, or after its closing quote, is the strict parser's to judge.
        after = rest[closed.end() :] if closed else ""
        if closed is None or (after and not after.startswith(delimiter)):
            return False
        rest = after.removeprefix(delimiter)
    return False


def _with_quote_inside(line: str, dialect: Dialect, width: int) -> tuple[list[str], str | None]:
    """The record whose quotes have but blanks before them, as some programs write; else the fault."""
    tidy = re.sub(rf"({re.escape(dialect.delimiter)})[ \t]+\"", r'\1"', line)
    if tidy != line and not _has_quote_inside(tidy, dialect.delimiter):
        try:
            cells = parse([tidy], dialect)
        except csv.Error:
            cells = []
        if len(cells) == width:
            return cells, _reason(cells, width)
    return parse_leniently(line, dialect), tr(INSIDE)


def _reason(cells: list[str], width: int) -> str | None:
    if len(cells) != width:
        return tr("The row has {count} cells where the header has {width}.", count=len(cells), width=width)
    if any("\0" in cell for cell in cells):
        return tr("The row holds a NUL character. Remove it.")
    return None


def _across_lines(line: str, lines: "_Lines", dialect: Dialect, width: int) -> tuple[list[str], str | None] | None:
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
        inside = dialect.quote == '"' and _has_quote_inside("".join(taken), dialect.delimiter)
        return cells, INSIDE if inside else _reason(cells, width)
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


def parse_leniently(line: str, dialect: Dialect) -> list[str]:
    """The cells between the delimiters of a line whose quotes are in disorder."""
    return line.rstrip("\r\n").split(dialect.delimiter)


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
