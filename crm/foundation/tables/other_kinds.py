"""Refuses files that are no tables, recognised by their first bytes, and says what they are."""

from pathlib import Path

import filetype

from crm.foundation.errors import Invalid
from crm.foundation.language import later, tr

ADVICE = {
    "xls": later("an old Excel file (.xls), or one with a password. Save it as .xlsx without a password, or as CSV"),
    "parquet": later("a Parquet file. Save it as CSV"),
    "zip": later("a ZIP archive. Unpack it and bring the file inside"),
    "gz": later("a gzip archive. Unpack it and bring the file inside"),
}

OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def refuse_other_kinds(path: Path) -> None:
    """Raise Invalid, which names the kind of file and what to do, for a file that is known not to be text."""
    with path.open("rb") as file:
        head = file.read(8192)
    kind = _kind(head)
    if kind:
        other = tr("a file of the kind .{kind}, not a table. Bring CSV, Excel or OpenDocument", kind=kind)
        raise Invalid(tr("This is {what}.", what=tr(ADVICE[kind]) if kind in ADVICE else other), "file")


def _kind(head: bytes) -> str | None:
    if head.startswith(OLD_OFFICE):
        return "xls"
    if head.startswith(b"PAR1"):
        return "parquet"
    guessed = filetype.guess(head)
    return str(guessed.extension) if guessed else None
