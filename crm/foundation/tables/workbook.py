"""Reads one sheet of an Excel file as a table of text, with each row's number in the sheet.

Numbers are written out in full (a phone stays 5511987654321), but for what their format adds: 12.5% and 00123 come as
they are shown. Dates are written as 2026-12-31, formulas as the value they were saved with. A merged cell counts for
every row it covers. A row with an error such as #REF! is a fault, not a blank.
"""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree

import polars as pl

from crm.foundation.errors import Invalid
from crm.foundation.language import plural, tr
from crm.foundation.tables.model import Fault, Format, TableLimits, shown_size
from crm.foundation.tables.workbook_census import (
    DAMAGED,
    Census,
    Region,
    census,
    is_filled,
    opened_tags,
    refuse_too_deep,
    refuse_too_large,
)
from crm.foundation.tables.workbook_formats import as_shown, shown_formats

INDEX = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
LARGEST_INDEX = 1 << 24
STYLES = "xl/styles.xml"
ROWS_BEFORE_HEADER = 50

MIDNIGHT = r"^(\d{4}-\d{2}-\d{2}) 00:00:00$"
TIME_ALONE = r"^1899-12-31 (\d{2}:\d{2}:\d{2})$"
"""The reader's text for an Excel date without a time, and for a time without a date."""


@dataclass(frozen=True)
class Table:
    """A sheet as text. `rows` has `line` (the row in the sheet) and c0, c1, …; rows with errors are in `faults`
    instead."""

    sheet: str
    sheets: list[str]
    header_line: int
    header: list[str]
    rows: pl.DataFrame
    faults: list[Fault]
    notices: list[str]


@dataclass(frozen=True)
class SheetPart:
    path: str
    visible: bool


def is_workbook(path: Path) -> bool:
    return zipfile.is_zipfile(path) and _has_part(path, INDEX)


def read_table(path: Path, options: Format, limit: int | None, limits: TableLimits) -> Table:
    """Read one sheet. Raises Invalid where it holds no table, the workbook cannot be read, or it exceeds its limits."""
    with _open(path, limits) as (book, sheets):
        name = _chosen(book, sheets, options.sheet)
        formats = shown_formats(_styles(book))
        counted = census(book, sheets[name].path, name, limits, formats)
        cells = as_shown(_load(path, name), counted.shaped, formats, counted.first_column)
    cells = _with_texts(cells, counted)
    header_line = options.header_line or header_line_of(cells)
    notices = _notices(counted, header_line, options)
    merged = [region for region in counted.merged if region.top > header_line]
    cells = _fill_merged(cells, merged, counted.first_column, notices, limits)
    errors = {
        (row, column - counted.first_column): text
        for (row, column), text in counted.errors.items()
        if row > header_line
    }
    return table_below(cells, header_line, errors, name, list(sheets), notices, limit)


def _has_part(path: Path, part: str) -> bool:
    with zipfile.ZipFile(path) as book:
        return part in book.namelist()


@contextmanager
def _open(path: Path, limits: TableLimits) -> Iterator[tuple[zipfile.ZipFile, dict[str, SheetPart]]]:
    """The opened workbook, and {sheet name: path of its XML inside the workbook and whether it is visible}."""
    import fastexcel  # slow to import, and of no use to the child that reads a text file

    try:
        with zipfile.ZipFile(path) as book:
            refuse_too_large(book, path.stat().st_size, limits)
            yield book, _sheets(book)
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, fastexcel.FastExcelError, EOFError) as damage:
        raise Invalid(tr(DAMAGED), "file") from damage


def _sheets(book: zipfile.ZipFile) -> dict[str, SheetPart]:
    links = {one.get("Id"): (one.get("Type") or "", one.get("Target") or "") for one in _xml(book, RELATIONS)}
    found = {}
    for element in _xml(book, INDEX).iter():
        if element.tag.rpartition("}")[2] != "sheet":
            continue
        kind, target = links[next((value for key, value in element.items() if key.endswith("}id")), "")]
        if kind.endswith("/worksheet"):  # a chart sheet is none
            path = str(PurePosixPath("/xl", target)).removeprefix("/")
            found[element.get("name") or ""] = SheetPart(path, element.get("state", "visible") == "visible")
    return found


