"""Restores a backup so that an interruption at any point leaves either the old store or the new one.

The backup is first copied to a folder of its own and opened there. A mark file then says that the swap has begun; from
there on it can only be finished, by the same process or by the next start.
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
"""In the order of their swap: a log never lies beside a database that is not its own."""


def staged_in(folder: Path) -> Path:
    return folder / STAGED


def begin(folder: Path, replaced: Path | None) -> None:
    """Begin the swap: from here on the staged store is the store. `replaced` is the folder for the current
    files."""
    mark = folder / MARK
    unfinished = mark.with_suffix(".writing")
    modes.write(unfinished, json.dumps({"kept": str(replaced) if replaced else None}).encode())
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.replace(mark)  # so that the mark is there whole or not at all
    sync_folder(folder)


def finish(folder: Path) -> None:
    """Finish a swap that has begun. A staged copy without a mark is deleted."""
    mark, staged = folder / MARK, staged_in(folder)
    if mark.exists():
        replaced = json.loads(mark.read_text())["kept"]
        if (staged / "crm.duckdb").exists():  # else the log here is the new database's
            _set_aside(folder / "crm.duckdb.wal", replaced)
        for name in MOVED:
            if (staged / name).exists():
                _set_aside(folder / name, replaced)
                (staged / name).replace(folder / name)
        sync_folder(folder)
        mark.unlink()
    shutil.rmtree(staged, ignore_errors=True)


def _set_aside(path: Path, replaced: str | None) -> None:
    if not path.exists():
        return
    if replaced is None:
        path.unlink()
    else:
        path.replace(Path(replaced) / path.name)
