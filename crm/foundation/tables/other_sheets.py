"""Reads one sheet of an OpenDocument spreadsheet, or of an Excel file from before 2007, as `workbook` of later ones."""

import re
from pathlib import Path

import polars as pl

from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.foundation.tables import opendocument
from crm.foundation.tables.model import Format, TableLimits, shown_size
from crm.foundation.tables.other_kinds import ADVICE, OLD_OFFICE
from crm.foundation.tables.workbook import Table, header_line_of, header_notices, plain_moments, table_below

ERRORS = {
    "Ref": "#REF!",
    "Div0": "#DIV/0!",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Value": "#VALUE!",
}
"""The reader's word for an error in a cell → what Excel shows there."""


def read_opendocument(path: Path, options: Format, limit: int | None, limits: TableLimits) -> Table:
    """Raises Invalid where it holds no table, cannot be read, or exceeds its limits."""
    names = opendocument.sheet_names(path, limits)
    name = _chosen(names, options)
    sheet = opendocument.read_sheet(path, name, limits)
    return _table(sheet.cells, sheet.errors, name, names, options, limit)


def is_old_workbook(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(OLD_OFFICE)) == OLD_OFFICE


def read_old_workbook(path: Path, options: Format, limit: int | None, limits: TableLimits) -> Table:
    """Raises Invalid where it holds no table, cannot be read, or exceeds its limits. A sheet of this format has 65,536
    rows of 256 columns at most; what its texts may come to, the sandbox bounds."""
    import fastexcel  # slow to import, and of no use to the child that reads a text file

    try:
        book = fastexcel.read_excel(path)
        name = _chosen(book.sheet_names, options)
        # As in `workbook`: from row 1 on, every cell as text.
        batch, faulty = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_arrow_with_errors()
    except fastexcel.FastExcelError as damage:
        what = ADVICE["xls"]
        raise Invalid(tr("This is {what}.", what=tr(what)), "file") from damage
    frame = pl.DataFrame(batch)
    if not frame.width:
        raise Invalid(tr("The sheet “{name}” is empty.", name=name), "sheet")
    cells = frame.select(plain_moments(pl.all().cast(pl.String).fill_null("")))
    text = int(cells.select(pl.sum_horizontal(pl.all().str.len_bytes().sum())).item())
    if text > limits.text:
        raise Invalid(
            tr(
                "The sheet “{name}” comes to {size} of text. Save it as CSV, or split it.",
                name=name,
                size=shown_size(text),
            ),
            "file",
        )
    errors: dict[tuple[int, int], str] = {}
    for error in faulty.errors if faulty else ():
        word = re.search(r"Error\((\w+)\)", error.detail)
        row, column = error.offset_position
        # What is not available is a word for nothing; the reader leaves it empty.
        if word and word[1] != "NA":
            errors[row + 1, column] = ERRORS.get(word[1], word[1])
    return _table(cells, errors, name, book.sheet_names, options, limit)


def _chosen(names: list[str], options: Format) -> str:
    """The name of the requested sheet, else of the first."""
    if not names:
        raise Invalid(tr("The workbook's sheets are empty."), "file")
    if options.sheet is not None and options.sheet not in names:
        raise Invalid(
            tr("The workbook has no sheet “{name}”, only {names}.", name=options.sheet, names=", ".join(names)),
            "sheet",
        )
    return options.sheet or names[0]


def _table(
    cells: pl.DataFrame,
    errors: dict[tuple[int, int], str],
    name: str,
    names: list[str],
    options: Format,
    limit: int | None,
) -> Table:
    header_line = options.header_line or header_line_of(cells)
    below = {place: text for place, text in errors.items() if place[0] > header_line}
    notices = header_notices(header_line, options)
    return table_below(cells, header_line, below, name, names, notices, limit)
