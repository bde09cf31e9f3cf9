"""The product's own scripts, which run outside of Streamlit's page, where no visit pays for them: one file, kept for
good under a name of its content, instead of eight that a browser asks for again at each load."""

import hashlib

from crm.foundation.settings import ROOT

NAMES = ("history", "search", "help", "dialogs", "days", "rows", "streamlit", "warm")
"""What Back leads to, the boxes of the search, of shortcuts and themes, where dialogs start, days that are typed in
part, lists by keyboard, Streamlit's own texts, and what is read before the click."""


def _joined() -> str:
    """The module of them all. Each stands in a block: what it declares is its own."""
    parts = ((ROOT / "static" / f"{name}.js").read_text(encoding="utf-8") for name in NAMES)
    return "".join(f"{{\n{part}}}\n" for part in parts)


CONTENT = _joined().encode()
ADDRESS = f"/app/static/own.{hashlib.sha256(CONTENT).hexdigest()[:8]}.js"