def _xml(book: zipfile.ZipFile, part: str) -> ElementTree.Element:
    with book.open(part) as file:
        text = file.read(LARGEST_INDEX)
    if b"<!DOCTYPE" in text:  # Excel writes none: only an attack declares entities
        raise Invalid(tr(DAMAGED), "file")
    refuse_too_deep(opened_tags(text))
    return ElementTree.fromstring(text)  # noqa: S314


def _styles(book: zipfile.ZipFile) -> ElementTree.Element | None:
    part = next((name for name in book.namelist() if name.lower() == STYLES), None)
    return _xml(book, part) if part else None


def _chosen(book: zipfile.ZipFile, sheets: dict[str, SheetPart], requested: str | None) -> str:
    """The name of the requested sheet, else of the first one that is visible and not empty."""
    if requested is None:
        shown = (name for name, part in sheets.items() if part.visible and is_filled(book, part.path))
        found = next(shown, None)
        if found is None:
            raise Invalid(tr("The workbook's sheets are empty."), "file")
        return found
    if requested not in sheets:
        raise Invalid(
            tr("The workbook has no sheet “{name}”, only {names}.", name=requested, names=", ".join(sheets)),
            "sheet",
        )
    return requested


def _load(path: Path, name: str) -> pl.DataFrame:
    """Every cell as text, without nulls; the first row of the frame is row 1 of the sheet."""
    import fastexcel

    sheet = fastexcel.read_excel(path).load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
    frame = sheet.to_polars()
    if not frame.width:
        raise Invalid(tr("The sheet “{name}” is empty.", name=name), "sheet")
    return frame.select(plain_moments(pl.all().fill_null("")))


def plain_moments(cells: pl.Expr) -> pl.Expr:
    """The cells with a day that has no time, or a time that has no day, alone."""
    return cells.str.replace(MIDNIGHT, "${1}").str.replace(TIME_ALONE, "${1}")


def _with_texts(cells: pl.DataFrame, counted: Census) -> pl.DataFrame:
    """The cells with the texts that the census found in place of the reader's."""
    changed: dict[str, dict[int, str]] = {}
    for (row, column), text in counted.texts.items():
        if row <= cells.height and 0 <= column - counted.first_column < cells.width:
            changed.setdefault(cells.columns[column - counted.first_column], {})[row - 1] = text
    return cells.with_columns(
        cells[name].clone().scatter(list(texts), list(texts.values())) for name, texts in changed.items()
    )


def header_line_of(cells: pl.DataFrame) -> int:
    """The row of the header, from 1: the first one with at least half as many filled cells as the fullest of the first
    rows. Titles above a table fill fewer."""
    top = cells.head(ROWS_BEFORE_HEADER)
    filled = top.select(pl.sum_horizontal(pl.all().str.strip_chars() != "")).to_series()
    wide = (int(filled.max() or 0) + 1) // 2  # type: ignore[arg-type]  # a sum of booleans is a whole number
    return int((filled >= wide).arg_max() or 0) + 1


def _notices(counted: Census, header_line: int, options: Format) -> list[str]:
    found = header_notices(header_line, options)
    if counted.long_numbers:
        found.append(
            plural(
                "1 number has more than 15 digits, of which Excel keeps 15. Where it is a code, check it against its "
                "source.",
                "{count:,} numbers have more than 15 digits, of which Excel keeps 15. Where it is a code, check it "
                "against its source.",
                counted.long_numbers,
            )
        )
    if counted.uncomputed:
        found.append(
            plural(
                "1 formula was saved without a value, so nothing is read there. Open the file in Excel and save it "
                "again.",
                "{count:,} formulas were saved without a value, so nothing is read there. Open the file in Excel and "
                "save it again.",
                counted.uncomputed,
            )
        )
    return found


