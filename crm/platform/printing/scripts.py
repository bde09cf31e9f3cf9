"""Noto fonts for what the product's typeface lacks, each cut down to the characters of one document: the scripts
that are written today, symbols and emoji."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable
from fontTools.varLib.instancer import instantiateVariableFont

JAPANESE, KOREAN, CHINESE = 0, 1, 2
"""Places of the fonts in the collection. They draw the characters that they share each in its own manner."""

CURVE_ERROR = 1.0
"""Units of 1,000 to the em by which a quadratic curve may differ from the cubic one that it replaces."""


@dataclass(frozen=True)
class Script:
    """A font; `number` is its place where the file is a collection."""

    name: str
    number: int = -1

    @property
    def path(self) -> str:
        if self.number >= 0:
            return str(files("manimgx_fonts_cjk") / "NotoSansCJK-VF.otf.ttc")
        return str(files("manimgx_fonts") / f"Noto{self.name}[wght].ttf")


PLAIN = [Script("Sans"), Script("SansArmenian"), Script("SansGeorgian"), Script("SansEthiopic")]
SHAPED = [
    Script(f"Sans{name}")
    for name in (
        *("Hebrew", "Arabic", "Devanagari", "Bengali", "Gujarati", "Gurmukhi", "Kannada", "Malayalam", "Oriya"),
        *("Sinhala", "Tamil", "Telugu", "Khmer", "Lao", "Myanmar", "Thai"),
    )
]
"""Scripts whose letters join, stack or run from right to left."""
PICTURES = [Script("SansSymbols"), Script("Emoji")]


def of_text(text: str, known: frozenset[int]) -> Iterator[tuple[Script, frozenset[int]]]:
    """Fonts that together print what of the text is not among the `known` code points, as far as any does, each with
    the code points of the text that it has."""
    wanted = frozenset(map(ord, text))
    lacking = wanted - known
    for script in [*PLAIN, *SHAPED, _east_asian(text), *PICTURES]:
        if not lacking:
            return
        if lacking & characters(script):
            yield script, wanted & characters(script)
            lacking -= characters(script)


@cache
def characters(script: Script) -> frozenset[int]:
    """The code points that a font covers."""
    with TTFont(script.path, fontNumber=script.number, lazy=True) as font:
        return frozenset(font.getBestCmap())


def _east_asian(text: str) -> Script:
    if any("\u3040" <= letter <= "\u30ff" for letter in text):
        return Script("SansCJK", JAPANESE)
    korean = any("\uac00" <= letter <= "\ud7a3" or "\u1100" <= letter <= "\u11ff" for letter in text)
    return Script("SansCJK", KOREAN if korean else CHINESE)


@lru_cache(maxsize=64)
def cut(script: Script, weight: int, points: frozenset[int]) -> bytes:
    """The font at one weight, with these characters alone, as TrueType. Takes up to a second."""
    with TTFont(script.path, fontNumber=script.number, lazy=True) as font:
        if script not in SHAPED:
            # Reading how letters join takes most of the time, and here none do.
            for table in {"GSUB", "GPOS", "GDEF", "BASE"} & set(font.keys()):
                del font[table]
        cutter = subset.Subsetter(subset.Options(notdef_outline=True, name_IDs=["*"]))
        cutter.populate(unicodes=points)
        cutter.subset(font)
        smaller = _saved(font)
    font = instantiateVariableFont(TTFont(io.BytesIO(smaller)), {"wght": weight})
    if "CFF2" in font:
        _make_quadratic(font)
    return _saved(font)


def _make_quadratic(font: TTFont) -> None:
    """Turn outlines of CFF2, which no PDF may hold, into those of TrueType."""
    outlines, order = font.getGlyphSet(), font.getGlyphOrder()
    table = newTable("glyf")
    table.glyphOrder, table.glyphs = order, {}
    for name in order:
        pen = TTGlyphPen(outlines)
        outlines[name].draw(Cu2QuPen(pen, CURVE_ERROR, reverse_direction=True))
        table.glyphs[name] = pen.glyph()
    for tag in ("CFF2", "VORG"):
        if tag in font:
            del font[tag]
    font["loca"], font["glyf"] = newTable("loca"), table
    most = font["maxp"]
    most.tableVersion, most.maxZones = 0x00010000, 1
    # The rest is counted when the outlines are written.
    for name in ("TwilightPoints", "Storage", "FunctionDefs", "InstructionDefs", "StackElements", "SizeOfInstructions"):
        setattr(most, f"max{name}", 0)
    for name in ("Points", "Contours", "CompositePoints", "CompositeContours", "ComponentElements", "ComponentDepth"):
        setattr(most, f"max{name}", 0)
    names = font["post"]
    names.formatType, names.extraNames, names.mapping, names.glyphOrder = 2.0, [], {}, order
    font.sfntVersion = "\0\1\0\0"


def _saved(font: TTFont) -> bytes:
    target = io.BytesIO()
    font.save(target)
    return target.getvalue()
