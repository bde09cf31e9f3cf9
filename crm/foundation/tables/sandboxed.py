"""Reading a table in a sandbox: what the child does, how it hands the table over, and how that is taken up."""

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import polars as pl

from crm.foundation import sandbox
from crm.foundation.errors import Invalid
from crm.foundation.sandbox import Limits, Sandbox
from crm.foundation.tables.dialect import Dialect
from crm.foundation.tables.model import Fault, Format, PlainFormat, TableLimits
from crm.foundation.tables.read import Sheet, read

ROWS, FAULTS = "rows.parquet", "faults.parquet"
"""Parquet keeps a text that a thousand cells hold once, and so does the frame that is read of it."""

READING = Sandbox("crm.foundation.tables.sandboxed", at_once=2)


def read_in_sandbox(
    path: Path,
    options: Format,
    limit: int | None,
    table_limits: TableLimits,
    limits: Limits,
    folder: Path,
    heed: Callable[[], None],
) -> Sheet:
    """As `read`, in a process of its own; `folder` may go once this returns. Invalid, too, where the process passed a
    limit."""
    said = PlainFormat(options.encoding, options.delimiter, options.quote, options.sheet, options.header_line)
    asked = {"path": str(path), "options": asdict(said), "limit": limit, "limits": asdict(table_limits)}
    try:
        answer = READING.run(asked, folder, limits, heed)
    except sandbox.Stopped as stopped:
        raise Invalid(f"Reading this file {stopped}. Save it as CSV, or split it.", "file") from stopped
    return _taken_up(answer, folder)


def work(asked: dict[str, Any], folder: Path) -> dict[str, Any]:
    """In the child."""
    options, limits = PlainFormat(**asked["options"]), TableLimits(**asked["limits"])
    sheet = read(Path(asked["path"]), options, asked["limit"], limits=limits, scratch=folder)
    sheet.rows.write_parquet(folder / ROWS, compression="lz4", statistics=False)
    schema = {"line": pl.Int64(), "reason": pl.String(), "cells": pl.List(pl.String())}
    faults = pl.DataFrame([(one.line, one.reason, one.cells) for one in sheet.faults], schema=schema, orient="row")
    faults.write_parquet(folder / FAULTS, compression="lz4", statistics=False)
    return {"header": sheet.header, "dialect": asdict(sheet.dialect), "notices": sheet.notices}


def _taken_up(answer: dict[str, Any], folder: Path) -> Sheet:
    dialect = Dialect(**answer["dialect"])
    return Sheet(
        header=answer["header"],
        rows=pl.read_parquet(folder / ROWS),
        faults=[Fault(**row) for row in pl.read_parquet(folder / FAULTS).iter_rows(named=True)],
        dialect=replace(dialect, sheets=tuple(dialect.sheets)),
        notices=answer["notices"],
    )
