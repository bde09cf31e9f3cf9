"""What a file says, before the store is asked: clean rows, and for each other row the reason why it is none."""

from dataclasses import dataclass
from types import ModuleType

import polars as pl

from crm.foundation.tables.read import Sheet
from crm.imports.mapping import column_mapping
from crm.imports.model import Kind, Options
from crm.imports.planning import attribute_columns, companies, contacts, deals, orders
from crm.imports.planning.columns import Columns, Ground, first_of_each_line
from crm.imports.planning.doubles import doubles
from crm.imports.planning.table import Table
from crm.records.attributes import Definition

KINDS: dict[Kind, ModuleType] = {
    Kind.CONTACTS: contacts,
    Kind.COMPANIES: companies,
    Kind.DEALS: deals,
    Kind.ORDERS: orders,
}


@dataclass(frozen=True)
class Plan:
    kind: Kind
    options: Options
    sheet: Sheet
    rows: pl.DataFrame
    """The sound rows: `line`, the columns of the kind, `a_<key>` of attributes."""
    attributes: list[str]
    faults: pl.DataFrame
    """line, field, reason of the rows that were read and are not sound; those that could not be read are in sheet."""
    found: dict[str, object]

    @property
    def table(self) -> Table:
        table: Table = KINDS[self.kind].TABLE
        return table


def plan(kind: Kind, sheet: Sheet, options: Options, ground: Ground) -> Plan:
    """Pure: no store is asked. Invalid where the file as a whole leaves a question open."""
    chosen = column_mapping.choose(kind, sheet.header, options, ground.definitions, ground.modules)
    unsure = "." if sheet.dialect.is_workbook else None
    columns = Columns(column_mapping.texts(sheet, chosen), chosen, options, ground, unsure)
    attributes = attribute_columns.clean(columns)
    KINDS[kind].clean(columns)
    rows, faults = columns.split()
    twice = doubles(rows, KINDS[kind].KEYS)
    found: dict[str, object] = {
        "encoding": sheet.dialect.encoding,
        "delimiter": sheet.dialect.delimiter,
        "quote": sheet.dialect.quote,
        "sheet": sheet.dialect.sheet,
        "preset": chosen.preset.name if chosen.preset else None,
        "mapping": chosen.columns,
        "notices": [*sheet.notices, *chosen.notices],
        "date_patterns": columns.date_patterns,
        "decimal": columns.decimal,
    }
    sound = rows.join(twice, on="line", how="anti", maintain_order="left")
    return Plan(kind, options, sheet, sound, attributes, first_of_each_line([faults, twice]), found)


def definitions_with_new(definitions: list[Definition], new: list[Definition]) -> list[Definition]:
    known = {definition.key for definition in definitions}
    return [*definitions, *(definition for definition in new if definition.key not in known)]
