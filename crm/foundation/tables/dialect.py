"""The CSV dialect of a file: delimiter, quote and header, detected in its first lines or given by the person."""

import csv
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from crm.foundation.errors import Invalid
from crm.foundation.tables.encoding import Detected
from crm.foundation.tables.model import Format

DELIMITERS = (",", ";", "\t", "|")
SAMPLE = 1 << 18


@dataclass(frozen=True)
class Dialect:
    encoding: str
    delimiter: str
    quote: str | None
    header: list[str]
    first_line: int
    """Line of the file on which the first row starts, counted from 1."""
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
    header, lines = _header(text, delimiter, quote)
    return Dialect(encoding.encoding, delimiter, quote, header, 1 + lines + lines_above, not encoding.sure)


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
    widths = [len(record) for record in (found if whole else found[:-1] or found)][:500]
    # One column means that the header does not contain this delimiter.
    if not widths or widths[0] < 2:
        return (0.0, 0)
    return (Counter(widths)[widths[0]] / len(widths), widths[0])


def _quote(text: str, delimiter: str) -> str | None:
    """The quote character: double, unless only single quotes enclose cells."""
    cells = text.replace("\r", "\n").replace("\n", delimiter).split(delimiter)
    opened = Counter(cell[0] for cell in cells if len(cell) > 1 and cell[0] == cell[-1] and cell[0] in "\"'")
    return "'" if opened["'"] > len(cells) // 4 and not opened['"'] else '"'


def _header(text: str, delimiter: str, quote: str | None) -> tuple[list[str], int]:
    """The first record that is not blank, and the number of lines up to its end."""
    lines = io.StringIO(text, newline="")
    reader = csv.reader(
        lines, delimiter=delimiter, quotechar=quote, quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE
    )
    try:
        for record in reader:
            if any(cell.strip() for cell in record):
                return record, reader.line_num
    except csv.Error as error:
        raise Invalid(f"The header row cannot be read: {error}.", "file") from None
    raise Invalid("The file has no header row.", "file")
