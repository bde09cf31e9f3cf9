"""Reads one sheet of an OpenDocument spreadsheet as a table of text: numbers in full, but codes and percentages as they
are shown, days as 2026-12-31; cells with errors are found by their position."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

import polars as pl

from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.foundation.tables.model import MOST_COLUMNS, TableLimits, shown_size
from crm.foundation.tables.workbook_census import (
    DAMAGED,
    NOT_AVAILABLE,
    PIECE,
    opened_tags,
    refuse_too_deep,
    refuse_too_large,
)

CONTENT = "content.xml"
KIND = b"application/vnd.oasis.opendocument.spreadsheet"

THOUSANDS = re.compile(r"-?\d{1,3}(?:[.,\s\u00a0\u202f]\d{3})+")
ERROR = re.compile(r"#(?:REF|DIV/0|VALUE|NAME|NUM|NULL)[!?]|Err:\d{3}")


@dataclass
class Sheet:
    """`cells` holds every cell as text; the first row is row 1 of the sheet."""

    cells: pl.DataFrame
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    """(row from 1, column from 0) → what is shown there."""


def is_opendocument(path: Path) -> bool:
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as book:
        return CONTENT in book.namelist() and "mimetype" in book.namelist() and book.read("mimetype").startswith(KIND)


def sheet_names(path: Path, limits: TableLimits) -> list[str]:
    """The names of its sheets. Raises Invalid for what is no spreadsheet, or would unpack beyond the limits."""
    try:
        with zipfile.ZipFile(path) as book:
            refuse_too_large(book, path.stat().st_size, limits)
            _refuse_hostile(book)
            return [name for name, _ in _tables(book)]
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, EOFError, ValueError) as damage:
        raise Invalid(tr(DAMAGED), "file") from damage


def read_sheet(path: Path, name: str, limits: TableLimits) -> Sheet:
    """The cells of a sheet. Raises Invalid where they exceed the limits."""
    try:
        with zipfile.ZipFile(path) as book:
            rows = next(rows for found, rows in _tables(book, only=name) if found == name)
            return _sheet(rows, name, limits)
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, EOFError, ValueError) as damage:
        raise Invalid(tr(DAMAGED), "file") from damage


def _refuse_hostile(book: zipfile.ZipFile) -> None:
    opened = 0
    tail = b""
    with book.open(CONTENT) as xml:
        while piece := xml.read(PIECE):
            if b"<!DOCTYPE" in tail + piece:  # only an attack declares entities
                raise Invalid(tr(DAMAGED), "file")
            tail = piece[-16:]
            opened += opened_tags(piece)
            refuse_too_deep(opened)


Row = tuple[int, list[tuple[int, str, bool]]]
"""(how many times it is repeated, its cells: how many times repeated, text, whether it is an error)."""


def _tables(book: zipfile.ZipFile, only: str | None = None) -> Iterator[tuple[str, list[Row]]]:
    """Each table's name, with the rows of the one that is called `only`."""
    rows: list[Row] = []
    name = ""
    with book.open(CONTENT) as xml:
        for event, element in ElementTree.iterparse(xml, ("start", "end")):  # noqa: S314
            tag = element.tag.rpartition("}")[2]
            if event == "start" and tag == "table":
                name, rows = _attribute(element, "name"), []
            elif event == "end" and tag == "table":
                yield name, rows
                element.clear()
            elif event == "end" and tag == "table-row":
                if name == only:
                    rows.append((_repeated(element, "rows"), [_cell(cell) for cell in element if _is_cell(cell)]))
                element.clear()


def _is_cell(element: ElementTree.Element) -> bool:
    return element.tag.rpartition("}")[2] in ("table-cell", "covered-table-cell")


def _attribute(element: ElementTree.Element, name: str) -> str:
    return next((value for key, value in element.items() if key.rpartition("}")[2] == name), "")


def _repeated(element: ElementTree.Element, what: str) -> int:
    return int(_attribute(element, f"number-{what}-repeated") or 1)


