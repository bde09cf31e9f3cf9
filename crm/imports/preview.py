"""What a file looks like before anything is decided: how it was read, its columns, and some of their cells."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from crm import attributes
from crm.attributes import Definition
from crm.imports import mapping
from crm.imports.dialect import Dialect
from crm.imports.model import Kind, Options
from crm.imports.read import Sheet, read
from crm.store import Reading

ROWS = 1_000
SAMPLES = 3


@dataclass(frozen=True)
class Preview:
    dialect: Dialect
    header: list[str]
    samples: dict[str, list[str]]
    """By header: the first different filled cells."""
    columns: dict[str, str]
    """By header: what it would be mapped to, "" where it is left out."""
    definitions: list[Definition]
    """The custom attributes that it may be mapped to."""
    notices: list[str]
    faults: int
    """Of the first rows: how many cannot be read."""


def preview(tx: Reading, path: Path, kind: Kind, options: Options) -> Preview:
    """Of the first thousand rows; Invalid where the file cannot be read as the options say."""
    sheet = read(path, options, limit=ROWS)
    definitions = attributes.definitions(tx, kind.noun)
    chosen = mapping.choose_or_skip(kind, sheet.header, options, definitions)
    return Preview(
        dialect=sheet.dialect,
        header=sheet.header,
        samples={name: _filled(sheet, index) for index, name in enumerate(sheet.header)},
        columns=chosen.columns,
        definitions=definitions,
        notices=[*sheet.notices, *chosen.notices],
        faults=len(sheet.faults),
    )


def _filled(sheet: Sheet, index: int) -> list[str]:
    cells = pl.col(f"c{index}")
    found = sheet.rows.filter(cells.str.strip_chars(" \t") != "").select(
        cells.str.slice(0, 60).unique(maintain_order=True)
    )
    return list(found.to_series().head(SAMPLES))
