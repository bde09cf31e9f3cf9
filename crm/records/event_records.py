"""The records that an event of something else changed, such as the deletion of a label: the change feed and the history
of each record say so.

A set-based change stays one write and one event in the log; beside it stands one row for each record.
"""

import json
from collections.abc import Collection
from typing import Any

import polars as pl

from crm.store import Writing


def keep(tx: Writing, rows: str, **params: object) -> None:
    """Keep what the event recorded last did to records. `rows` is SQL of at most one row a record: its kind, its id,
    the event that it was to the record (`deal.changed`), and JSON of {field: [before, after]}."""
    tx.run(f"INSERT INTO base.event_records SELECT $seq, * FROM ({rows})", seq=tx.head.seq, **params)


Changed = dict[tuple[str, int], dict[str, list[Any]]]
"""{(kind, id): {field: [before, after]}}."""


def keep_each(tx: Writing, changed: Changed, erased: Collection[tuple[str, int]] = ()) -> None:
    """As `keep`, of records that were gathered one by one: those whose fields changed, and those that are gone for
    good, whatever became of them before."""
    gone = set(erased)
    rows = [
        *((*record, "changed", changes) for record, changes in changed.items() if record not in gone),
        *((*record, "erased", {}) for record in gone),
    ]
    texts = [
        (kind, record_id, f"{kind}.{event}", json.dumps(changes, ensure_ascii=False, default=str))
        for kind, record_id, event, changes in sorted(rows, key=lambda row: row[:2])
    ]
    tx.bulk("kept_records", pl.DataFrame(texts, schema=_COLUMNS, orient="row"))
    keep(tx, "FROM kept_records")
    tx.drop("kept_records")


_COLUMNS = {"kind": pl.String, "id": pl.Int64, "name": pl.String, "changes": pl.String}
