"""Reads a file into a frame of text with one row per record, and a fault for each record that cannot be read.

Polars reads clean files. By itself it would refuse a whole file for one stray quote and pad short rows silently, so a
file that is not provably clean is read line by line instead.
"""

import csv
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count, islice
from pathlib import Path

import polars as pl

from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.foundation.tables import encoding as encodings
from crm.foundation.tables import encoding_names, opendocument, other_sheets, workbook
from crm.foundation.tables.dialect import Dialect, detect
from crm.foundation.tables.encoding import Detected
from crm.foundation.tables.model import DEFAULT_LIMITS, MOST_COLUMNS, Fault, Format, TableLimits
from crm.foundation.tables.other_kinds import refuse_other_kinds
from crm.foundation.tables.records import Record, records
from crm.foundation.tables.workbook import Table

WRAPPED = r'^="([^"]*)"$'
"""A text as some programs write it lest a spreadsheet should take it for a number: ="00123"."""
WRAPPED_CELL = re.compile(WRAPPED)

# By default csv refuses a cell above 128 KiB, which would be reported as a misplaced quote.
csv.field_size_limit(1 << 28)


BATCH = 50_000
FEW_QUOTES = 64
"""Bytes for each quote from which on the quotes are looked at one by one: where they stand closer, counting pairs of
bytes takes less time."""

MOST_FAULTS = 500_000
"""Faults are kept in memory with their cells; a file with more of them was misunderstood as a whole."""


@dataclass(frozen=True)
class Sheet:
    """A table that was read. `rows` has `line` (the line where the row starts) and a text column per header: c0, c1,
    …"""

    header: list[str]
    rows: pl.DataFrame
    faults: list[Fault]
    dialect: Dialect
    notices: list[str]

    @property
    def total(self) -> int:
        return self.rows.height + len(self.faults)

    def cells(self, lines: pl.Series) -> pl.DataFrame:
        """The rows at these lines as in the file: columns `line`, `cells` (a list of texts)."""
        columns = [f"c{index}" for index in range(len(self.header))]
        return self.only(lines).rows.select("line", cells=pl.concat_list(columns))

    def only(self, lines: pl.Series) -> "Sheet":
        """The sheet without its rows at other lines."""
        return replace(self, rows=self.rows.filter(pl.col("line").is_in(lines.implode())))


def read(
    path: Path,
    options: Format,
    limit: int | None = None,
    *,
    limits: TableLimits = DEFAULT_LIMITS,
    scratch: Path | None = None,
) -> Sheet:
    """Read a CSV or Excel file, whole or its first `limit` rows. Raises Invalid where it is neither, or exceeds
    `limits`. Temporary files go to the folder `scratch`."""
    if path.stat().st_size == 0:
        raise Invalid(tr("The file is empty."), "file")
    for kind, (is_kind, read_table) in SHEETS.items():
        if is_kind(path):
            return _read_sheet(kind, read_table(path, options, limit, limits))
    refuse_other_kinds(path)
    found = _encoding(path, options)
    if found.encoding in ("utf-8", "utf-8-sig"):
        return _read_utf_8(path, found, options, limit, limits)
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        copy = Path(folder) / "utf-8"
        encodings.to_utf_8(path, found.encoding, copy, whole=limit is None)
        return _read_utf_8(copy, found, options, limit, limits)


