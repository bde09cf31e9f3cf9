"""What a file holds, before it is compared with the store: clean rows, and the reason of each row that is rejected."""

from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from crm.foundation.language import tr
from crm.foundation.tables.read import Sheet
from crm.imports.fields import all_targets
from crm.imports.mapping import column_mapping
from crm.imports.model import Options
from crm.imports.planning import attribute_columns, cleaning, mapped_values, split_cells, written
from crm.imports.planning.columns import CleaningContext, Columns, first_of_each_line, without
from crm.imports.planning.doubles import doubles
from crm.imports.planning.import_hooks import ImportHooks
from crm.imports.reading import placeholders
from crm.records.attributes import Definition
from crm.records.declaration import RecordType


@dataclass(frozen=True)
class Plan:
    of: RecordType[Any]
    hooks: ImportHooks
    options: Options
    sheet: Sheet
    rows: pl.DataFrame
    """The sound rows: `line`, the columns of the type, `a_<key>` of attributes."""
    attributes: list[str]
    faults: pl.DataFrame
    """line, field, reason of the rows that were read and are not sound; those that could not be read are in sheet."""
    found: dict[str, object]
    unread: pl.DataFrame
    """line, field, reason of cells that were left empty, or read in part."""
    counted: dict[str, pl.DataFrame]
    """By target of few values: text and rows of each different text, as the file has them."""

    @property
    def columns(self) -> list[str]:
        return written.columns(self.of, self.hooks)

    def compared(self, listed: pl.Series) -> "Plan":
        """The plan without its rows, once it was compared with the store: of the sheet, the lines `listed` are
        left."""
        return replace(self, sheet=self.sheet.only(listed), rows=self.rows.clear())


def plan(of: RecordType[Any], hooks: ImportHooks, sheet: Sheet, options: Options, context: CleaningContext) -> Plan:
    """The plan of a file: its rows cleaned by field, or rejected with a reason. It reads no store. Invalid where the
    file as a whole leaves a question open, such as the order of day and month."""
    chosen = column_mapping.choose(of, sheet.header, options, context.definitions, context.modules)
    # A workbook stores numbers, and the reader writes them with a point: nothing is to be asked.
    unsure = "." if sheet.dialect.is_workbook else None
    empty = column_mapping.placeholders_of(sheet, chosen, options)
    columns = Columns(column_mapping.texts(sheet, chosen, empty), chosen, options, context, unsure)
    counted = mapped_values.counted(columns, of)
    mapped_values.apply(columns, of)
    split_cells.apply(columns, of)
    attributes = attribute_columns.clean(columns)
    cleaning.clean(columns, of)
    if hooks.clean:
        hooks.clean(columns)
    cleaning.add_keys(columns, of)
    # Only sound rows can be repeated: a row that is rejected anyway must not take a later, sound one with it.
    rows, faults = columns.split()
    keys = [(each.field.unique.column, each.key) for each in cleaning.unique_targets(of) if each.field.unique]
    names = {key: tr(each.label).lower() for key, each in all_targets(of).items()}
    twice = doubles(rows, [*keys, *hooks.keys], names)
    found: dict[str, object] = {
        "encoding": sheet.dialect.encoding,
        "encoding_guessed": sheet.dialect.guessed,
        "delimiter": sheet.dialect.delimiter,
        "quote": sheet.dialect.quote,
        "sheet": sheet.dialect.sheet,
        "preset": chosen.preset.name if chosen.preset else None,
        "mapping": chosen.columns,
        "notices": [*sheet.notices, *chosen.notices, *placeholders.notices(empty.values()), *columns.notices],
        "date_patterns": columns.date_patterns,
        "decimal": columns.decimal,
    }
    sound = without(rows, twice["line"])
    refused = first_of_each_line([faults, twice])
    return Plan(of, hooks, options, sheet, sound, attributes, refused, found, columns.unread, counted)


def definitions_with_new(definitions: list[Definition], new: list[Definition]) -> list[Definition]:
    known = {definition.key for definition in definitions}
    return [*definitions, *(definition for definition in new if definition.key not in known)]
