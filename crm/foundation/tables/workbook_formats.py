"""What number formats of a workbook show that is not in the number: the zeros before a code, the marks within one, and
that a fraction is a percentage. Other formats, of money and the like, only shorten a number: it comes in full."""

import re
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree

import polars as pl

BUILT_IN = {9: "0%", 10: "0.00%"}
"""Of the formats without a code of their own those that matter here."""

COLUMNS = 1 << 14
"""Positions of cells are kept as row * COLUMNS + column."""

TOKEN = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[[^\]]*\]|([0#?]+)|(.)', re.DOTALL)
PLAIN_LITERALS = " ()-/:+"
"""Characters that a format shows as they are, beside what it quotes. A slash alone would be of a fraction or a date."""


@dataclass(frozen=True)
class Shown:
    """How a format shows a number."""

    kind: Literal["percent", "digits"]
    pattern: str = ""
    """Of digits: which texts it changes,"""
    replacement: str = ""
    """and into what."""
    width: int = 0
    """Of digits: how many are shown at least, with zeros before them."""


def shown_formats(styles: ElementTree.Element | None) -> dict[int, Shown]:
    """The styles of cells, by the number that cells name them by, whose format shows more than the number."""
    if styles is None:
        return {}
    codes = dict(BUILT_IN)
    found: dict[int, Shown] = {}
    for element in styles.iter():
        if _name(element) == "numFmt":
            codes[int(element.get("numFmtId") or 0)] = element.get("formatCode") or ""
    of_cells = next((each for each in styles.iter() if _name(each) == "cellXfs"), None)
    for place, style in enumerate(of_cells if of_cells is not None else ()):
        shown = shown_by(codes.get(int(style.get("numFmtId") or 0), ""))
        if shown:
            found[place] = shown
    return found


def _name(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def shown_by(code: str) -> Shown | None:
    """What a format's code shows: 0.0% is a percentage, 00000 five digits, 000\\.000-00 digits with marks. None where
    it shows the number or less, or a date."""
    code = re.match(r'(?:"[^"]*"|\\.|[^;"\\])*', code)[0]  # type: ignore[index]  # of positive numbers; it may be empty
    tokens = [found.groups() for found in TOKEN.finditer(code)]
    others = {other for _, _, _, other in tokens if other}
    if others & {"%"} and others <= {"%", ".", ",", " "}:
        return Shown("percent")
    if others - {*PLAIN_LITERALS} or re.search(r"\[[<>=]", code):
        return None
    parts = [
        (len(digits), "") if digits else (0, quoted or escaped or other or "")
        for quoted, escaped, digits, other in tokens
    ]
    zeros = "".join(digits for *_, digits, _ in tokens if digits)
    has_marks = sum(many > 0 for many, _ in parts) > 1
    if not zeros or not (has_marks or zeros.count("0") > 1):
        return None
    width = len(zeros) - zeros.index("0") if "0" in zeros else 0
    return _digits(parts, width)


def _digits(parts: list[tuple[int, str]], width: int) -> Shown:
    pattern = replacement = ""
    group = 0
    for many, literal in parts:
        if many:
            group += 1
            # More digits than the format has places for stand before the first of them.
            pattern += rf"(\d*?\d{{{many}}})" if group == 1 else rf"(\d{{{many}}})"
            replacement += f"${{{group}}}"
        else:
            replacement += literal.replace("$", "$$")
    return Shown("digits", f"^{pattern}$", replacement, width)


def as_shown(
    cells: pl.DataFrame, positions: Mapping[int, "array[int]"], formats: Mapping[int, Shown], first_column: int
) -> pl.DataFrame:
    """The cells with the texts that their formats show. `positions`: style → row * COLUMNS + column of its cells."""
    changed: dict[str, pl.Series] = {}
    for style, places in positions.items():
        at = pl.DataFrame({"at": pl.Series(places, dtype=pl.Int64)})
        at = at.select(row=pl.col("at") // COLUMNS - 1, column=pl.col("at") % COLUMNS - first_column)
        for (column,), rows in at.group_by("column"):
            index = int(column)
            kept = rows.filter(pl.col("row") < cells.height)["row"]
            if 0 <= index < cells.width and kept.len():
                name = cells.columns[index]
                texts = changed.get(name, cells[name].clone())
                changed[name] = texts.scatter(kept, _shown(texts.gather(kept), formats[style]))
    return cells.with_columns(series.alias(name) for name, series in changed.items())


def _shown(texts: pl.Series, by: Shown) -> pl.Series:
    frame = pl.DataFrame({"t": texts})
    if by.kind == "percent":
        # To ten digits, since 0.07 * 100 is 7.000000000000001.
        hundredfold = (pl.col("t").cast(pl.Float64, strict=False) * 100).round(10)
        text = hundredfold.cast(pl.String).str.replace(r"\.0$", "") + "%"
        return frame.select(pl.coalesce(text, "t")).to_series()
    digits = pl.when(pl.col("t").str.contains(r"^\d+$")).then(pl.col("t").str.zfill(by.width)).otherwise("t")
    return frame.select(digits.str.replace(by.pattern, by.replacement)).to_series()
