"""The rules of an attribute beyond its type: the pattern of a text or link, the values of a list.

They exist for one value and for a whole column; a test holds the two equal, messages included.
"""

from typing import Any

import polars as pl

from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.records.attributes import patterns
from crm.records.attributes.definitions import Definition
from crm.records.attributes.types import AttributeType

NAMED = 10
"""How many values of a list an error message names."""


def fitting(definition: Definition, value: Any) -> Any:
    """The value in its stored form; a list's value in the list's own case. Raises Invalid where it does not fit."""
    if value is None:
        return None
    if definition.type is AttributeType.LIST:
        by_folded_name = _by_folded_name(definition)
        # The exact text first: a list that was made from a text attribute may hold “Acme” and “acme”.
        if value not in definition.values and value.casefold() not in by_folded_name:
            raise Invalid(_not_listed_message(definition, value), f"attribute:{definition.key}")
        return value if value in definition.values else by_folded_name[value.casefold()]
    if definition.pattern and not patterns.fits(definition.pattern, value):
        raise Invalid(_misfit(definition, value), f"attribute:{definition.key}")
    return value


def fitting_column(definition: Definition, column: pl.Series, *, new_values: bool = False) -> pl.DataFrame:
    """`value` and `fault` for each text of the column; null has neither. With `new_values` a text that a list does not
    have is accepted, in its first spelling."""
    if definition.type is AttributeType.LIST:
        return _fitting_list_column(definition, column, new_values)
    frame = pl.DataFrame({"value": column})
    if not definition.pattern:
        return frame.with_columns(fault=pl.lit(None, pl.String))
    fits = patterns.matches(definition.pattern, column)
    # One message per distinct text: a column of a million rows has few of them.
    wrong = column.filter(~fits).unique()
    faults = pl.DataFrame(
        {"value": wrong, "fault": [_misfit(definition, text) for text in wrong]},
        schema={"value": pl.String, "fault": pl.String},
    )
    joined = frame.join(faults, on="value", how="left", maintain_order="left")
    return joined.with_columns(value=pl.when(pl.col("fault").is_null()).then("value"))


def _fitting_list_column(definition: Definition, column: pl.Series, new_values: bool) -> pl.DataFrame:
    by_folded_name, values = _by_folded_name(definition), set(definition.values)
    rows = []
    for text in column.drop_nulls().unique(maintain_order=True):
        if new_values:
            by_folded_name.setdefault(text.casefold(), text)
        found = text if text in values else by_folded_name.get(text.casefold())
        rows.append((text, found, None if found else _not_listed_message(definition, text)))
    found = pl.DataFrame(rows, schema={"text": pl.String, "value": pl.String, "fault": pl.String}, orient="row")
    return pl.DataFrame({"text": column}).join(found, on="text", how="left", maintain_order="left").drop("text")


def _by_folded_name(definition: Definition) -> dict[str, str]:
    # Reversed, so that the first in order wins where two values differ only in case.
    return {name.casefold(): name for name in reversed(definition.values)}


def _not_listed_message(definition: Definition, text: str) -> str:
    first = ", ".join(f"“{name}”" for name in definition.values[:NAMED])
    more = len(definition.values) - NAMED
    if not first:
        takes = tr("It has no values yet; an administrator adds them under Settings.")
    elif more > 0:
        takes = tr("It takes {first} and {count} more.", first=first, count=more)
    else:
        takes = tr("It takes {first}.", first=first)
    refusal = tr("“{value}” is not a value of the list “{name}”.", value=text[:80], name=definition.name)
    return f"{refusal} {takes}"


def _misfit(definition: Definition, text: str) -> str:
    return patterns.misfit(text, definition.name, definition.pattern or "", definition.hint)
