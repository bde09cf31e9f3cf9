"""Counts what a sheet holds in its XML before it is loaded: its extent (a loaded sheet is a full rectangle, so two
cells far apart can fill any memory), its text (the file stores a text that a thousand cells show only once), its merged
cells, the cells with errors, which the reader would return as empty, and those whose text is not what the reader
returns."""

import html
import re
import zipfile
from array import array
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO

from crm.foundation.errors import Invalid
from crm.foundation.language import later, tr
from crm.foundation.tables.model import MOST_COLUMNS, TableLimits, shown_size
from crm.foundation.tables.workbook_formats import COLUMNS

PIECE = 1 << 22
LONGEST_TAG = 1 << 26

MOST_MERGED = 20_000
MOST_PARTS = 10_000
MOST_TIMES = 200
"""How many times its size a workbook may unpack to: a sheet of one repeated value comes to 12 (measured)."""
SMALL_UNPACKED = 64 * 2**20
"""Bytes up to which `MOST_TIMES` does not apply."""
DEEPEST = 1_000
"""Tags open at once; Excel opens about ten."""

DAMAGED = later("The workbook is damaged. Open it in Excel and save it again.")

TIDY = bytes.maketrans(b"'\t\r\n", b'"   ')
# Each pattern begins with a literal, which makes the search five times as fast.
FAR = re.compile(rb' r="([A-Z]{2,3})\d')
ROW = re.compile(rb'row [^<>]{0,400}?\br="(\d{1,9})"')
MERGED = re.compile(rb'mergeCell ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
ERROR = re.compile(rb'<(?:\w+:)?c r="([A-Z]{1,3})(\d{1,7})"[^>]* t="e"[^>]*>.{0,4096}?<(?:\w+:)?v>([^<]{1,20})<')
UNCOMPUTED = re.compile(rb"(?:</f>|<f [^>]*/>) *(?:<v/>|<v></v>)? *</c>")
DISORDERED = re.compile(rb'<((?:\w+:)?c) (?!r=")([^<>]*?) ?\br="([A-Z]{1,3}\d{1,7})"')
"""A cell whose reference is not its first attribute."""
LITERAL = re.compile(
    rb'<(?:\w+:)?c r="([A-Z]{1,3})(\d{1,7})"[^>]*> *<f>(?:"|&quot;)([^<>"]*?)(?:"|&quot;)</f> *(?:<v/>|<v></v>)? *</c>'
)
"""A formula of nothing but a text, saved without its value: ="00123"."""
LONG = re.compile(rb'<(?:\w+:)?c r="([A-Z]{1,3})(\d{1,7})"(?![^>]* t="(?:s|str|inlineStr)")[^>]*> *<v>(\d{16,})</v>')
SIXTEEN_DIGITS = re.compile(rb"<v>\d{16}")
NOT_AVAILABLE = "#N/A"
SHARED_TEXTS = "xl/sharedstrings.xml"
SHARED_END = re.compile(rb"</(?:\w+:)?si *>|<(?:\w+:)?si */>")
TAG = re.compile(rb"<[^>]*>")
SHARED = re.compile(rb' t="s"[^<>]*> *<(?:\w+:)?v *>(\d{1,9})<')
ANY_FILLED = re.compile(rb"<(?:\w+:)?c(?: [^>/]*)?>")
FILLED = re.compile(rb'<(?:\w+:)?c r="([A-Z]{1,3})\d{1,7}"[^>/]*>')


@dataclass(frozen=True)
class Region:
    """A merged range of cells; rows and columns count from 1."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass
class Census:
    rows: int = 0
    columns: int = 26
    first_column: int = 1
    """The leftmost column with a filled cell: a loaded sheet starts there. Determined only where cells are merged or
    hold errors, which need it."""
    shared: int = 0
    """The number of cells whose text is in the workbook's shared texts."""
    merged: list[Region] = field(default_factory=list)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    """(row, column) → what Excel shows there, such as #REF!."""
    texts: dict[tuple[int, int], str] = field(default_factory=dict)
    """(row, column) → the text of a cell, where the reader returns another one."""
    long_numbers: int = 0
    """The number of cells with whole numbers of more than 15 digits, of which Excel keeps 15."""
    shaped: "dict[int, array[int]]" = field(default_factory=dict)
    """Style → positions of its cells, for styles whose format shows more than the number."""
    uncomputed: int = 0
    """The number of formulas that were saved without their value."""


def census(book: zipfile.ZipFile, path: str, sheet: str, limits: TableLimits, formats: Collection[int] = ()) -> Census:
    """Count the sheet at this path of the workbook, with the cells of the styles `formats`. Raises Invalid, naming the
    sheet, where it exceeds a limit."""
    found = _counted(book, path, formats)
    if found.rows * found.columns > limits.workbook_cells:
        raise Invalid(
            tr(
                "The sheet “{sheet}” reaches to row {rows:,} and column {columns:,}, more than a "
                "workbook may here: the limit is {limit:,} cells (CRM_WORKBOOK_CELLS). Delete "
                "what lies outside the table, or save the sheet as CSV.",
                sheet=sheet,
                rows=found.rows,
                columns=found.columns,
                limit=limits.workbook_cells,
            ),
            "file",
        )
    if found.columns > MOST_COLUMNS or found.merged or found.errors or found.texts or found.shaped:
        filled = _filled_columns(book, path)
        if len(filled) > MOST_COLUMNS:
            raise Invalid(
                tr(
                    "The sheet “{sheet}” has {count:,} columns; the limit is {limit:,}. Delete those "
                    "that are not needed.",
                    sheet=sheet,
                    count=len(filled),
                    limit=MOST_COLUMNS,
                ),
                "file",
            )
        found.first_column = min(filled, default=1)
    if found.shared:
        _refuse_long(book, path, sheet, found.shared, limits.text)
    return found


def _counted(book: zipfile.ZipFile, path: str, formats: Collection[int]) -> Census:
    found = Census()
    styled = "|".join(map(str, formats)).encode()
    shaped = re.compile(rb'<(?:\w+:)?c r="([A-Z]{1,3})(\d{1,7})"[^>]* s="(' + styled + rb')"') if formats else None
    unnumbered = 0
    with book.open(path) as xml:
        for piece in _tags(xml):
            found.columns = max([found.columns, *map(number_of, set(FAR.findall(piece)))])
            found.rows = max([found.rows, *map(int, ROW.findall(piece))])
            found.shared += piece.count(b' t="s"')
            unnumbered += piece.count(b"<row>")
            if piece.count(b"<c ") + piece.count(b"<c>") != piece.count(b'<c r="'):  # cells without a reference
                found.columns = max([found.columns, *(row.count(b"<c") for row in piece.split(b"<row"))])
            if b"<f" in piece:
                found.uncomputed += len(UNCOMPUTED.findall(piece))
                _add_literals(piece, found)
            if SIXTEEN_DIGITS.search(piece):
                _add_long_numbers(piece, found)
            for letters, row, style in shaped.findall(piece) if shaped else ():
                places = found.shaped.setdefault(int(style), array("q"))
                places.append(int(row) * COLUMNS + number_of(letters))
            if b' t="e"' in piece:
                _add_errors(piece, found)
            if b"mergeCell " in piece:
                _add_merged(piece, found)
    found.rows += unnumbered
    return found


def _refuse_long(book: zipfile.ZipFile, path: str, sheet: str, cells: int, limit: int) -> None:
    """Raise Invalid where the loaded text exceeds `limit` bytes: a shared text of 32,000 letters takes 3 bytes in each
    cell of the file, and 32,000 once loaded."""
    lengths = shared_lengths(book)
    longest = max(lengths, default=0)
    # The upper bound is free; the exact sum reads the sheet a second time.
    if longest * cells <= limit:
        return
    total = 0
    with book.open(path) as xml:
        for piece in _tags(xml):
            total += sum(lengths[index] for text in SHARED.findall(piece) if (index := int(text)) < len(lengths))
    if total > limit:
        raise Invalid(
            tr(
                "The sheet “{sheet}” would come to {size} of text; the limit is {limit} "
                "(CRM_WORKBOOK_TEXT_MB). Save it as CSV, or split it.",
                sheet=sheet,
                size=shown_size(total),
                limit=shown_size(limit),
            ),
            "file",
        )


def refuse_too_large(book: zipfile.ZipFile, size: int, limits: TableLimits) -> None:
    """Raise Invalid for a ZIP bomb: a few kilobytes can unpack to terabytes."""
    parts = book.infolist()
    if len(parts) > MOST_PARTS:
        raise Invalid(
            tr(
                "The workbook is made of {count:,} parts; the limit is {limit:,}.",
                count=len(parts),
                limit=MOST_PARTS,
            ),
            "file",
        )
    unpacked = sum(part.file_size for part in parts)
    if unpacked > limits.unpacked:
        raise Invalid(
            tr(
                "The workbook unpacks to {size}; the limit is {limit} "
                "(CRM_WORKBOOK_UNPACKED_MB). Save the sheet as CSV.",
                size=shown_size(unpacked),
                limit=shown_size(limits.unpacked),
            ),
            "file",
        )
    if unpacked > max(SMALL_UNPACKED, size * MOST_TIMES):
        raise Invalid(
            tr(
                "The workbook unpacks to {size}, {times:,} times its size. Save the sheet as CSV.",
                size=shown_size(unpacked),
                times=unpacked // max(size, 1),
            ),
            "file",
        )


def refuse_too_deep(opened: int) -> None:
    if opened > DEEPEST:
        raise Invalid(
            tr(
                "The workbook's XML opens more than {limit:,} tags within each other. {damaged}",
                limit=DEEPEST,
                damaged=tr(DAMAGED),
            ),
            "file",
        )


def opened_tags(xml: bytes) -> int:
    """The number of tags that are opened and not closed in this XML."""
    closing = xml.count(b"</")
    return xml.count(b"<") - 2 * closing - xml.count(b"<?") - xml.count(b"<!") - xml.count(b"/>")


def is_filled(book: zipfile.ZipFile, path: str) -> bool:
    with book.open(path) as xml:
        return any(ANY_FILLED.search(piece) for piece in _tags(xml))


def _filled_columns(book: zipfile.ZipFile, path: str) -> set[int]:
    with book.open(path) as xml:
        return {number_of(letters) for piece in _tags(xml) for letters in set(FILLED.findall(piece))}


def shared_lengths(book: zipfile.ZipFile) -> Sequence[int]:
    """The length in bytes of each of the workbook's shared texts, in order; short ones are counted with their
    markup."""
    lengths = array("L")
    part = next((name for name in book.namelist() if name.lower() == SHARED_TEXTS), None)
    if part is None:
        return lengths
    with book.open(part) as xml:
        rest = b""
        while piece := xml.read(PIECE):
            *texts, rest = SHARED_END.split(rest + piece)
            lengths.extend(len(text) if len(text) < 200 else len(TAG.sub(b"", text)) for text in texts)
            if len(rest) > LONGEST_TAG:
                raise Invalid(tr(DAMAGED), "file")
    return lengths


def number_of(letters: bytes) -> int:
    """The number of a column by its letters: A is 1, Z 26, AA 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _tags(xml: IO[bytes]) -> Iterator[bytes]:
    """The XML in pieces that each end before a tag, with quotes and blanks normalised."""
    rest = b""
    opened = 0
    while piece := xml.read(PIECE):
        text = rest + piece.translate(TIDY).replace(b" =", b"=").replace(b"= ", b"=")
        # Before a cell, so that no pattern meets half of one.
        cut = text.rfind(b"<c ") if b"<c " in text else text.rfind(b"<")
        if cut < 0 or len(text) - cut > LONGEST_TAG:
            raise Invalid(tr(DAMAGED), "file")
        opened += opened_tags(text[:cut])
        refuse_too_deep(opened)
        yield _ordered(text[:cut])
        rest = text[cut:]
    refuse_too_deep(opened + opened_tags(rest))
    yield _ordered(rest)


def _ordered(piece: bytes) -> bytes:
    """The XML with the reference of each cell as its first attribute."""
    if piece.count(b"<c ") == piece.count(b'<c r="') and b":c " not in piece:
        return piece
    return DISORDERED.sub(rb'<\1 r="\3" \2', piece)


def _add_errors(piece: bytes, found: Census) -> None:
    for letters, row, shown in ERROR.findall(piece):
        text = shown.decode("utf-8", "replace")
        # What is not available is a word for nothing, in a workbook as in CSV.
        (found.texts if text == NOT_AVAILABLE else found.errors)[int(row), number_of(letters)] = text


def _add_literals(piece: bytes, found: Census) -> None:
    for letters, row, text in LITERAL.findall(piece):
        found.texts[int(row), number_of(letters)] = html.unescape(text.decode("utf-8", "replace"))
        found.uncomputed -= 1


def _add_long_numbers(piece: bytes, found: Census) -> None:
    for letters, row, digits in LONG.findall(piece):
        found.texts[int(row), number_of(letters)] = digits.decode()
        found.long_numbers += 1


def _add_merged(piece: bytes, found: Census) -> None:
    for left, top, right, bottom in MERGED.findall(piece):
        found.merged.append(Region(int(top), number_of(left), int(bottom), number_of(right)))
    if len(found.merged) > MOST_MERGED:
        raise Invalid(
            tr("The sheet has more than {limit:,} merged cells. Unmerge them first.", limit=MOST_MERGED),
            "file",
        )
