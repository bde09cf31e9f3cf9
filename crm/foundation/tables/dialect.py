"""The CSV dialect of a file: delimiter, quote and header, detected in its first lines or given by the person."""

import csv
import io
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.foundation.tables.encoding import Detected
from crm.foundation.tables.model import Format

DELIMITERS = (",", ";", "\t", "|")
SAMPLE = 1 << 18
LINES_OF_TITLES = 50
LEAST_BELOW_TITLES = 3
"""Columns of a table that titles may stand above: of one or two columns a title cannot be told from a header."""


@dataclass(frozen=True)
class Dialect:
    encoding: str
    delimiter: str
    quote: str | None
    header: list[str]
    first_line: int
    """Line of the file on which the first row starts, counted from 1."""
    passed_titles: bool = False
    """Whether lines of titles stand above the header, and are left out."""
    guessed: bool = False
    """Whether the encoding is a guess that a person has to confirm."""
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    """In a workbook: the names of all sheets; `sheet` is the one that was read."""

    @property
    def is_workbook(self) -> bool:
        return self.sheet is not None


def detect(path: Path, encoding: Detected, options: Format) -> Dialect:
    """The dialect of the file. `path` is UTF-8 by now; `encoding` is what the file was in before."""
    with path.open("r", encoding="utf-8-sig", newline="") as file:
        sample = file.read(SAMPLE)
        whole = not file.read(1)
    announced = _announced(sample)
    lines_above = (options.header_line or 1) - 1
    if announced and "\n" in sample:
        lines_above = max(lines_above, 1)
    text = _without_first_lines(sample, lines_above)
    delimiter = options.delimiter or announced or _delimiter(text, whole)
    quote = options.quote or _quote(text, delimiter)
    header, lines, passed = _header(text, delimiter, quote, given=options.header_line is not None)
    first_line = 1 + lines + lines_above
    return Dialect(encoding.encoding, delimiter, quote, header, first_line, passed, not encoding.sure)


def _without_first_lines(sample: str, lines: int) -> str:
    """The text after its first `lines` lines, whatever their line ends."""
    file = io.StringIO(sample, newline="")
    for _ in range(lines):
        file.readline()
    return file.read()


def _announced(sample: str) -> str | None:
    """The delimiter that Excel's first line `sep=;` names, None without such a line."""
    first = sample.split("\n", 1)[0].strip("\r\ufeff").strip('"')
    return first[4] if first.lower().startswith("sep=") and len(first) == 5 else None


def _delimiter(text: str, whole: bool) -> str:
    """The delimiter that gives most records as many cells as the header; of equals, the one that gives the most
    cells."""
    return max(DELIMITERS, key=lambda delimiter: _consistency(text, delimiter, whole))


def _consistency(text: str, delimiter: str, whole: bool) -> tuple[float, int]:
    try:
        found = [record for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if record]
    except csv.Error:
        return (0.0, 0)
    # The sample's last record may be cut in two, unless the sample is the whole file.
    records = (found if whole else found[:-1] or found)[:500]
    at = _below_titles(records)
    widths = [len(record) for record in records[at:]]
    # One column means that the header does not contain this delimiter.
    if not widths or widths[0] < 2:
        return (0.0, 0)
    return (Counter(widths)[widths[0]] / len(widths), widths[0])


def _below_titles(records: list[list[str]]) -> int:
    """The index of the first record that can be a header: with half as many filled cells as most records have. Titles
    above a table fill fewer."""
    filled = [sum(bool(cell.strip()) for cell in record) for record in records]
    first = next((at for at, many in enumerate(filled) if many), 0)
    # The most usual number of filled cells; of two equally usual ones, the larger.
    usual = max(Counter(filled[first:]).items(), key=lambda found: (found[1], found[0]), default=(0, 0))[0]
    if usual < LEAST_BELOW_TITLES:
        return first
    wide = (usual + 1) // 2
    if filled[first] >= wide:
        return first
    below = range(first + 1, min(len(records), first + LINES_OF_TITLES))
    at = next((at for at in below if filled[at] >= wide), first)
    return at if _can_be_header(records[at]) else first


def _can_be_header(record: list[str]) -> bool:
    """Whether the filled cells are different words, as names of columns are, and not the parts of a sentence."""
    cells = [cell for cell in record if cell.strip()]
    are_names = all(cell[0].strip() and not cell.strip().isdigit() for cell in cells)
    return are_names and len({cell.casefold() for cell in cells}) == len(cells)


def _quote(text: str, delimiter: str) -> str | None:
    """The quote character: double, unless only single quotes enclose cells."""
    cells = text.replace("\r", "\n").replace("\n", delimiter).split(delimiter)
    opened = Counter(cell[0] for cell in cells if len(cell) > 1 and cell[0] == cell[-1] and cell[0] in "\"'")
    return "'" if opened["'"] > len(cells) // 4 and not opened['"'] else '"'


def _header(text: str, delimiter: str, quote: str | None, *, given: bool) -> tuple[list[str], int, bool]:
    """The record of the header, the number of lines up to its end, and whether lines above it were passed over. Where
    its line is `given`, it is the first record that is not blank."""
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter,
        quotechar=quote,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
    )
    records: list[list[str]] = []
    ends: list[int] = []
    try:
        for record in islice(reader, 500):
            records.append(record)
            ends.append(reader.line_num)
    except csv.Error as error:
        if not any(cell.strip() for record in records for cell in record):
            raise Invalid(tr("The header row cannot be read: {error}.", error=error), "file") from None
    first = next((at for at, record in enumerate(records) if any(cell.strip() for cell in record)), None)
    if first is None:
        raise Invalid(tr("The file has no header row."), "file")
    at = first if given else _below_titles(records)
    return records[at], ends[at], at > first