def unwrapped(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the text of each cell that is written as a formula of nothing else: 00123, of ="00123"."""
    wrapped = [name for name in rows.columns if name != "line"]
    has = rows.select(pl.col(wrapped).str.contains('="', literal=True).any()).row(0) if wrapped else ()
    found = [name for name, holds in zip(wrapped, has, strict=True) if holds]
    return rows.with_columns(pl.col(found).str.replace(WRAPPED, "${1}")) if found else rows


SHEETS = {
    "xlsx": (workbook.is_workbook, workbook.read_table),
    "ods": (opendocument.is_opendocument, other_sheets.read_opendocument),
    "xls": (other_sheets.is_old_workbook, other_sheets.read_old_workbook),
}


def _read_sheet(kind: str, table: Table) -> Sheet:
    header, notices = _header(table.header)
    if table.rows.height + len(table.faults) == 0:
        raise Invalid(tr("The sheet “{name}” has a header and no rows.", name=table.sheet), "sheet")
    dialect = Dialect(kind, "", None, header, table.header_line + 1, sheet=table.sheet, sheets=tuple(table.sheets))
    return Sheet(header, unwrapped(table.rows), table.faults, dialect, [*table.notices, *notices])


def _encoding(path: Path, options: Format) -> Detected:
    if options.encoding is None:
        return encodings.detect(path)
    chosen = encoding_names.codec(options.encoding)
    encodings.check(path, chosen)
    marked = chosen == "utf-8" and encodings.detect(path).encoding == "utf-8-sig"
    return Detected("utf-8-sig" if marked else chosen)


def _read_utf_8(path: Path, encoding: Detected, options: Format, limit: int | None, limits: TableLimits) -> Sheet:
    dialect = detect(path, encoding, options)
    header, notices = _header([WRAPPED_CELL.sub(r"\1", cell) for cell in dialect.header])
    rows = None if limit else _read_clean(path, dialect, len(header), limits.cells)
    faults: list[Fault] = []
    if rows is None:
        rows, faults = _read_by_line(path, dialect, len(header), limit, limits.cells)
        rows = unwrapped(rows)
    if rows.height + len(faults) == 0:
        raise Invalid(tr("The file has a header and no rows."), "file")
    told = [] if encoding.sure else [_guessed(encoding)]
    if dialect.passed_titles:
        told.append(
            tr("The header was found on line {line}; what stands above it is left out.", line=dialect.first_line - 1)
        )
    return Sheet(header, rows, faults, dialect, [*told, *notices])


def _guessed(encoding: Detected) -> str:
    name = encoding_names.shown(encoding.encoding)
    if not encoding.sample:
        return tr(
            "The encoding is a guess: {name}. Confirm it, or choose another one, before anything is imported.",
            name=name,
        )
    return tr(
        "The encoding is a guess: {name}, as in “{sample}”. Confirm it, or choose another one, before anything is "
        "imported.",
        name=name,
        sample=encoding.sample,
    )


def _header(cells: list[str]) -> tuple[list[str], list[str]]:
    """The header's names, made unique, and a notice for each that had to be changed."""
    if len(cells) > MOST_COLUMNS:
        raise Invalid(
            tr(
                "The file has {count:,} columns; the limit is {limit:,}.",
                count=len(cells),
                limit=MOST_COLUMNS,
            ),
            "file",
        )
    names: dict[str, None] = {}
    notices: list[str] = []
    for position, cell in enumerate(cells, 1):
        title = cell.strip() or f"Column {position}"
        name = next(choice for choice in _numbered(title) if choice not in names)
        if name != title:
            notices.append(
                tr(
                    "The header “{title}” stands more than once; column {position} is called “{name}” here.",
                    title=title,
                    position=position,
                    name=name,
                )
            )
        names[name] = None
    return list(names), notices


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name} ({again})" for again in count(2))


def _read_clean(path: Path, dialect: Dialect, width: int, most_cells: int) -> pl.DataFrame | None:
    """The whole file as Polars reads it, None where it cannot be proven to be right."""
    census = _census(path, dialect)
    if census.nul or census.bare_cr or not dialect.delimiter.isascii():
        return None
    if census.ends * width > most_cells:  # Polars pads short rows: a line of one byte could become 500 cells
        return None
    columns = [f"c{index}" for index in range(width)]
    try:
        rows = pl.read_csv(
            path,
            has_header=False,
            skip_lines=dialect.first_line - 1,
            separator=dialect.delimiter,
            quote_char=dialect.quote,
            schema=dict.fromkeys(columns, pl.String),  # all text: Polars would guess types by the first rows
            empty_string_is_null=False,
            truncate_ragged_lines=False,  # True would drop cells silently
        )
    except pl.exceptions.PolarsError:
        return None
    proven = _proven(rows, census, dialect, columns)
    return unwrapped(proven) if proven is not None and census.wrapped else proven


