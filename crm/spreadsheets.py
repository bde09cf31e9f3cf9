"""How values stand in cells of files, so that what an export writes an import reads back exactly.

What a spreadsheet would run as a formula is made harmless on the way out and itself again on the way in. A cell that
begins with =, +, -, @, a tab or a carriage return gets an apostrophe before it; so does one that begins with
apostrophes and then one of these. Taking one apostrophe away is then the exact way back: exports of this product,
imported into it, change nothing.
"""

import re
from collections.abc import Iterable

from crm import identity

RISKY = r"^'*[=+\-@\t\r]"
"""Cells that are written with an apostrophe more."""

MARKED = r"^'('*[=+\-@\t\r])"
"""Cells that are read with an apostrophe less: its first group is what stays."""


def defused(cell: str) -> str:
    return f"'{cell}" if re.match(RISKY, cell) else cell


def restored(cell: str) -> str:
    return re.sub(MARKED, r"\1", cell)


def joined(texts: Iterable[str]) -> str:
    """Several texts, such as labels, in one cell: “;” between them, and before one within a text a backslash."""
    return "; ".join(text.replace("\\", "\\\\").replace(";", "\\;") for text in texts)


def split(cell: str) -> list[str]:
    """The texts of a cell that `joined` wrote, or a person did; each once, empty ones left out."""
    parts = re.findall(r"(?:\\[\\;]|[^;])+", cell)
    texts = (re.sub(r"\\([\\;])", r"\1", part.strip(identity.BLANKS)) for part in parts)
    return list(dict.fromkeys(text for text in texts if text))
