"""What a file looks like before anything is decided: how it was read, its columns, some of their cells, and the
questions that they leave open."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from crm.foundation.access import Module
from crm.foundation.errors import Invalid
from crm.foundation.tables.dialect import Dialect
from crm.foundation.tables.read import Sheet
from crm.imports.fields import target
from crm.imports.mapping import column_mapping
from crm.imports.mapping.column_mapping import Mapping
from crm.imports.mapping.proposal import proposed_type
from crm.imports.model import ATTRIBUTE, SKIP, Options, type_of
from crm.imports.presets import Preset, recognised
from crm.imports.reading import amounts, dates, placeholders
from crm.imports.reading.upload import read_file
from crm.records import attributes
from crm.records.attributes import AttributeType, Definition
from crm.records.declaration import RecordType
from crm.records.fields import FieldKind
from crm.store import Reading

ROWS = 1_000
SAMPLES = 3
SHOWN = 6

NUMERIC = {FieldKind.MONEY, FieldKind.NUMBER, FieldKind.PERCENT}
NUMBERS = {AttributeType.NUMBER, AttributeType.CURRENCY, AttributeType.PERCENT}


@dataclass(frozen=True)
class Preview:
    dialect: Dialect
    header: list[str]
    samples: dict[str, list[str]]
    """By header: the first different filled cells."""
    rows: list[list[str]]
    """The first rows as they were read."""
    columns: dict[str, str]
    """By header: what it would be mapped to, "" where it is left out."""
    constants: dict[str, str]
    definitions: list[Definition]
    """The custom attributes that it may be mapped to."""
    proposals: dict[str, AttributeType]
    """By header of what is left out: the type of attribute that its cells would make."""
    notices: list[str]
    faults: int
    """Of the first rows: how many cannot be read."""
    has_placeholders: bool
    """Whether words for nothing were read as empty cells."""
    preset: Preset | None
    """The known export that it was recognised as, of this kind or another."""
    dates: dict[str, str] = field(default_factory=dict)
    """By mapped target: the pattern of its dates."""
    decimal: str | None = None
    questions: dict[str, str] = field(default_factory=dict)
    """By mapped target: what can be read in two ways, in the first rows."""
    unsure_dates: frozenset[str] = frozenset()
    """The targets of questions which a date pattern answers."""
    fault: str | None = None
    """Why the mapping cannot be used as it is."""


def first_rows(path: Path, options: Options) -> Sheet:
    """The first thousand rows; Invalid where the file cannot be read as the options say."""
    return read_file(path, options, limit=ROWS)


def preview(tx: Reading, sheet: Sheet, kind: str, options: Options) -> Preview:
    """Of the first rows, under what was chosen about them so far."""
    of = type_of(kind)
    definitions = attributes.definitions(tx, of.key)
    chosen, fault = _mapping(of, sheet, options, definitions, tx.actor.modules)
    empty = column_mapping.placeholders_of(sheet, chosen, options)
    found_dates, decimal, questions, unsure_dates = _values(of, sheet, chosen, options, definitions)
    left_out = [name for name, found in chosen.columns.items() if found == SKIP]
    return Preview(
        dialect=sheet.dialect,
        header=sheet.header,
        samples={name: _filled(sheet, index) for index, name in enumerate(sheet.header)},
        rows=[list(row) for row in sheet.rows.drop("line").head(SHOWN).iter_rows()],
        columns=chosen.columns,
        constants=chosen.constants,
        definitions=definitions,
        proposals={name: proposed_type(_cells(sheet, name)) for name in left_out},
        notices=[*sheet.notices, *chosen.notices, *placeholders.notices(empty.values())],
        faults=len(sheet.faults),
        has_placeholders=bool(empty),
        preset=recognised(sheet.header),
        dates=found_dates,
        decimal=decimal,
        questions=questions,
        unsure_dates=unsure_dates,
        fault=fault,
    )


def _mapping(
    of: RecordType[Any], sheet: Sheet, options: Options, definitions: list[Definition], modules: Collection[Module]
) -> tuple[Mapping, str | None]:
    """The mapping under the options; where they cannot be used, the mapping without them, and why."""
    try:
        return column_mapping.choose_or_skip(of, sheet.header, options, definitions, modules), None
    except Invalid as fault:
        # The page still has to show something that can be mended: what it would be without the choices at fault.
        plain = options.model_copy(update={"mapping": {}, "constants": {}})
        return column_mapping.choose_or_skip(of, sheet.header, plain, definitions, modules), str(fault)


def _values(
    of: RecordType[Any], sheet: Sheet, chosen: Mapping, options: Options, definitions: list[Definition]
) -> tuple[dict[str, str], str | None, dict[str, str], frozenset[str]]:
    """The date pattern of each column of dates, the decimal mark, and what these leave open; of the dates among
    them, which."""
    types = {ATTRIBUTE + one.key: one.type for one in definitions}
    types |= {
        ATTRIBUTE + attributes.key_of(name): AttributeType(type_name)
        for name, type_name in options.new_attributes.items()
    }
    patterns: dict[str, str] = {}
    marks: set[str] = set()
    questions: dict[str, str] = {}
    unsure_dates: set[str] = set()
    unsure = "." if sheet.dialect.is_workbook else None
    for name, key in chosen.columns.items():
        known = target(of, key)
        try:
            if types.get(key) is AttributeType.DATE or (known and known.kind is FieldKind.DATE):
                chosen_pattern = options.date_patterns.get(key) or options.date_patterns.get("*")
                patterns[key] = chosen_pattern or dates.pattern_of_column(_cells(sheet, name), name)
            elif types.get(key) in NUMBERS or (known and known.kind in NUMERIC):
                marks.add(options.decimal or amounts.mark_of(_cells(sheet, name), name, unsure))
        except Invalid as question:
            questions[key] = str(question)
            if isinstance(question, dates.DatesUnsure):
                unsure_dates.add(key)
    return patterns, marks.pop() if len(marks) == 1 else None, questions, frozenset(unsure_dates)


def _cells(sheet: Sheet, header: str) -> pl.Series:
    """The cells of a column without the words for nothing."""
    cells = sheet.rows[f"c{sheet.header.index(header)}"]
    words = placeholders.found_in(cells)
    return cells.filter(~cells.is_in([*words])) if words else cells


def _filled(sheet: Sheet, index: int) -> list[str]:
    cells = pl.col(f"c{index}")
    found = sheet.rows.filter(cells.str.strip_chars(" \t") != "").select(
        cells.str.slice(0, 60).unique(maintain_order=True)
    )
    return list(found.to_series().head(SAMPLES))
