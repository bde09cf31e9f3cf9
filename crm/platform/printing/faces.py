"""The product's typeface as TrueType files for PDFs, made once per process from the web fonts of the pages."""

import tempfile
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

from crm.foundation.settings import ROOT
from crm.platform.printing import scripts

PARTS = {"latin": "inter-latin-wght-normal.woff2", "latin-ext": "inter-latin-ext-wght-normal.woff2"}
WEIGHTS = {"": 400, "B": 650}
LACKING = "?"
"""Replaces characters that the typeface lacks."""

_FOLDERS: list[tempfile.TemporaryDirectory[str]] = []


@cache
def files() -> dict[tuple[str, str], Path]:
    """{(part, style): a TrueType file}, in a temporary folder of the process. The first call takes two seconds, to
    instantiate the weights of a variable font."""
    # Held for the life of the process: the folder goes with its object.
    _FOLDERS.append(tempfile.TemporaryDirectory(prefix="mallard-faces-"))
    folder = Path(_FOLDERS[-1].name)
    found = {}
    for part, name in PARTS.items():
        for style, weight in WEIGHTS.items():
            font = instantiateVariableFont(TTFont(ROOT / "static" / name), {"wght": weight})
            # Else it would be written as WOFF2 again, whatever the file's name.
            font.flavor = None
            found[part, style] = folder / f"{part}{weight}.ttf"
            font.save(found[part, style])
    return found


@cache
def characters() -> frozenset[int]:
    """The code points that the font files cover: Latin scripts, punctuation and currency signs."""
    return frozenset().union(*(TTFont(ROOT / "static" / name).getBestCmap() for name in PARTS.values()))


def unprintable(texts: Iterable[str]) -> list[str]:
    """The characters that neither the typeface nor any Noto font has, each once, in the order of the texts."""
    letters = dict.fromkeys(unicodedata.normalize("NFC", "".join(texts)))
    known = characters()
    for _, points in scripts.of_text("".join(letters), known):
        known |= points
    return [letter for letter in letters if ord(letter) not in known and is_seen(letter)]


def is_seen(letter: str) -> bool:
    """Whether a character leaves a mark on paper: blanks, controls, format marks and loose accents leave none."""
    return not is_blank(letter) and unicodedata.category(letter) not in ("Cc", "Cf", "Mn")


def is_blank(letter: str) -> bool:
    return letter in "\n\t" or unicodedata.category(letter) == "Zs"
