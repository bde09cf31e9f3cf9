"""The files themselves. What a spreadsheet would run is defused: in CSV by an apostrophe
(crm/platform/spreadsheets.py), in Excel by the cell's own mark as a text; Parquet holds the values as they are."""

import io
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import BinaryIO, Literal, get_args

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import xlsxwriter

from crm.exports.csv_cells import as_text
from crm.exports.lists import table, type_of
from crm.foundation.access import Permission
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.records.listing import ListQuery
from crm.store import Reading

Format = Literal["csv", "xlsx", "parquet"]

EXCEL_ROWS = 1_048_575
"""The most rows of an Excel sheet below its header."""


def export(tx: Reading, kind: str, format: str, query: ListQuery) -> bytes:
    """The whole list of the query (without its limit and offset) as one file."""
    target = io.BytesIO()
    write(tx, kind, format, query, target)
    return target.getvalue()


def write(tx: Reading, kind: str, format: str, query: ListQuery, target: BinaryIO) -> None:
    """As `export`, into an open file."""
    found = type_of(kind)
    check_format(format)
    tx.require(Permission.EXPORT, found.module)
    if found.personal:  # an unlocked screen must not be enough to take all people away
        tx.require_confirmed()
    _WRITERS[format](table(tx, kind, query), target)


def write_result(rows: pa.Table, format: str, target: BinaryIO) -> None:
    """Any table as a file. What a cell of a spreadsheet cannot hold, such as a list, is written as text."""
    check_format(format)
    _WRITERS[format](rows if format == "parquet" else _in_cells(rows), target)


def _in_cells(rows: pa.Table) -> pa.Table:
    for place, field in enumerate(rows.schema):
        if pa.types.is_large_string(field.type) or pa.types.is_dictionary(field.type):
            rows = rows.set_column(place, field.name, rows.column(place).cast(pa.string()))
        elif not _is_of_cells(field.type):
            texts = [None if value is None else str(value) for value in rows.column(place).to_pylist()]
            rows = rows.set_column(place, field.name, pa.chunked_array([pa.array(texts, pa.string())]))
    return rows


def _is_of_cells(type: pa.DataType) -> bool:
    plain = (pa.types.is_string, pa.types.is_boolean, pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
    return any(is_such(type) for is_such in (*plain, pa.types.is_date, pa.types.is_timestamp))


def check_format(format: str) -> None:
    """Raise Invalid where there is no export of this format."""
    if format not in get_args(Format):
        formats = ", ".join(get_args(Format))
        raise Invalid(
            tr("There is no export as “{format}”, only as {formats}.", format=format, formats=formats), "format"
        )


def _write_csv(rows: pa.Table, target: BinaryIO) -> None:
    """UTF-8 with a byte order mark, which Excel needs to read accents."""
    target.write(b"\xef\xbb\xbf")
    pyarrow.csv.write_csv(as_text(rows), target, pyarrow.csv.WriteOptions(quoting_style="needed"))


def _write_parquet(rows: pa.Table, target: BinaryIO) -> None:
    pyarrow.parquet.write_table(rows, target, compression="zstd")


def _write_xlsx(rows: pa.Table, target: BinaryIO) -> None:
    if rows.num_rows > EXCEL_ROWS:
        raise Invalid(
            tr(
                "Excel holds {most:,} rows; this list has {count:,}. Export it as CSV.",
                most=EXCEL_ROWS,
                count=rows.num_rows,
            ),
            "format",
        )
    # Rows go to disk as they are written: a million of them would fill the memory.
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True}
    book = xlsxwriter.Workbook(target, options)
    formats = {
        str: book.add_format({"num_format": "@", "quote_prefix": True}),  # stays a text after somebody edits the cell
        date: book.add_format({"num_format": "yyyy-mm-dd"}),
        datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
    }
    bold = book.add_format({"bold": True})
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, rows.num_columns - 1, 22)
    for column, name in enumerate(rows.schema.names):
        sheet.write_string(0, column, name, bold)
    write_string, text = sheet.write_string, formats[str]
    for row, cells in enumerate(_rows(rows), start=1):
        for column, cell in enumerate(cells):
            if type(cell) is str:  # most are; `write` would test each for its type
                write_string(row, column, cell, text)
            elif cell is not None:
                value = _excel_value(cell)
                sheet.write(row, column, value, formats.get(type(value)))
    book.close()


def _excel_value(cell: object) -> object:
    """The value as it is written to a cell."""
    # Excel keeps sixteen digits of a number: one with more is written as a text, which an import reads whole.
    if isinstance(cell, float | Decimal) and type(cell)(f"{cell:.16G}") != cell:
        return f"{Decimal(repr(cell)) if isinstance(cell, float) else cell:f}"
    return cell


def _rows(rows: pa.Table) -> Iterator[tuple[object, ...]]:
    # As Python objects a whole list takes many times its size in Arrow.
    for batch in rows.to_batches(max_chunksize=10_000):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


_WRITERS: dict[str, Callable[[pa.Table, BinaryIO], None]] = {
    "csv": _write_csv,
    "xlsx": _write_xlsx,
    "parquet": _write_parquet,
}
