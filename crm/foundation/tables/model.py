"""The format options of a file, the faults of its rows, and the limits of a table."""

from dataclasses import dataclass
from typing import Protocol

from crm.foundation.language import tr

MOST_COLUMNS = 500


class Format(Protocol):
    """The format of a file as a person gave it; None is detected. The options of an import fit this protocol."""

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
    """A `Format` without the rest of an import's options, as it is sent to a sandbox."""

    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    sheet: str | None = None
    header_line: int | None = None


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One row that cannot be read or imported, and why. `cells` is the row as in the file."""

    line: int
    field: str | None = None
    reason: str
    cells: list[str]


@dataclass(frozen=True)
class TableLimits:
    """The size that a table may have, checked before it is loaded. Settings of the same names override these
    defaults."""

    cells: int = 100_000_000
    """Cells of a CSV file."""
    workbook_cells: int = 40_000_000
    """Cells of a sheet, up to its last row and column."""
    text: int = 256 * 2**20
    """Bytes of a workbook's text; a shared text counts in each cell that shows it."""
    unpacked: int = 4 * 2**30
    """Bytes of a workbook's parts once unpacked."""


DEFAULT_LIMITS = TableLimits()


def shown_size(size: int) -> str:
    """A size in bytes as people read it, in MB or GB."""
    if size < 2**30:
        return tr("{size:,.0f} MB", size=size / 2**20)
    return tr("{size:,.1f} GB", size=size / 2**30)
