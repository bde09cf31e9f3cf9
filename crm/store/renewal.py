"""Rewrites the whole store, so that deleted rows leave the disk and not only the tables.

A deleted row stays in DuckDB's file: in row groups that are rewritten only as a whole, in freed blocks, in the nodes of
a key's index and in the write-ahead log. A file made from the live rows alone never held it.
"""

import os
import shutil
from pathlib import Path

import duckdb

from crm.foundation.durable import sync_folder
from crm.store import modes

FOLDER = "renewed"


def folder_of(store_folder: Path) -> Path:
    return (store_folder / FOLDER).absolute()


def write(connection: duckdb.DuckDBPyConnection, store_folder: Path) -> Path:
    """Copy schema, rows and sequences into a new, complete and closed file; its path. Nobody may write meanwhile."""
    target = folder_of(store_folder)
    shutil.rmtree(target, ignore_errors=True)
    modes.make_folder(target)
    cursor = connection.cursor()
    try:
        cursor.execute(f"ATTACH '{_quoted(target / 'crm.duckdb')}' AS renewed").fetchall()
        try:
            cursor.execute("COPY FROM DATABASE crm TO renewed").fetchall()
            cursor.execute("CHECKPOINT renewed").fetchall()  # its own log is not moved along
        finally:
            cursor.execute("DETACH renewed").fetchall()
    finally:
        cursor.close()
    return target / "crm.duckdb"


def put_in_place(fresh: Path, path: Path) -> None:
    """Swap the files, which nobody has open. The old write-ahead log was checkpointed into the old file."""
    with fresh.open("rb") as file:
        os.fsync(file.fileno())
    # The engine attached it with the umask's mode, not ours.
    fresh.chmod(modes.FILE)
    # Before the rename: an old log beside the new database would be replayed into it.
    path.with_name(path.name + ".wal").unlink(missing_ok=True)
    fresh.replace(path)
    sync_folder(path.parent)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
