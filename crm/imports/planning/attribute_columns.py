"""Custom attributes as columns of a file: each cell by the type of its attribute."""

import polars as pl

from crm.foundation import bounds, money
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.imports.model import ATTRIBUTE, Options
from crm.imports.planning.columns import Columns
from crm.imports.reading import amounts, dates, normal_forms
from crm.records import attributes
from crm.records.attributes import AttributeType, Definition
from crm.records.attributes import types as attribute_types
from crm.store import Writing


def clean(columns: Columns) -> list[str]:
    """Add a column `a_<key>` for each mapped attribute; the columns' names."""
    added: list[str] = []
    for definition in columns.context.definitions:
        key = ATTRIBUTE + definition.key
        if not columns.has(key):
            continue
        columns.put(key, lambda column, of=definition, at=key: _read(column, of, at, columns))  # type: ignore[misc]
        ticked = definition.type is AttributeType.CHECKBOX
        value = pl.col(key) == "true" if ticked else pl.col(key).cast(attribute_types.POLARS[definition.type])
        columns.clean = columns.clean.with_columns(value.alias(definition.column)).drop(key)
        added.append(definition.column)
    return added


def _read(column: pl.Series, definition: Definition, key: str, columns: Columns) -> pl.DataFrame:
    header = columns.mapping.header_of(key)
    match definition.type:
        case AttributeType.NUMBER | AttributeType.PERCENT | AttributeType.CURRENCY:
            return numbers(column, definition.type, columns, header)
        case AttributeType.DATE:
            return dates.dates(column, columns.pattern_of(key), columns.context.time_zone)
        case AttributeType.CHECKBOX:
            return ticks(column, header)
        case AttributeType.TEXT:
            return _fitting(normal_forms.texts(column, header, 5_000), definition, key, columns)
        case _:
            texts = normal_forms.by_value(
                column, lambda text: attribute_types.read(definition.type, text, definition.name)
            )
            return _fitting(texts, definition, key, columns)


def ticks(column: pl.Series, header: str) -> pl.DataFrame:
    """Yes and no, as people write them, become the texts true and false."""
    return normal_forms.by_value(column, lambda text: _tick(text, header))


def _fitting(read: pl.DataFrame, definition: Definition, key: str, columns: Columns) -> pl.DataFrame:
    """The texts that fit the attribute's pattern or its list; a fault for each of the others."""
    # A list without an id is one that this import creates: it takes whatever the file holds.
    new_values = columns.options.new_list_values or definition.id == 0
    added = columns.options.new_values.get(key, [])
    taking = definition.model_copy(update={"values": (*definition.values, *added)})
    found = attributes.fitting_column(taking, read["value"], new_values=new_values)
    return found.select("value", fault=pl.coalesce(read["fault"], "fault"))


def numbers(column: pl.Series, of: AttributeType, columns: Columns, header: str) -> pl.DataFrame:
    """`value` and `fault` of a column of numbers, percentages, or amounts in the workspace's currency."""
    if of is AttributeType.PERCENT:
        column = column.str.strip_suffix("%")
    mark = columns.options.decimal or amounts.mark_of(column, header, columns.unsure)
    columns.decimal = mark
    kind = amounts.MONEY if of is AttributeType.CURRENCY else pl.Float64()  # all digits of a double
    read = amounts.amounts(column, mark, below_zero=True, kind=kind)
    size = pl.col("value").abs()
    if of is AttributeType.CURRENCY:
        sound, why = size <= money.LARGEST, tr("The amount is too large.")
    else:
        finest, largest = float(bounds.FINEST_NUMBER), float(bounds.LARGEST_NUMBER)
        sound, why = (
            (size == 0) | size.is_between(finest, largest, closed="left"),
            tr("The number is too large or too fine."),
        )
    return read.select(
        value=pl.when(sound).then("value"), fault=pl.coalesce("fault", pl.when(~sound).then(pl.lit(why)))
    )


def _tick(text: str, header: str) -> str:
    ticked = attribute_types.tick_of(text)
    if isinstance(ticked, str):
        raise Invalid(tr("“{text}” is neither yes nor no, for “{column}”.", text=text, column=header), header)
    return str(ticked).lower()


def make(tx: Writing, record_key: str, options: Options, rows: pl.DataFrame) -> None:
    """Create the attributes that the options name, and the list values that the rows hold and the lists do not."""
    made: set[str] = set()
    for name, kind in options.new_attributes.items():
        if attributes.find(tx, record_key, attributes.key_of(name)) is None:
            made.add(attributes.define(tx, model=record_key, name=name, type=kind).key)
    for definition in attributes.definitions(tx, record_key):
        takes_new_values = (
            options.new_list_values or definition.key in made or ATTRIBUTE + definition.key in options.new_values
        )
        if takes_new_values and definition.type is AttributeType.LIST and definition.column in rows.columns:
            values = rows[definition.column].drop_nulls().unique(maintain_order=True)
            attributes.add_values(tx, definition.id, values.to_list())
