"""Dates of a column: one pattern for all of it; a question where two would do and give different days."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from crm.foundation import bounds
from crm.foundation.errors import Invalid

# In this order: of patterns that read a column alike, the first is taken.
PATTERNS = {
    "%Y-%m-%d": "year-month-day",
    "%d/%m/%Y": "day/month/year",
    "%m/%d/%Y": "month/day/year",
    "%d.%m.%Y": "day.month.year",
    "%d-%m-%Y": "day-month-year",
    "%m-%d-%Y": "month-day-year",
    "%Y/%m/%d": "year/month/day",
    "%d/%m/%y": "day/month/year of two digits",
    "%m/%d/%y": "month/day/year of two digits",
    "%d.%m.%y": "day.month.year of two digits",
    "%Y%m%d": "year, month and day together",
}

TIME_OF_DAY = r"[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AP]M)?(?:Z|[+-]\d{2}:?\d{2})?$"
"""A time after the date is left out: imports keep days."""

# Polars takes two digits for %Y too: 1/2/26 would be a day of the year 26.
FEW_DIGITS = {
    "%Y": r"\d{4}",
    "%y": r"\d{2}",
    "%m": r"\d{1,2}",
    "%d": r"\d{1,2}",
}


def pattern_of_column(column: pl.Series, header: str) -> str:
    filled = [text for text in column.unique().drop_nulls().sort() if text.strip(" \t")]
    return pattern_of(filled, header) if filled else "%Y-%m-%d"


def pattern_of(texts: Sequence[str], header: str) -> str:
    """The pattern that reads most of these texts; Invalid, with both readings, where two read as many differently."""
    read = {pattern: parsed(pl.Series(list(texts), dtype=pl.String), pattern) for pattern in PATTERNS}
    most = max(days.count() for days in read.values())
    if most == 0:
        raise Invalid(
            f"The column “{header}” holds no date that can be read, such as “{texts[0]}”. Map it to another field, "
            f"or write its dates as 2026-12-31.",
            header,
        )
    best, *others = [pattern for pattern, days in read.items() if days.count() == most]
    for other in others:
        differing = read[best].ne_missing(read[other])
        if differing.any():
            both = (differing & read[best].is_not_null() & read[other].is_not_null()).arg_true()
            _ask(header, texts[both[0]] if len(both) else None, best, other)
    return best


def _ask(header: str, text: str | None, one: str, other: str) -> None:
    if text is None:
        trouble = f"are written in two ways, some as {PATTERNS[one]} and some as {PATTERNS[other]}"
    else:
        readings = [
            f"{parsed(pl.Series([text]), pattern)[0]:%-d %B %Y} ({PATTERNS[pattern]})" for pattern in (one, other)
        ]
        trouble = f"can be read in two ways: “{text}” is {readings[0]} or {readings[1]}"
    raise Invalid(f"The dates of “{header}” {trouble}. Choose the date pattern: {one} or {other}.", header)


def parsed(texts: pl.Series, pattern: str) -> pl.Series:
    """The day of each text, null where it is not one under this pattern."""
    bare = texts.str.strip_chars(" \t").str.replace(TIME_OF_DAY, "")
    shape = pattern.replace(".", r"\.")
    for code, digits in FEW_DIGITS.items():
        shape = shape.replace(code, digits)
    shaped = pl.DataFrame({"t": bare}).select(pl.when(pl.col("t").str.contains(f"^{shape}$")).then("t"))
    return shaped.to_series().str.to_date(pattern, strict=False)


def dates(column: pl.Series, pattern: str) -> pl.DataFrame:
    """`value` (date) and `fault` for each cell; empty cells have neither."""
    uniques = pl.DataFrame({"raw": column.unique().drop_nulls()})
    uniques = uniques.with_columns(value=parsed(uniques["raw"], pattern))
    example = date(2026, 12, 31).strftime(pattern)
    shown = pl.col("raw").str.slice(0, 80)
    blank = pl.col("raw").str.strip_chars(" \t") == ""
    out_of_range = ~pl.col("value").is_between(bounds.FIRST_DAY, bounds.LAST_DAY)
    years = f"{bounds.FIRST_DAY.year} to {bounds.LAST_DAY.year}"
    uniques = uniques.with_columns(
        fault=pl.when(pl.col("value").is_null() & ~blank)
        .then(pl.format("“{}” is not a date written as " + example + ".", shown))
        .when(out_of_range)
        .then(pl.format("“{}” is not in a year from " + years + ".", shown)),
        value=pl.when(~out_of_range).then("value"),
    )
    return pl.DataFrame({"raw": column}).join(uniques, on="raw", how="left", maintain_order="left").drop("raw")