def _proven(rows: pl.DataFrame, census: "Census", dialect: Dialect, columns: list[str]) -> pl.DataFrame | None:
    """The rows with their line numbers, if the counts of delimiters and line ends in the file account for every
    cell."""
    # Without a quote in the file no cell holds any of them.
    marked = _holding(rows, columns, ["\n", dialect.delimiter, dialect.quote or ""]) if census.quotes else []
    ends = _occurrences(rows, marked, "\n")
    delimiters = _occurrences(rows, marked, dialect.delimiter).sum()
    # A row starts as many lines further down as there are line ends inside the quoted cells before it.
    line = pl.int_range(dialect.first_line, dialect.first_line + pl.len(), dtype=pl.Int64)
    rows = rows.with_columns(line=line + ends.cum_sum().shift(1, fill_value=0))
    # Rows of nothing but delimiters are no rows, and neither are those of nothing but blanks between them.
    hollow = rows.filter(pl.col("c0").str.strip_chars(" \t") == "").select("line", *columns)
    hollow = hollow.filter(pl.all_horizontal(pl.col(columns).str.strip_chars(" \t") == ""))
    blank = hollow.select(pl.all_horizontal(pl.col(columns) == "").sum()).item()
    cells = (rows.height - blank) * (len(columns) - 1) + delimiters
    # With one column there are no delimiters whose count could prove anything.
    if len(columns) == 1 or census.ends != rows.height + ends.sum():
        return None
    # A quote is at the edge of its cell, or doubled; Polars silently drops any other.
    if census.quotes and census.quotes != census.edges + 2 * _occurrences(rows, marked, dialect.quote or "").sum():
        return None
    # Blank lines have no delimiters, and lines of nothing but delimiters have them all.
    if census.delimiters not in (cells, cells + blank * (len(columns) - 1)):
        return None
    return rows.filter(~pl.col("line").is_in(hollow["line"].implode())) if hollow.height else rows


def _holding(rows: pl.DataFrame, columns: list[str], characters: list[str]) -> list[str]:
    """The columns with a cell that contains one of the characters: in most files few."""
    anyone = "[{}]".format("".join(rf"\x{{{ord(one):x}}}" for one in characters if one))
    has = rows.select(pl.col(columns).str.contains(anyone).any()).row(0)
    return [name for name, found in zip(columns, has, strict=True) if found]


def _occurrences(rows: pl.DataFrame, columns: list[str], text: str) -> pl.Series:
    """The number of occurrences of a text in the cells of each row."""
    if not columns:
        return pl.zeros(rows.height, pl.Int64, eager=True)
    counts = [pl.col(name).str.count_matches(text, literal=True) for name in columns]
    return rows.select(pl.sum_horizontal(counts).cast(pl.Int64)).to_series()


@dataclass(frozen=True)
class Census:
    """Counts over the file's bytes after the header."""

    delimiters: int
    ends: int
    quotes: int
    edges: int
    """Quotes beside a delimiter or a line end."""
    nul: bool
    bare_cr: bool
    wrapped: bool
    """Whether an equals sign stands before a quotation mark anywhere, as in `WRAPPED` cells."""


