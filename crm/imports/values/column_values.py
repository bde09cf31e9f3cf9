"""The different texts of each column that feeds a field of few values, with what each is read as."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from crm.foundation.tables.read import Sheet
from crm.imports.model import ATTRIBUTE, Options, type_of
from crm.imports.planning.cleaning import word
from crm.imports.planning.mapped_values import count
from crm.imports.values.proposals import proposed
from crm.imports.values.value_fields import ValueField, value_fields
from crm.records import attributes
from crm.records.declaration import RecordType
from crm.store import Reading

MOST = 50
"""Different texts of one column that are listed; a column with more is hardly one of choices."""


@dataclass(frozen=True)
class FoundValue:
    text: str
    rows: int
    meaning: str | None
    """The name of the value that it is read as, unless it is mapped; None where it is none."""
    proposed: str | None
    """Where it is none: what it comes near to, as a file would say it."""


@dataclass(frozen=True)
class ColumnValues:
    field: ValueField
    found: list[FoundValue]
    """Those that are no value first, then the most frequent."""
    more: int
    """How many different texts are not listed."""


def column_values(tx: Reading, sheet: Sheet, kind: str, columns: Mapping[str, str]) -> dict[str, ColumnValues]:
    """By header, of the rows that were read. `columns`: header → target."""
    of = type_of(kind)
    fields = value_fields(tx, of, attributes.definitions(tx, of.key))
    cells = {name: sheet.rows[f"c{place}"] for place, name in enumerate(sheet.header)}
    return {
        name: _read(fields[key], count(cells[name])) for name, key in columns.items() if key in fields and name in cells
    }


def unknown_values(
    tx: Reading, of: RecordType[Any], counted: Mapping[str, pl.DataFrame], options: Options
) -> dict[str, list[dict[str, Any]]]:
    """By target: text, rows and proposed of the values that are neither known nor mapped nor to be added."""
    fields = value_fields(tx, of, attributes.definitions(tx, of.key))
    found = {}
    for key, texts in counted.items():
        if key not in fields or _all_are_added(fields[key], options):
            continue
        mapped = {word(text): meaning for text, meaning in options.values.get(key, {}).items()}
        added = {word(text) for text in options.new_values.get(key, [])}
        open_ones = [
            one for one in _read(fields[key], texts).found if not _is_answered(fields[key], one, mapped, added)
        ]
        if open_ones:
            found[key] = [{"text": one.text, "rows": one.rows, "proposed": one.proposed} for one in open_ones]
    return found


def _all_are_added(of: ValueField, options: Options) -> bool:
    return options.new_list_values if of.key.startswith(ATTRIBUTE) else options.make_owners and of.is_person


def _is_answered(of: ValueField, one: FoundValue, mapped: dict[str, str | None], added: set[str]) -> bool:
    meaning = mapped.get(word(one.text), one.text)
    if meaning is None or meaning == "":  # rejected, or left empty
        return True
    return of.read(meaning) is not None or word(meaning) in added


def _read(of: ValueField, texts: pl.DataFrame) -> ColumnValues:
    known = [(text, rows, of.read(text)) for text, rows in texts.iter_rows()]
    ordered = sorted(known, key=lambda one: one[2] is not None)
    found = [
        FoundValue(text, rows, meaning, None if meaning else proposed(of, text))
        for text, rows, meaning in ordered[:MOST]
    ]
    return ColumnValues(of, found, len(known) - len(found))
