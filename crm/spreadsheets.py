"""What a spreadsheet would run as a formula, made harmless on the way out and itself again on the way in.

A cell that begins with =, +, -, @, a tab or a carriage return gets an apostrophe before it; so does one that begins
with apostrophes and then one of these. Taking one apostrophe away is then the exact way back: exports of this product,
imported into it, change nothing.
"""

import re

RISKY = r"^'*[=+\-@\t\r]"
"""Cells that are written with an apostrophe more."""

MARKED = r"^'('*[=+\-@\t\r])"
"""Cells that are read with an apostrophe less: its first group is what stays."""


def defused(cell: str) -> str:
    return f"'{cell}" if re.match(RISKY, cell) else cell


def restored(cell: str) -> str:
    return re.sub(MARKED, r"\1", cell)
