"""Dates of a column: one pattern for all of it; a question where two would do and give different days."""

from collections.abc import Sequence
from datetime import date

import polars as pl
from babel.dates import format_date

from crm.foundation import bounds
from crm.foundation.errors import Invalid
from crm.foundation.language import ENGLISH, current, later, tr

# In this order: of patterns that read a column alike, the first is taken.
PATTERNS = {
    "%Y-%m-%d": later("year-month-day"),
    "%d/%m/%Y": later("day/month/year"),
    "%m/%d/%Y": later("month/day/year"),
    "%d.%m.%Y": later("day.month.year"),
    "%d-%m-%Y": later("day-month-year"),
    "%m-%d-%Y": later("month-day-year"),
    "%Y/%m/%d": later("year/month/day"),
    "%d/%m/%y": later("day/month/year of two digits"),
    "%m/%d/%y": later("month/day/year of two digits"),
    "%d.%m.%y": later("day.month.year of two digits"),
    "%Y%m%d": later("year, month and day together"),
    "%d %B %Y": later("day, month by name, year"),
    "%B %d %Y": later("month by name, day, year"),
    "%d %B %y": later("day, month by name, year of two digits"),
}

TIME_OF_DAY = (
    r"(?:,?[ T])(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(?: ?([AaPp])\.?[Mm]\.?)?"
    r" ?(Z|UTC|GMT)?((?:[+-]\d{2}:?\d{2})|(?:[+-]\d{2}))?$"
)
"""A time after the date, with its zone: imports keep days, but a moment with an offset has its day in the workspace."""

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan janeiro",
            "february feb fevereiro fev",
            "march mar marco março",
            "april apr abril abr",
            "may maio mai",
            "june jun junho",
            "july jul julho",
            "august aug agosto ago",
            "september sep sept setembro set",
            "october oct outubro out",
            "november nov novembro",
            "december dec dezembro dez",
        ),
        1,
    )
    for name in names.split()
}
"""Names of months in English and Portuguese, as they are folded in case."""

WEEKDAY = r"(?:[a-zç\-]+\.?,? +)?"
NAMED = {
    "%d %B": rf"^{WEEKDAY}(\d{{1,2}})(?:st|nd|rd|th|º)?[ \-/.,]*(?:de |of )? *"
    r"([a-zç]{3,9})\.?[ \-/.,]*(?:de )? *",
    "%B %d": rf"^{WEEKDAY}([a-zç]{{3,9}})\.? +(\d{{1,2}})(?:st|nd|rd|th)?,? +",
}
YEARS = {"%Y": r"(\d{4})$", "%y": r"(\d{2})$"}

# Polars takes two digits for %Y too: 1/2/26 would be a day of the year 26.
FEW_DIGITS = {
    "%Y": r"\d{4}",
    "%y": r"\d{2}",
    "%m": r"\d{1,2}",
    "%d": r"\d{1,2}",
}


class DatesUnsure(Invalid):
    """Two patterns read a column, and differently: a person has to choose."""


def pattern_of_column(column: pl.Series, header: str) -> str:
    filled = [text for text in column.unique().drop_nulls().sort() if text.strip(" \t")]
    return pattern_of(filled, header) if filled else "%Y-%m-%d"


