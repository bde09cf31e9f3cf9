"""OpenDocument and old Excel files, written by hand: no library that the product has writes them."""

import io
import struct
import zipfile

NAMES = " ".join(
    f'xmlns:{prefix}="urn:{urn}"'
    for prefix, urn in {
        "office": "oasis:names:tc:opendocument:xmlns:office:1.0",
        "table": "oasis:names:tc:opendocument:xmlns:table:1.0",
        "text": "oasis:names:tc:opendocument:xmlns:text:1.0",
        "calcext": "org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
    }.items()
)
MIME = "application/vnd.oasis.opendocument.spreadsheet"


def ods(*rows: str, before: str = "") -> bytes:
    """A spreadsheet with the sheet “People” of rows of XML."""
    content = (
        f'<?xml version="1.0"?>{before}<office:document-content {NAMES}><office:body><office:spreadsheet>'
        f'<table:table table:name="People">{"".join(rows)}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", MIME)
        archive.writestr("content.xml", content)
    return target.getvalue()


def row(*cells: str, times: int = 1) -> str:
    return f'<table:table-row table:number-rows-repeated="{times}">{"".join(cells)}</table:table-row>'


def cell(shown: str = "", kind: str = "string", value: str = "", *, times: int = 1, formula: bool = False) -> str:
    name = {"date": "date-value", "time": "time-value", "boolean": "boolean-value"}.get(kind, "value")
    given = f' office:{name}="{value}"' if value else ""
    of_formula = ' table:formula="of:=1"' if formula else ""
    return (
        f'<table:table-cell table:number-columns-repeated="{times}" office:value-type="{kind}"{given}{of_formula}>'
        f"<text:p>{shown}</text:p></table:table-cell>"
    )


REF, NOT_AVAILABLE = 0x17, 0x2A
"""The codes of errors in an old Excel file."""


def xls(*rows: list[object]) -> bytes:
    """An Excel file of before 2007 (BIFF 8 in one stream of a compound file) with the sheet “People”. A cell is a text,
    a number, None, or an error's code as one byte."""
    name = b"People"
    begun = _record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0)) + _record(0x42, struct.pack("<H", 1200))
    at = len(begun) + 4 + 8 + len(name) + 4
    sheet = _record(0x85, struct.pack("<IBBBB", at, 0, 0, len(name), 0) + name)
    return _compound(begun + sheet + _record(0x0A) + _sheet(rows))


def _record(kind: int, content: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def _sheet(rows: tuple[list[object], ...]) -> bytes:
    out = _record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))
    out += _record(0x200, struct.pack("<IIHHH", 0, len(rows), 0, max(map(len, rows)), 0))
    for number, line in enumerate(rows):
        for column, value in enumerate(line):
            place = struct.pack("<HHH", number, column, 0)
            if isinstance(value, str):
                out += _record(0x204, place + struct.pack("<HB", len(value), 1) + value.encode("utf-16-le"))
            elif isinstance(value, bytes):
                out += _record(0x205, place + value + b"\1")
            elif isinstance(value, int | float):
                out += _record(0x203, place + struct.pack("<d", value))
    return out + _record(0x0A)


def _compound(stream: bytes) -> bytes:
    """A compound file of one sector of allocations, one of entries, and the stream “Workbook”."""
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    many = len(stream) // 512
    allocated = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, 2 + many), 0xFFFFFFFE]
    allocated += [0xFFFFFFFF] * (128 - len(allocated))
    entries = _entry("Root Entry", 5, 0xFFFFFFFE, 0, child=1) + _entry("Workbook", 2, 2, len(stream)) + _entry() * 2
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)
    return head + struct.pack("<I", 0xFFFFFFFF) * 108 + struct.pack("<128I", *allocated) + entries + stream


def _entry(name: str = "", kind: int = 0, start: int = 0, size: int = 0, child: int = 0xFFFFFFFF) -> bytes:
    text = f"{name}\0".encode("utf-16-le") if name else b""
    links = struct.pack("<HBBIII", len(text), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
    return text.ljust(64, b"\0") + links + bytes(36) + struct.pack("<III", start, size, 0)
