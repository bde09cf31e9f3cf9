"""Notes from a file: a cell becomes a note of its record, by whoever imports, unless the record has it already."""

from typing import Any

import polars as pl

from crm.imports.fields import NOTE_KEY
from crm.records.declaration import RecordType, Trait
from crm.store import Writing

COLUMN = NOTE_KEY


def taken(of: RecordType[Any]) -> bool:
    """Whether a column of notes is one of the record's notes, and not of a field of its own."""
    return of.has(Trait.NOTES) and COLUMN not in of.fields


def new_value(key: str) -> str:
    """SQL of the note that a stored record gets; NULL where it has one of the same text."""
    return f"""CASE WHEN row.{COLUMN} NOT IN (
        SELECT own.text FROM base.notes AS own WHERE own.subject_kind = '{key}' AND own.subject_id = was.id
    ) THEN row.{COLUMN} END"""


def write_new(tx: Writing, key: str, rows: pl.DataFrame) -> int:
    """Add the notes of records; `rows` has id and note. How many."""
    if COLUMN not in rows.columns or rows[COLUMN].null_count() == rows.height:
        return 0
    return tx.insert_frame(
        rows.select("id", COLUMN).drop_nulls(),
        f"""
        INSERT INTO base.notes (subject_kind, subject_id, text, author_id, created_at, updated_at)
        SELECT $key, id, {COLUMN}, $me, $now, $now FROM frame
        """,
        key=key,
        me=tx.actor.id,
        now=tx.now,
    )


def write_changed(tx: Writing, key: str) -> int:
    """Add the notes of the records in `changed`; how many."""
    return write_new(tx, key, tx.frame(f"SELECT id, new_{COLUMN} AS {COLUMN} FROM changed ORDER BY id"))
