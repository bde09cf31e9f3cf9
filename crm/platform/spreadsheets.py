"""Writes and reads the cells of exported files, so that an import reads back exactly what an export wrote.

What a spreadsheet would run as a formula is escaped in exports and unescaped in imports. A formula begins with =, +, -
or @, or their full-width forms, at the start of a cell. Where a cell starts depends on who opens the file: ours are
separated by commas, but a spreadsheet that is told to split at another character starts a cell after each of those,
also within one of ours. Invisible characters may precede it.

At each such place an apostrophe is inserted, also where there are apostrophes already. Removing one is then the exact
inverse: importing an export of this product changes nothing.
"""

import re
from collections.abc import Iterable

from crm.foundation import identity

PARTS = ";|\t\r\n\x0b\x0c\x85\u2028\u2029"
"""Characters at which a spreadsheet may split: every usual one but the comma, which our own files quote."""

RUNS = "=+\\-@＝＋－＠﹢﹣﹦﹫"

UNSEEN = (
    "\x00-\x08\x0e-\x20\x7f-\x84\x86-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f"
    "\u202a-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff"
    '"'
)
"""Characters that a spreadsheet skips before a formula: blanks, controls, zero-width characters; and a quotation mark,
which is not part of the value where a cell begins with it."""

RISKY = f"(^|[{PARTS}])([{UNSEEN}]*)('*[{RUNS}])"
"""Where a formula could begin: the apostrophe goes after the second group. Python, RE2 and Rust read this pattern
alike."""

MARKED = f"(^|[{PARTS}])([{UNSEEN}]*)'('*[{RUNS}])"
"""Where an apostrophe was inserted."""

RISKY_START = r"^('*[\t\r\n])"
"""Some spreadsheets drop a tab or line end at the very beginning and read on from there."""

MARKED_START = r"^'('*[\t\r\n])"

BETWEEN = ";"
"""What our exports write between several texts of one cell."""

_RISKY, _MARKED = re.compile(RISKY), re.compile(MARKED)
_RISKY_START, _MARKED_START = re.compile(RISKY_START), re.compile(MARKED_START)


def defused(cell: str) -> str:
    return _RISKY_START.sub(r"'\1", _RISKY.sub(r"\1\2'\3", cell))


def restored(cell: str) -> str:
    return _MARKED_START.sub(r"\1", _MARKED.sub(r"\1\2\3", cell))


def joined(texts: Iterable[str]) -> str:
    """Several texts, such as labels, in one cell: separated by “;”, which is escaped by a backslash inside a text."""
    return "; ".join(text.replace("\\", "\\\\").replace(";", "\\;") for text in texts)


def split(cell: str, between: str = BETWEEN) -> list[str]:
    """The texts of a cell that `joined` or a person wrote; each once, without empty ones."""
    escaped = rf"[\\{between}]"
    parts = re.findall(rf"(?:\\{escaped}|[^{between}])+", cell)
    texts = (re.sub(rf"\\({escaped})", r"\1", part.strip(identity.BLANKS)) for part in parts)
    return list(dict.fromkeys(text for text in texts if text))