def header_notices(header_line: int, options: Format) -> list[str]:
    if header_line == 1 or options.header_line is not None:
        return []
    return [tr("The header was found on row {row}; what stands above it is left out.", row=header_line)]


def _fill_merged(
    cells: pl.DataFrame, merged: list[Region], first: int, notices: list[str], limits: TableLimits
) -> pl.DataFrame:
    if not merged:
        return cells
    columns: dict[str, list[str]] = {}
    covered = text_covered = 0
    for region in merged:
        left, right = region.left - first, min(region.right - first, cells.width - 1)
        if not 0 <= left < cells.width or region.top > cells.height:
            continue
        text = cells[region.top - 1, left]
        rows = slice(region.top - 1, min(region.bottom, cells.height))
        height = max(rows.stop - rows.start, 0)
        covered += height * (right - left + 1)
        text_covered += height * (right - left + 1) * len(text)
        # Counted before anything is filled: one merged range can cover a whole sheet.
        if covered > limits.workbook_cells or text_covered > limits.text:
            raise Invalid(
                tr(
                    "The sheet's merged cells would come to {covered:,} cells and {size} of text once "
                    "each holds its text. Unmerge them first.",
                    covered=covered,
                    size=shown_size(text_covered),
                ),
                "file",
            )
        for name in cells.columns[left : right + 1]:
            if name not in columns:
                columns[name] = cells[name].to_list()
            columns[name][rows] = [text] * height
    notices.append(
        plural(
            "1 merged cell is read as if every row that is covered held the text.",
            "{count:,} merged cells are read as if every row that is covered held the text.",
            len(merged),
        )
    )
    return cells.with_columns(pl.Series(name, values, pl.String) for name, values in columns.items())


def table_below(
    cells: pl.DataFrame,
    header_line: int,
    errors: dict[tuple[int, int], str],
    sheet: str,
    sheets: list[str],
    notices: list[str],
    limit: int | None,
) -> Table:
    """The table of the rows below the header. `errors`: (row from 1, column from 0) → what is shown there."""
    if header_line > cells.height:
        raise Invalid(tr("The sheet “{name}” has no row {row}.", name=sheet, row=header_line), "header_line")
    used = [name for name in cells.columns if cells[name].slice(header_line - 1).str.strip_chars().ne("").any()]
    below = cells.select(used).with_row_index("line", 1).slice(header_line)
    below = below.filter(pl.any_horizontal(pl.col(used).str.strip_chars() != "") | pl.col("line").is_in(_rows(errors)))
    rows = below.select(pl.col("line").cast(pl.Int64), **{f"c{place}": name for place, name in enumerate(used)})
    if limit is not None:
        rows = rows.head(limit)
    places = {cells.columns.index(name): place for place, name in enumerate(used)}
    return Table(
        sheet=sheet,
        sheets=sheets,
        header_line=header_line,
        header=list(cells.select(used).row(header_line - 1)),
        rows=rows.filter(~pl.col("line").is_in(_rows(errors))),
        faults=_faults(rows, errors, places),
        notices=notices,
    )


def _rows(errors: dict[tuple[int, int], str]) -> list[int]:
    return sorted({row for row, _ in errors})


def _faults(rows: pl.DataFrame, errors: dict[tuple[int, int], str], places: dict[int, int]) -> list[Fault]:
    """A fault for each row with errors; its cells show the errors as Excel does."""
    by_row: dict[int, dict[int, str]] = {}
    for (row, column), text in errors.items():
        by_row.setdefault(row, {})[column] = text
    found = []
    for line, *cells in rows.filter(pl.col("line").is_in(list(by_row))).iter_rows():
        for column, text in by_row[line].items():
            if column in places:
                cells[places[column]] = text
        shown = ", ".join(sorted(set(by_row[line].values())))
        found.append(
            Fault(
                line=line, reason=tr("The row holds an error of the spreadsheet's: {shown}.", shown=shown), cells=cells
            )
        )
    return found
