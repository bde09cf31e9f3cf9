"""The columns of a list as cells of a CSV file: texts defused, numbers that cannot be read in two ways."""

from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from crm.spreadsheets import RISKY, defused

_FIRST = pa.array(["=", "+", "-", "@", "\t", "\r", "'"])
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
    """By the first character, where that decides; the few that begin with an apostrophe by all of them."""
    risky = pc.is_in(pc.utf8_slice_codeunits(column, 0, 1), value_set=_FIRST)
    if not pc.any(risky).as_py():
        return column
    return pc.if_else(risky, pc.replace_substring_regex(column, pattern=f"({RISKY})", replacement=r"'\1"), column)


def _numbers(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """As short as they can be written, without an exponent; 1.234 as 1.2340, which nobody takes for a thousand."""
    texts = pc.cast(column, pa.string())
    with_exponent = pc.fill_null(pc.match_substring(texts, "e"), False)
    if pc.any(with_exponent).as_py():
        written = [text and f"{Decimal(text):f}" for text in texts.to_pylist()]
        texts = pa.chunked_array([pa.array(written, pa.string())])
    return pc.replace_substring_regex(texts, pattern=_THREE_DECIMALS, replacement=r"\10")