def _cell(cell: ElementTree.Element) -> tuple[int, str, bool]:
    paragraphs = [each for each in cell if each.tag.rpartition("}")[2] == "p"]
    shown = "\n".join("".join(each.itertext()) for each in paragraphs)
    kind = next((value for key, value in cell.items() if key.endswith("}value-type")), "")
    value = _attribute(cell, "value")
    is_error = bool(ERROR.fullmatch(shown)) and bool(_attribute(cell, "formula"))
    match kind:
        case "float" if not _is_code(shown, value):
            shown = value.removesuffix(".0") or shown
        case "currency":
            shown = value or shown
        case "percentage" if value:
            shown = f"{float(value) * 100:.10f}".rstrip("0").rstrip(".") + "%"
        case "date":
            shown = _attribute(cell, "date-value").replace("T", " ").removesuffix(" 00:00:00") or shown
        case "boolean":
            shown = _attribute(cell, "boolean-value") or shown
    return _repeated(cell, "columns"), shown, is_error


def _is_code(shown: str, value: str) -> bool:
    """Whether a whole number is shown with zeros before it, or with marks within that part no thousands."""
    digits = re.sub(r"\D", "", shown)
    is_whole = value.removesuffix(".0").isdigit() and digits.lstrip("0") == value.removesuffix(".0").lstrip("0")
    return (
        is_whole and not THOUSANDS.fullmatch(shown) and (len(digits) > len(value.removesuffix(".0")) or digits != shown)
    )


def _sheet(rows: list[Row], name: str, limits: TableLimits) -> Sheet:
    while rows and not any(text for _, text, _ in rows[-1][1]):
        rows.pop()
    width = max((_width(cells) for _, cells in rows), default=0)
    height = sum(times for times, _ in rows)
    if not width:
        raise Invalid(tr("The sheet “{name}” is empty.", name=name), "sheet")
    if width * height > limits.workbook_cells:
        raise Invalid(
            tr(
                "The sheet “{name}” reaches to row {height:,} and column {width:,}, more than a workbook "
                "may here: the limit is {limit:,} cells (CRM_WORKBOOK_CELLS). Delete what lies "
                "outside the table, or save the sheet as CSV.",
                name=name,
                height=height,
                width=width,
                limit=limits.workbook_cells,
            ),
            "file",
        )
    if width > MOST_COLUMNS:
        raise Invalid(
            tr(
                "The sheet “{name}” has {width:,} columns; the limit is {limit:,}.",
                name=name,
                width=width,
                limit=MOST_COLUMNS,
            ),
            "file",
        )
    text = sum(times * sum(many * len(cell) for many, cell, _ in cells) for times, cells in rows)
    if text > limits.text:
        raise Invalid(
            tr(
                "The sheet “{name}” would come to {size} of text; the limit is {limit} "
                "(CRM_WORKBOOK_TEXT_MB). Save it as CSV, or split it.",
                name=name,
                size=shown_size(text),
                limit=shown_size(limits.text),
            ),
            "file",
        )
    return _laid_out(rows, width)


def _width(cells: list[tuple[int, str, bool]]) -> int:
    """The columns up to the last filled cell."""
    width = filled = 0
    for times, text, _ in cells:
        width += times
        filled = width if text else filled
    return filled


def _laid_out(rows: list[Row], width: int) -> Sheet:
    lines: list[list[str]] = []
    errors: dict[tuple[int, int], str] = {}
    for times, cells in rows:
        line: list[str] = []
        found: dict[int, str] = {}
        for many, text, is_error in cells:
            if is_error and text != NOT_AVAILABLE:
                found[len(line)] = text
            line += [text] * min(many, width - len(line))
        line += [""] * (width - len(line))
        for _ in range(times):
            lines.append(line)
            errors |= {(len(lines), column): text for column, text in found.items()}
    schema = {f"column_{place}": pl.String() for place in range(width)}
    return Sheet(pl.DataFrame(lines, schema=schema, orient="row"), errors)
