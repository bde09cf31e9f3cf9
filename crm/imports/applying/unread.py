"""The cells of an import that were left empty, or read in part: listed, and written to a file for people."""

import polars as pl

from crm.imports.applying.outcome_files import UNREAD, folder_of
from crm.imports.model import Unread, UnreadPage
from crm.imports.reading.rejects import table_of
from crm.imports.verbs import get
from crm.store import Reading


def unread(tx: Reading, import_id: int, *, limit: int = 50, offset: int = 0) -> UnreadPage:
    """A page of them in the file's order; `total` counts all."""
    rows = _rows(tx, import_id)
    page = rows.slice(offset, limit).collect().to_dicts()
    return UnreadPage(items=[Unread(**row) for row in page], total=rows.select(pl.len()).collect().item())


def unread_csv(tx: Reading, import_id: int) -> bytes:
    """Their rows as they stand in the file, each with line, field and reason before it: repaired, they can be imported
    again."""
    found = get(tx, import_id)
    rows = _rows(tx, import_id).collect().iter_rows(named=True)
    lines = ([str(row["line"]), row["field"], row["reason"], *row["cells"]] for row in rows)
    return table_of(["unread_line", "unread_field", "unread_reason", *found.header], lines)


def _rows(tx: Reading, import_id: int) -> pl.LazyFrame:
    path = folder_of(tx.folder, get(tx, import_id).id) / UNREAD
    if path.exists():
        return pl.scan_parquet(path)
    kinds = {"line": pl.Int64(), "field": pl.String(), "reason": pl.String(), "cells": pl.List(pl.String)}
    return pl.LazyFrame(schema=kinds)