def _census(path: Path, dialect: Dialect) -> Census:
    delimiters = ends = quotes = edges = nul = returns = pairs = 0
    wrapped = False
    delimiter, quote = dialect.delimiter.encode(), (dialect.quote or "\0").encode()
    no_marks = bytes(set(range(256)) - {*delimiter, *b"\n\r\0"})
    last = b"\n"
    with path.open("rb") as file:
        before = b"".join(file.readline() for _ in range(dialect.first_line - 1))
        bare_cr = before.count(b"\r") != before.count(b"\r\n")
        while piece := file.read(encodings.CHUNK):
            # Each count is a pass over the bytes: it goes over those that count, a tenth of most files.
            marks = piece.translate(None, no_marks)
            delimiters += marks.count(delimiter)
            ends += marks.count(b"\n")
            nul += marks.count(b"\0")
            in_piece, returns_in_piece = piece.count(quote), marks.count(b"\r")
            quotes += in_piece
            returns += returns_in_piece
            if in_piece or last == quote:
                edges += _edges(last, piece, in_piece, delimiter, quote)
            if returns_in_piece or last == b"\r":
                pairs += piece.count(b"\r\n") + (last == b"\r" and piece[:1] == b"\n")
            wrapped = wrapped or b'="' in piece or (last == b"=" and piece[:1] == b'"')
            # Pairs of bytes may lie across two pieces, hence the last byte of the one before.
            last = piece[-1:]
    ends += last != b"\n"
    edges += last == quote
    return Census(delimiters, ends, quotes, edges, nul > 0, bare_cr or returns != pairs, wrapped)


def _edges(last: bytes, piece: bytes, quotes: int, delimiter: bytes, quote: bytes) -> int:
    """The number of times that one of so many quotes stands beside a delimiter or a line end, in a piece and where it
    follows on the last byte before it."""
    openings, closings = (delimiter, b"\n"), (delimiter, b"\n", b"\r")
    across = (piece[:1] == quote and last in openings) + (last == quote and piece[:1] in closings)
    if quotes * FEW_QUOTES > len(piece):
        pairs = (*(before + quote for before in openings), *(quote + after for after in closings))
        return across + sum(map(piece.count, pairs))
    between = piece.split(quote)
    opened = sum(text[-1:] in openings for text in between[:-1])
    return across + opened + sum(text[:1] in closings for text in between[1:])


def _read_by_line(
    path: Path, dialect: Dialect, width: int, limit: int | None, most_cells: int
) -> tuple[pl.DataFrame, list[Fault]]:
    schema = {"line": pl.Int64(), **{f"c{index}": pl.String() for index in range(width)}}
    faults: list[Fault] = []
    sound = _without_faults(islice(records(path, dialect, width), limit), faults)
    frames: list[pl.DataFrame] = []
    room = most_cells // width
    for batch in _batches(sound):
        frames.append(pl.DataFrame(batch, schema=schema, orient="row"))
        room -= len(batch)
        if room < 0:
            raise Invalid(
                tr(
                    "The file has more than {rows:,} rows of {columns:,} columns: the limit is {limit:,} "
                    "cells (CRM_IMPORT_CELLS). Leave out columns, or split it.",
                    rows=most_cells // width,
                    columns=width,
                    limit=most_cells,
                ),
                "file",
            )
    return pl.concat(frames) if frames else pl.DataFrame(schema=schema), faults


def _without_faults(found: Iterable[Record], faults: list[Fault]) -> Iterator[tuple[int | str, ...]]:
    """The records without a fault; the others are added to `faults`."""
    for line, cells, reason in found:
        if not reason:
            yield (line, *cells)
            continue
        faults.append(Fault(line=line, reason=reason, cells=cells))
        if len(faults) > MOST_FAULTS:
            raise Invalid(
                tr(
                    "More than {limit:,} rows of the file cannot be read. The first is line {line:,}: {reason}",
                    limit=MOST_FAULTS,
                    line=faults[0].line,
                    reason=faults[0].reason,
                ),
                "file",
            )


def _batches(rows: Iterator[tuple[int | str, ...]]) -> Iterator[list[tuple[int | str, ...]]]:
    """The rows in batches: text takes several times as much memory in Python objects as in a frame."""
    while batch := list(islice(rows, BATCH)):
        yield batch
