"""Reads values as people wrote them, if they are unambiguous: for changes of an attribute's type."""

import re
from typing import Any

import polars as pl

from crm.foundation.errors import Invalid
from crm.records.attributes import types
from crm.records.attributes.types import AttributeType

CURRENCY_SIGN = re.compile(r"^(?:R\$|US\$|U\$|€|£|\$|[A-Z]{3})\s*|\s*(?:€|%|[A-Z]{3})$")
# “1,234” matches neither pattern, since it may be a thousand or a fraction: it is refused, not guessed.
DECIMAL_COMMA = re.compile(r"-?(?:\d{1,3}(?:\.\d{3})+|\d+),\d{1,2}|-?\d{1,3}(?:\.\d{3}){2,}|-?\d{1,3}(?:\.\d{3})+,\d+")
DECIMAL_POINT = re.compile(r"-?\d{1,3}(?:,\d{3})+\.\d+|-?\d{1,3}(?:,\d{3}){2,}")

PLAIN = {
    AttributeType.NUMBER: r"\A-?[0-9]{1,15}(?:\.[0-9]{1,9})?\z",
    AttributeType.PERCENT: r"\A-?[0-9]{1,15}(?:\.[0-9]{1,9})?\z",
    AttributeType.CURRENCY: r"\A-?[0-9]{1,13}(?:\.[0-9]{1,4})?\z",
    AttributeType.DATE: r"\A(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}\z",
}
"""Types that are read as a column: a million values one by one would take half a minute."""


def read_column(target: AttributeType, texts: pl.DataFrame, name: str) -> pl.DataFrame:
    """Add `value` and `fault` to a frame of distinct texts with `text` and `records`."""
    texts = texts.with_columns(value=_read_plain(target))
    rest = texts.filter(pl.col("value").is_null())["text"]
    read = [(text, *read_text(target, text, name)) for text in rest]
    slow = pl.DataFrame(
        read, schema={"text": pl.String, "slow": types.POLARS[target], "why": pl.String}, orient="row", strict=False
    )
    # The order is kept: the most frequent texts come first, and are the examples of a preview.
    joined = texts.join(slow, on="text", how="left", maintain_order="left")
    return joined.select("text", "records", value=pl.coalesce("value", "slow"), fault="why")


def _read_plain(target: AttributeType) -> pl.Expr:
    if target not in PLAIN:
        return pl.lit(None, types.POLARS[target])
    plain = pl.when(pl.col("text").str.contains(PLAIN[target])).then("text")
    if target is AttributeType.DATE:
        return plain.str.to_date("%Y-%m-%d", strict=False)
    return plain.cast(types.POLARS[target], strict=False)


def read_text(target: AttributeType, text: str, name: str) -> tuple[Any, str | None]:
    """(value, None), or (None, the reason why it cannot be read)."""
    try:
        return types.read(target, _normalized(target, text), name), None
    except Invalid as fault:
        return None, str(fault)


def _normalized(target: AttributeType, text: str) -> Any:
    """A text as the type's own check expects it, if it can be read in one way only."""
    match target:
        case AttributeType.NUMBER | AttributeType.CURRENCY | AttributeType.PERCENT:
            number = CURRENCY_SIGN.sub("", text.strip())
            if DECIMAL_COMMA.fullmatch(number):
                return number.replace(".", "").replace(",", ".")
            return number.replace(",", "") if DECIMAL_POINT.fullmatch(number) else number
        case AttributeType.DATE:
            return text.strip()[:10]
        case AttributeType.CHECKBOX:
            return types.tick_of(text)
        case _:
            return text
