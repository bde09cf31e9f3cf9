"""How values stand in cells of files, so that what an export writes an import reads back exactly.

What a spreadsheet would run as a formula is made harmless on the way out and itself again on the way in. A formula
begins with =, +, - or @, or their full-width forms, where a cell begins. Where it begins depends on who opens the file:
our cells are parted by commas, but a spreadsheet that is told to split at another sign begins one after each of those,
so within one of our cells as well. Signs that nobody sees may stand before it.

At each such place an apostrophe goes in; so does one where apostrophes stand already. Taking one away is then the exact
way back: exports of this product, imported into it, change nothing.
"""

import re
from collections.abc import Iterable

from crm.foundation import identity

PARTS = ";|\t\r\n\x0b\x0c\x85\u2028\u2029"
"""At which a spreadsheet may split: every usual one but the comma, which our own files quote."""

RUNS = "=+\\-@＝＋－＠﹢﹣﹦﹫"

UNSEEN = (
    "\x00-\x08\x0e-\x20\x7f-\x84\x86-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f"
    "\u202a-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff"
    '"'
)
"""What a spreadsheet passes over before a formula: blanks, controls, signs without width; and a quotation mark, which
is none of the value where a cell begins with it."""

RISKY = f"(^|[{PARTS}])([{UNSEEN}]*)('*[{RUNS}])"
"""Where a formula could begin: an apostrophe goes in after the second group. Python, RE2 and Rust read it alike."""

MARKED = f"(^|[{PARTS}])([{UNSEEN}]*)'('*[{RUNS}])"
"""Where an apostrophe was put in."""

RISKY_START = r"^('*[\t\r\n])"
"""Some drop a tab or line end at the very beginning, and look at what comes then."""

MARKED_START = r"^'('*[\t\r\n])"

_RISKY, _MARKED = re.compile(RISKY), re.compile(MARKED)
_RISKY_START, _MARKED_START = re.compile(RISKY_START), re.compile(MARKED_START)


def defused(cell: str) -> str:
    return _RISKY_START.sub(r"'\1", _RISKY.sub(r"\1\2'\3", cell))


def restored(cell: str) -> str:
    return _MARKED_START.sub(r"\1", _MARKED.sub(r"\1\2\3", cell))


def joined(texts: Iterable[str]) -> str:
    """Several texts, such as labels, in one cell: “;” between them, and before one within a text a backslash."""
    return "; ".join(text.replace("\\", "\\\\").replace(";", "\\;") for text in texts)


def split(cell: str) -> list[str]:
    """The texts of a cell that `joined` wrote, or a person did; each once, empty ones left out."""
    parts = re.findall(r"(?:\\[\\;]|[^;])+", cell)
    texts = (re.sub(r"\\([\\;])", r"\1", part.strip(identity.BLANKS)) for part in parts)
    return list(dict.fromkeys(text for text in texts if text))
