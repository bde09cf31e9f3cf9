"""Reads a table in a sandbox: the child writes it as Parquet, the parent loads that."""

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import polars as pl

from crm.foundation import sandbox
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.foundation.sandbox import Limits, Sandbox
from crm.foundation.tables.dialect import Dialect
from crm.foundation.tables.model import Fault, Format, PlainFormat, TableLimits
from crm.foundation.tables.read import Sheet, read

ROWS, FAULTS = "rows.parquet", "faults.parquet"
"""Parquet stores a text that a thousand cells share once, and so does the frame that is read from it."""

READING = Sandbox("crm.foundation.tables.sandboxed", at_once=2)


def read_in_sandbox(
    path: Path,
    options: Format,
    limit: int | None,
    table_limits: TableLimits,
    limits: Limits,
    folder: Path,
    check_wanted: Callable[[], None],
) -> Sheet:
    """As `read`, in a child process. `folder` may be deleted after this returns. Raises Invalid also where the child
    passed a limit."""
    plain = PlainFormat(options.encoding, options.delimiter, options.quote, options.sheet, options.header_line)
    request = {"path": str(path), "options": asdict(plain), "limit": limit, "limits": asdict(table_limits)}
    try:
        answer = READING.run(request, folder, limits, check_wanted)
    except sandbox.Stopped as stopped:
        raise Invalid(tr("Reading this file {what}. Save it as CSV, or split it.", what=stopped), "file") from stopped
    return _loaded_sheet(answer, folder)


def work(request: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Read the table; runs in the child."""
    options, limits = PlainFormat(**request["options"]), TableLimits(**request["limits"])
    sheet = read(Path(request["path"]), options, request["limit"], limits=limits, scratch=folder)
    sheet.rows.write_parquet(folder / ROWS, compression="lz4", statistics=False)
    schema = {"line": pl.Int64(), "reason": pl.String(), "cells": pl.List(pl.String())}
    cells = [(fault.line, fault.reason, fault.cells) for fault in sheet.faults]
    pl.DataFrame(cells, schema=schema, orient="row").write_parquet(folder / FAULTS, compression="lz4", statistics=False)
    return {"header": sheet.header, "dialect": asdict(sheet.dialect), "notices": sheet.notices}


def _loaded_sheet(answer: dict[str, Any], folder: Path) -> Sheet:
    dialect = Dialect(**answer["dialect"])
    return Sheet(
        header=answer["header"],
        rows=pl.read_parquet(folder / ROWS),
        faults=[Fault(**row) for row in pl.read_parquet(folder / FAULTS).iter_rows(named=True)],
        dialect=replace(dialect, sheets=tuple(dialect.sheets)),
        notices=answer["notices"],
    )
