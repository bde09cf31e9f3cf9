"""The product's own typeface as files that a PDF can hold, made once a process from the web fonts of the pages."""

import tempfile
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

from crm.foundation.settings import ROOT

PARTS = {"latin": "inter-latin-wght-normal.woff2", "latin-ext": "inter-latin-ext-wght-normal.woff2"}
WEIGHTS = {"": 400, "B": 650}
LACKING = "?"
"""Stands where the typeface has no sign for a character."""

_FOLDERS: list[tempfile.TemporaryDirectory[str]] = []


@cache
def files() -> dict[tuple[str, str], Path]:
    """{(part, style): a TrueType file}, in a folder that goes with the process. Two seconds the first time: a weight
    is cut out of a variable font."""
    _FOLDERS.append(tempfile.TemporaryDirectory(prefix="mallard-faces-"))
    folder = Path(_FOLDERS[-1].name)
    found = {}
    for part, name in PARTS.items():
        for style, weight in WEIGHTS.items():
            font = instantiateVariableFont(TTFont(ROOT / "static" / name), {"wght": weight})
            font.flavor = None
            found[part, style] = folder / f"{part}{weight}.ttf"
            font.save(found[part, style])
    return found


@cache
def characters() -> frozenset[int]:
    """What the parts can print between them: Latin scripts, their signs and currencies."""
    return frozenset().union(*(TTFont(ROOT / "static" / name).getBestCmap() for name in PARTS.values()))
