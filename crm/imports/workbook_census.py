"""What a sheet of a workbook holds, counted over its XML before it is loaded: how far it reaches (a loaded sheet is a
full rectangle, so two cells far apart can fill any memory), which cells are merged, and which hold an error."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from crm.errors import Invalid

PIECE = 1 << 22
LONGEST_TAG = 1 << 26

LARGEST_XML = 4 * 2**30
MOST_CELLS = 40_000_000
MOST_MERGED = 20_000

DAMAGED = "The workbook is damaged. Open it in Excel and save it again."

TIDY = bytes.maketrans(b"'\t\r\n", b'"   ')
# Each begins with a literal, by which a search is five times as fast.
FAR = re.compile(rb' r="([A-Z]{2,3})\d')
ROW = re.compile(rb'row [^<>]{0,400}?\br="(\d{1,9})"')
MERGED = re.compile(rb'mergeCell ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
ERROR = re.compile(rb'<(?:\w+:)?c r="([A-Z]{1,3})(\d{1,7})"[^>]* t="e"[^>]*>.{0,4096}?<(?:\w+:)?v>([^<]{1,20})<')
UNCOMPUTED = re.compile(rb"(?:</f>|<f [^>]*/>) *(?:<v/>|<v></v>)? *</c>")
FILLED = re.compile(rb'<(?:\w+:)?c r="([A-Z]{1,3})\d{1,7}"[^>/]*>')


@dataclass(frozen=True)
class Region:
    """Cells that are merged into one, in rows and columns counted from 1."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass
class Census:
    rows: int = 0
    columns: int = 26
    merged: list[Region] = field(default_factory=list)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    """(row, column) → what Excel shows there, such as #REF!."""
    uncomputed: int = 0
    """Formulas that were saved without their value."""


def census(book: zipfile.ZipFile, path: str) -> Census:
    found = Census()
    unnumbered = 0
    with book.open(path) as xml:
        for piece in _tags(xml):
            found.columns = max([found.columns, *map(number_of, set(FAR.findall(piece)))])
            found.rows = max([found.rows, *map(int, ROW.findall(piece))])
            unnumbered += piece.count(b"<row>")
            if piece.count(b"<c ") + piece.count(b"<c>") != piece.count(b'<c r="'):  # cells that do not say where
                found.columns = max([found.columns, *(row.count(b"<c") for row in piece.split(b"<row"))])
            if b"<f" in piece:
                found.uncomputed += len(UNCOMPUTED.findall(piece))
            if b' t="e"' in piece:
                _note_errors(piece, found)
            if b"mergeCell " in piece:
                _note_merged(piece, found)
    found.rows += unnumbered
    if found.rows * found.columns > MOST_CELLS:
        raise Invalid(
            f"The sheet reaches to row {found.rows:,} and column {found.columns:,}, more than a workbook may here. "
            "Delete what lies outside the table, or save the sheet as CSV.",
            "file",
        )
    return found


def refuse_too_large(book: zipfile.ZipFile) -> None:
    """A few kilobytes can unpack to terabytes."""
    if sum(entry.file_size for entry in book.infolist()) > LARGEST_XML:
        raise Invalid("The workbook unpacks to more than 4 GB. Save the sheet as CSV.", "file")


def is_filled(book: zipfile.ZipFile, path: str) -> bool:
    with book.open(path) as xml:
        return any(FILLED.search(piece) for piece in _tags(xml))


def first_column(book: zipfile.ZipFile, path: str) -> int:
    """The leftmost column with a filled cell, from which a loaded sheet counts its columns."""
    with book.open(path) as xml:
        return min({number_of(letters) for piece in _tags(xml) for letters in FILLED.findall(piece)}, default=1)


def number_of(letters: bytes) -> int:
    """A is 1, Z 26, AA 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _tags(xml: IO[bytes]) -> Iterator[bytes]:
    """The XML in pieces that each end before a tag, its quotes and blanks all of one sort."""
    rest = b""
    while piece := xml.read(PIECE):
        text = rest + piece.translate(TIDY).replace(b" =", b"=").replace(b"= ", b"=")
        cut = text.rfind(b"<c ") if b"<c " in text else text.rfind(b"<")
        if cut < 0 or len(text) - cut > LONGEST_TAG:
            raise Invalid(DAMAGED, "file")
        yield text[:cut]
        rest = text[cut:]
    yield rest


def _note_errors(piece: bytes, found: Census) -> None:
    for letters, row, shown in ERROR.findall(piece):
        found.errors[int(row), number_of(letters)] = shown.decode("utf-8", "replace")


def _note_merged(piece: bytes, found: Census) -> None:
    for left, top, right, bottom in MERGED.findall(piece):
        found.merged.append(Region(int(top), number_of(left), int(bottom), number_of(right)))
    if len(found.merged) > MOST_MERGED:
        raise Invalid(f"The sheet has more than {MOST_MERGED:,} merged cells. Unmerge them first.", "file")
