"""The rows that were not imported: stored with their reasons, and written to a file for people."""

import csv
import io
from collections.abc import Iterable

import polars as pl

from crm.foundation.tables.read import Sheet
from crm.platform.spreadsheets import defused
from crm.store import Writing

COLUMNS = {
    "line": pl.Int64(),
    "field": pl.String(),
    "reason": pl.String(),
    "cells": pl.String(),
}


def keep(tx: Writing, import_id: int, sheet: Sheet, faults: pl.DataFrame, conflicts: pl.Series) -> None:
    """Store the rejected rows of an import, in place of those of an earlier run."""
    tx.run("DELETE FROM base.import_rejects WHERE import_id = $id", id=import_id)
    read = faults.join(sheet.cells(faults["line"]), on="line", how="left").with_columns(cells=_json("cells"))
    unread = pl.DataFrame(
        [(fault.line, fault.field, fault.reason, fault.cells) for fault in sheet.faults],
        schema={**COLUMNS, "cells": pl.List(pl.String)},
        orient="row",
    ).with_columns(cells=_json("cells"))
    tx.insert_frame(
        pl.concat([read.select(COLUMNS.keys()), unread])
        .sort("line")
        .with_columns(conflict=pl.col("line").is_in(conflicts.implode())),
        """
        INSERT INTO base.import_rejects (import_id, line, field, reason, cells, conflict)
        SELECT $import_id, line, field, reason, cells, conflict FROM frame
        """,
        import_id=import_id,
    )


def _json(column: str) -> pl.Expr:
    # Polars encodes structs as JSON, but no lists: the list is wrapped, and unwrapped as text.
    wrapped = pl.struct(c=pl.col(column)).struct.json_encode()
    return wrapped.str.strip_prefix('{"c":').str.strip_suffix("}")


def table_of(header: list[str], rows: Iterable[list[str]]) -> bytes:
    """A CSV file of text cells for spreadsheets."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([defused(cell) for cell in header])
    writer.writerows([defused(cell) for cell in row] for row in rows)
    # Excel takes a file without the mark for its own legacy encoding.
    return out.getvalue().encode("utf-8-sig")
