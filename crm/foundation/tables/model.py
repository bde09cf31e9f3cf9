"""How a file is read, and what is said of a row that cannot be."""

from dataclasses import dataclass
from typing import Protocol

MOST_COLUMNS = 500


class Format(Protocol):
    """What a person said about the file; None means: find out. The options of an import are one."""

    @property
    def encoding(self) -> str | None: ...
    @property
    def delimiter(self) -> str | None: ...
    @property
    def quote(self) -> str | None: ...
    @property
    def sheet(self) -> str | None: ...
    @property
    def header_line(self) -> int | None: ...


@dataclass(frozen=True)
class PlainFormat:
    """A Format by itself, as it goes to a sandbox."""

    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    sheet: str | None = None
    header_line: int | None = None


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One row that is not imported, and why. `cells` is the row as it stands in the file."""

    line: int
    field: str | None = None
    reason: str
    cells: list[str]


@dataclass(frozen=True)
class TableLimits:
    """What a table may come to before it is loaded. The settings of the same names decide; these are usual."""

    cells: int = 100_000_000
    """Of a CSV file."""
    workbook_cells: int = 40_000_000
    """Of a sheet, up to its last row and column."""
    text: int = 256 * 2**20
    """Bytes of a workbook's text, each shared text counted wherever it is used."""
    unpacked: int = 4 * 2**30
    """Bytes of a workbook's parts."""


USUAL = TableLimits()


def shown_size(size: int) -> str:
    """Bytes in the unit that people read."""
    return f"{size / 2**30:,.1f} GB" if size >= 2**30 else f"{size / 2**20:,.0f} MB"