def pattern_of(texts: Sequence[str], header: str) -> str:
    """The pattern that reads most of these texts; Invalid, with both readings, where two read as many differently."""
    read = {pattern: parsed(pl.Series(list(texts), dtype=pl.String), pattern) for pattern in PATTERNS}
    most = max(days.count() for days in read.values())
    if most == 0:
        raise Invalid(
            tr(
                "The column “{column}” holds no date that can be read, such as “{cell}”. Map it to another field, or "
                "write its dates as {example}.",
                column=header,
                cell=texts[0],
                example="2026-12-31",
            ),
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
        question = tr(
            "The dates of “{column}” are written in two ways, some as {one} and some as {other}. Choose the date "
            "pattern: {one_pattern} or {other_pattern}.",
            column=header,
            one=tr(PATTERNS[one]),
            other=tr(PATTERNS[other]),
            one_pattern=one,
            other_pattern=other,
        )
    else:
        readings = [
            f"{_written_out(parsed(pl.Series([text]), pattern)[0])} ({tr(PATTERNS[pattern])})"
            for pattern in (one, other)
        ]
        question = tr(
            "The dates of “{column}” can be read in two ways: “{text}” is {one} or {other}. Choose the date pattern: "
            "{one_pattern} or {other_pattern}.",
            column=header,
            text=text,
            one=readings[0],
            other=readings[1],
            one_pattern=one,
            other_pattern=other,
        )
    raise DatesUnsure(question, header)


def _written_out(day: date) -> str:
    """7 March 2026, as the language writes it."""
    # Not as Americans write it: this answers whether the day or the month comes first.
    return str(format_date(day, "long", locale="en_GB" if current() == ENGLISH else current()))


def parsed(texts: pl.Series, pattern: str, zone: str = "UTC") -> pl.Series:
    """The day of each text, null where it is not one under this pattern. A moment that names its offset is put into
    `zone` before its day is taken; one that names none is taken to be of there."""
    frame = pl.DataFrame({"t": texts.str.strip_chars(" \t")}).with_columns(
        bare=pl.col("t").str.replace(TIME_OF_DAY, "")
    )
    days = _day(frame["bare"], pattern)
    moved = frame["t"].str.contains(OFFSET)
    return _in_zone(days, frame["t"], zone) if moved.any() else days


OFFSET = r":\d{2}[^:]*(?:Z|UTC|GMT|[+-]\d{2}:?(?:\d{2})?)$"


def _in_zone(days: pl.Series, texts: pl.Series, zone: str) -> pl.Series:
    """The days, of moments with an offset those in the zone."""
    parts = pl.col("t").str.extract_groups(TIME_OF_DAY).struct
    hour, minute = parts.field("1").cast(pl.Int64), parts.field("2").cast(pl.Int64)
    second = parts.field("3").cast(pl.Int64).fill_null(0)
    after_noon = parts.field("4").str.to_lowercase() == "p"
    # 12 AM is midnight, and 12 PM noon.
    hours = pl.when(parts.field("4").is_not_null()).then(hour % 12 + 12 * after_noon.cast(pl.Int64)).otherwise(hour)
    offset = parts.field("6").str.replace(":", "", literal=True)
    sign = pl.when(offset.str.starts_with("-")).then(-1).otherwise(1)
    east = sign * (
        offset.str.slice(1, 2).cast(pl.Int64) * 60 + offset.str.slice(3, 2).cast(pl.Int64, strict=False).fill_null(0)
    )
    has_offset = parts.field("5").is_not_null() | parts.field("6").is_not_null()
    seconds = hours * 3600 + (minute - east.fill_null(0)) * 60 + second
    frame = pl.DataFrame({"t": texts, "day": days})
    moment = pl.col("day").cast(pl.Datetime("us")) + pl.duration(seconds=seconds)
    local = moment.dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.date()
    return frame.select(pl.when(has_offset & (hour < 24)).then(local).otherwise("day")).to_series()


def _day(bare: pl.Series, pattern: str) -> pl.Series:
    if pattern in PATTERNS and "%B" in pattern:
        return _named_day(bare, pattern)
    shape = pattern.replace(".", r"\.")
    for code, digits in FEW_DIGITS.items():
        shape = shape.replace(code, digits)
    shaped = pl.DataFrame({"t": bare}).select(pl.when(pl.col("t").str.contains(f"^{shape}$")).then("t"))
    return shaped.to_series().str.to_date(pattern, strict=False)


def _named_day(bare: pl.Series, pattern: str) -> pl.Series:
    """The days of texts that name the month."""
    order, year = pattern[:5], pattern[6:]
    parts = pl.col("t").str.to_lowercase().str.extract_groups(NAMED[order] + YEARS[year]).struct
    day, month = ("1", "2") if order == "%d %B" else ("2", "1")
    number = parts.field(month).replace_strict(MONTHS, default=None, return_dtype=pl.Int64)
    text = pl.concat_str(parts.field("3"), number.cast(pl.String), parts.field(day), separator="-")
    return pl.DataFrame({"t": bare}).select(text.str.to_date(f"{year}-%m-%d", strict=False)).to_series()


def dates(column: pl.Series, pattern: str, zone: str = "UTC") -> pl.DataFrame:
    """`value` (date, of a moment with an offset the day in `zone`) and `fault` for each cell; empty cells have
    neither."""
    uniques = pl.DataFrame({"raw": column.unique().drop_nulls()})
    uniques = uniques.with_columns(value=parsed(uniques["raw"], pattern, zone))
    example = date(2026, 12, 31).strftime(pattern)
    shown = pl.col("raw").str.slice(0, 80)
    blank = pl.col("raw").str.strip_chars(" \t") == ""
    out_of_range = ~pl.col("value").is_between(bounds.FIRST_DAY, bounds.LAST_DAY)
    in_range = tr(
        "“{cell}” is not in a year from {first} to {last}.",
        cell="{}",
        first=bounds.FIRST_DAY.year,
        last=bounds.LAST_DAY.year,
    )
    uniques = uniques.with_columns(
        fault=pl.when(pl.col("value").is_null() & ~blank)
        .then(pl.format(tr("“{cell}” is not a date written as {example}.", cell="{}", example=example), shown))
        .when(out_of_range)
        .then(pl.format(in_range, shown)),
        value=pl.when(~out_of_range).then("value"),
    )
    return pl.DataFrame({"raw": column}).join(uniques, on="raw", how="left", maintain_order="left").drop("raw")
