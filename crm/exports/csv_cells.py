"""The columns of a list as cells of a CSV file: formulas escaped, numbers unambiguous."""

from decimal import Decimal

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from crm.platform.spreadsheets import PARTS, RISKY, RISKY_START, RUNS, UNSEEN, defused

_ODD = pl.col("cell").str.contains(f"[{PARTS}]") | pl.col("cell").str.contains(f"^['{UNSEEN}]")
_PLAIN = pl.col("cell").str.contains(f"^[{RUNS}]")
_THREE_DECIMALS = r"^(-?\d{1,3}\.\d{3})$"


def as_text(rows: pa.Table) -> pa.Table:
    rows = rows.rename_columns([defused(name) for name in rows.schema.names])
    for place, field in enumerate(rows.schema):
        column = rows.column(place)
        if pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
            rows = rows.set_column(place, field.name, _defused(column))
        elif pa.types.is_floating(field.type):
            rows = rows.set_column(place, field.name, _numbers(column))
        elif pa.types.is_timestamp(field.type):
            rows = rows.set_column(place, field.name, pc.strftime(column, format="%Y-%m-%d %H:%M:%S"))
    return rows


def _defused(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """As `defused`, a whole column at once. All of a column of phones begin with a plus, and most other cells hold
    nothing of the kind: only the few that are left are looked at with the expression that knows every case."""
    cells = pl.Series("cell", column)
    marks = cells.to_frame().select(odd=_ODD, plain=_PLAIN)
    odd = marks["odd"].arg_true()
    if odd.len() or marks["plain"].any():
        few = cells.gather(odd).str.replace_all(RISKY, "${1}${2}'${3}").str.replace(RISKY_START, "'${1}")
        cells = ("'" + cells).zip_with(marks["plain"].fill_null(False), cells).scatter(odd, few)
    return pa.chunked_array([cells.to_arrow()])


def _numbers(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Numbers in their shortest form without an exponent; but 1.234 as 1.2340, which nobody reads as a thousand."""
    texts = pc.cast(column, pa.string())
    with_exponent = pc.fill_null(pc.match_substring(texts, "e"), False)
    # Few columns hold a number that is written with an exponent: only those go through Python.
    if pc.any(with_exponent).as_py():
        written = [text and f"{Decimal(text):f}" for text in texts.to_pylist()]
        texts = pa.chunked_array([pa.array(written, pa.string())])
    return pc.replace_substring_regex(texts, pattern=_THREE_DECIMALS, replacement=r"\10")
