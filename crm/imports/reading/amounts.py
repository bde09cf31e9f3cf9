"""Amounts and numbers of a column: one decimal mark for all of it, currency signs understood, never negative."""

from decimal import Decimal

import polars as pl

from crm.foundation.errors import Invalid
from crm.foundation.language import tr

SIGNS = {
    "R$": "BRL",
    "US$": "USD",
    "U$": "USD",
    "€": "EUR",
    "£": "GBP",
    "$": "",  # says nothing: a dozen currencies write it
}

BLANKS = r"[\s\u{00A0}\u{202F}']"
"""Spaces of every kind and the Swiss apostrophe: marks between thousands."""

WRITTEN_WITH = {
    ".": r"^(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?$",
    ",": r"^(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?$",
}
"""What an amount looks like by its decimal mark."""

# Wider than any amount that is stored: what is too large or too fine is refused with its own text, not at the cast.
MONEY = pl.Decimal(38, 10)


def mark_of(column: pl.Series, header: str, unsure: str | None = None) -> str:
    """The decimal mark under which most cells are amounts. Where both marks read as many, and differently, it is
    `unsure`; Invalid, with an example, where that is None."""
    bare = _parts(column.unique())["number"].drop_nulls().unique()
    read = {mark: _read(bare, mark) for mark in WRITTEN_WITH}
    point, comma = read["."], read[","]
    if point.count() != comma.count():
        return "." if point.count() > comma.count() else ","
    differing = (point != comma).fill_null(False)
    if differing.any() and unsure:
        return unsure
    if differing.any():
        text = bare[differing.arg_true()[0]]
        raise Invalid(
            tr(
                "The numbers of “{column}” can be read in two ways: “{text}” is {one:,} with a decimal point or "
                "{other:,} with a decimal comma. Choose the decimal mark.",
                column=header,
                text=text,
                one=_read_by(text, "."),
                other=_read_by(text, ","),
            ),
            "decimal",
        )
    return "."


def _read_by(text: str, mark: str) -> Decimal:
    number: Decimal = _read(pl.Series([text]), mark)[0]
    return number.normalize()


def amounts(
    column: pl.Series, mark: str, *, below_zero: bool = False, kind: pl.DataType | type[pl.DataType] = MONEY
) -> pl.DataFrame:
    """`value` (a decimal, or of another kind), `written_in` (the currency its sign names, or null) and `fault` of each
    cell."""
    parts = _parts(column.unique().drop_nulls())
    parts = parts.with_columns(value=_read(parts["number"], mark, kind))
    parts = parts.with_columns(value=pl.when("negative").then(-pl.col("value")).otherwise("value"))
    unread = pl.col("number").is_not_null() & pl.col("value").is_null()
    shown = pl.col("raw").str.slice(0, 80)
    fault = (
        pl.when(pl.col("negative") & pl.lit(not below_zero))
        .then(pl.format(tr("“{cell}” is negative; a value cannot be.", cell="{}"), shown))
        .when(unread)
        .then(pl.format(tr("“{cell}” is not an amount written with a decimal “{mark}”.", cell="{}", mark=mark), shown))
    )
    found = parts.select("raw", "value", "written_in", fault=fault)
    return pl.DataFrame({"raw": column}).join(found, on="raw", how="left", maintain_order="left").drop("raw")


def _read(numbers: pl.Series, mark: str, kind: pl.DataType | type[pl.DataType] = MONEY) -> pl.Series:
    thousands = "," if mark == "." else "."
    frame = pl.DataFrame({"n": numbers.cast(pl.String)})
    tidy = pl.col("n").str.replace_all(thousands, "", literal=True).str.replace(mark, ".", literal=True)
    return frame.select(
        pl.when(pl.col("n").str.contains(WRITTEN_WITH[mark])).then(tidy).cast(kind, strict=False)
    ).to_series()


def _parts(column: pl.Series) -> pl.DataFrame:
    """Each cell's number as text, the currency its sign names, and whether it is written as negative."""
    frame = pl.DataFrame({"raw": column}).with_columns(
        bare=pl.col("raw").str.replace_all(BLANKS, "").str.to_uppercase()
    )
    # Any three letters count as a sign here; whether they are a currency is checked with the row's own.
    sign = pl.col("bare").str.extract(r"(R\$|US\$|U\$|€|£|\$|[A-Z]{3})", 1)
    number = pl.col("bare").str.replace(r"^\(?-?(?:R\$|US\$|U\$|€|£|\$|[A-Z]{3})?-?", "")
    number = number.str.replace(r"(?:R\$|US\$|U\$|€|£|\$|[A-Z]{3})?-?\)?$", "")
    code = sign.replace_strict(SIGNS, default=sign)
    return frame.select(
        "raw",
        number=pl.when(pl.col("bare") != "").then(number),
        written_in=pl.when(code != "").then(code),
        # Accountants write (1,234) for a negative amount.
        negative=pl.col("bare").str.contains(r"^\(|^[^0-9]*-|-$").fill_null(False),
    )
