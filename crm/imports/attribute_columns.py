"""Custom attributes as columns of a file: each cell by the type of its attribute."""

import polars as pl

from crm.attributes import AttributeType, Definition
from crm.attributes import types as attribute_types
from crm.errors import Invalid
from crm.imports import amounts, dates, normal_forms
from crm.imports.columns import Columns
from crm.imports.model import ATTRIBUTE

TICKED = {"true", "yes", "y", "1", "x", "on", "sim", "s", "verdadeiro"}
UNTICKED = {"false", "no", "n", "0", "off", "nao", "não", "falso"}

POLARS = {
    AttributeType.NUMBER: pl.Float64(),
    AttributeType.PERCENT: pl.Float64(),
    AttributeType.CURRENCY: pl.Decimal(18, 4),
    AttributeType.DATE: pl.Date(),
}


def clean(columns: Columns) -> list[str]:
    """Add a column `a_<key>` for each attribute that is mapped; their names."""
    added: list[str] = []
    for definition in columns.ground.definitions:
        key = ATTRIBUTE + definition.key
        if not columns.has(key):
            continue
        columns.put(key, lambda column, of=definition, at=key: _read(column, of, at, columns))  # type: ignore[misc]
        ticked = definition.type is AttributeType.CHECKBOX
        value = pl.col(key) == "true" if ticked else pl.col(key).cast(POLARS.get(definition.type, pl.String()))
        columns.clean = columns.clean.with_columns(value.alias(definition.column)).drop(key)
        added.append(definition.column)
    return added


def _read(column: pl.Series, definition: Definition, key: str, columns: Columns) -> pl.DataFrame:
    header = columns.mapping.header_of(key)
    match definition.type:
        case AttributeType.NUMBER | AttributeType.PERCENT | AttributeType.CURRENCY:
            return _numbers(column, definition, columns, header)
        case AttributeType.DATE:
            return dates.dates(column, columns.pattern_of(key))
        case AttributeType.CHECKBOX:
            return normal_forms.by_value(column, lambda text: _tick(text, header))
        case AttributeType.TEXT:
            return normal_forms.texts(column, header, 5_000)
        case _:
            return normal_forms.by_value(
                column, lambda text: attribute_types.read(definition.type, text, definition.name)
            )


def _numbers(column: pl.Series, definition: Definition, columns: Columns, header: str) -> pl.DataFrame:
    if definition.type is AttributeType.PERCENT:
        column = column.str.strip_suffix("%")
    mark = columns.options.decimal or amounts.mark_of(column, header)
    columns.decimal = mark
    read = amounts.amounts(column, mark, below_zero=True)
    too_large = pl.when(pl.col("value").abs() >= 10**14).then(pl.lit("The number is too large."))
    return read.select("value", fault=pl.coalesce("fault", too_large))


def _tick(text: str, header: str) -> str:
    word = text.strip().casefold()
    if word not in TICKED | UNTICKED:
        raise Invalid(f"“{text}” is neither yes nor no, for “{header}”.", header)
    return "true" if word in TICKED else "false"
