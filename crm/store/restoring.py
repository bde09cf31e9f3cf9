"""Putting a backup in the store's place: one step for whoever opens the store, however often it is interrupted.

The backup is first copied to a folder of its own and opened there. A mark then says that the exchange has begun; from
there on it can only be finished, by the one who began it or by the next start.
"""

import json
import os
import shutil
from pathlib import Path

from crm.foundation.durable import sync_folder
from crm.store import modes

STAGED = "restoring"
MARK = "crm.restoring"
MOVED = ("crm.duckdb.wal", "crm.duckdb", "crm.head")
"""In the order of their exchange: a log is never beside a database that is not its own."""


def staged_in(folder: Path) -> Path:
    return folder / STAGED


def begin(folder: Path, kept: Path | None) -> None:
    """From here on the staged store is the store. `kept` takes in what is there now."""
    mark = folder / MARK
    unfinished = mark.with_suffix(".writing")
    modes.write(unfinished, json.dumps({"kept": str(kept) if kept else None}).encode())
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.replace(mark)
    sync_folder(folder)


def finish(folder: Path) -> None:
    """Do what is left of an exchange that has begun; a copy that was never begun with goes."""
    mark, staged = folder / MARK, staged_in(folder)
    if mark.exists():
        kept = json.loads(mark.read_text())["kept"]
        if (staged / "crm.duckdb").exists():  # else the log that is here belongs to the new database
            _set_aside(folder / "crm.duckdb.wal", kept)
        for name in MOVED:
            if (staged / name).exists():
                _set_aside(folder / name, kept)
                (staged / name).replace(folder / name)
        sync_folder(folder)
        mark.unlink()
    shutil.rmtree(staged, ignore_errors=True)


def _set_aside(path: Path, kept: str | None) -> None:
    if not path.exists():
        return
    if kept is None:
        path.unlink()
    else:
        path.replace(Path(kept) / path.name)
