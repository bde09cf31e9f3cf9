"""Cells that name several records: “;” between them as in our own files, or the character chosen for labels."""

import json

import polars as pl

from crm.foundation import identity
from crm.foundation.errors import Invalid
from crm.foundation.language import later, tr
from crm.imports.planning.columns import Columns
from crm.imports.reading import normal_forms
from crm.platform import spreadsheets

LONGEST = 300
"""Letters of a text that names another record."""


def clean(columns: Columns, key: str) -> None:
    """Add the column as lists of texts, each once."""
    delimiter = columns.options.label_delimiter or spreadsheets.BETWEEN
    columns.put(key, lambda cells: normal_forms.by_value(cells, lambda cell: _texts(cell, key, delimiter)))
    # A normal form of one cell is always a text: the list comes as JSON.
    columns.clean = columns.clean.with_columns(pl.col(key).str.json_decode(pl.List(pl.String)))


def _texts(cell: str, key: str, delimiter: str) -> str:
    texts = [identity.text(part, later("name"), limit=LONGEST) for part in spreadsheets.split(cell, delimiter)]
    if not texts:
        raise Invalid(tr("“{cell}” names no record.", cell=cell), key)
    return json.dumps(texts)
