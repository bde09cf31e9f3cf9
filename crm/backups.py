"""Backups: made while the product runs, put in the place of a store that does not."""

import fcntl
import shutil
from pathlib import Path

from crm import clock
from crm.access import Actor, Permission
from crm.errors import Invalid, StoreRefused
from crm.store import Store

FILES = ("crm.duckdb", "crm.duckdb.wal", "crm.head")


def make(store: Store, actor: Actor) -> Path:
    """Copy the running store into its folder of backups; the new folder. Changes wait for as long as that takes."""
    with store.reading(actor) as tx:
        tx.require(Permission.MANAGE_SETTINGS)
    folder = store.back_up()
    with store.writing(actor) as tx:
        tx.record("backup.made", "workspace", 1, folder=folder.name)
    return folder


def restore(backup: Path, folder: Path) -> Path | None:
    """Put the backup in the store's place; the folder where what was there is kept, None where nothing was.

    Invalid where `backup` is no backup, StoreRefused where the store is open or the backup cannot be opened: then
    everything is as it was.
    """
    if not (backup / "crm.duckdb").is_file():
        raise Invalid(f"{backup} is not a backup: it holds no crm.duckdb.")
    folder.mkdir(parents=True, exist_ok=True)
    _refuse_held(folder / "crm.duckdb")
    kept = _set_aside(folder)
    try:
        _copy(backup, folder)
        Store(folder).close()
    except BaseException:
        _clear(folder)
        if kept:
            _copy(kept, folder)
        raise
    return kept


def _refuse_held(path: Path) -> None:
    """DuckDB holds a POSIX lock on its file for as long as it is open."""
    if not path.exists():
        return
    with path.open("r+b") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreRefused(f"Another process has the store {path} open. Stop it first.") from error


def _set_aside(folder: Path) -> Path | None:
    there = [folder / name for name in FILES if (folder / name).exists()]
    if not there:
        return None
    kept = folder / "backups" / f"{clock.now():%Y%m%dT%H%M%S%f}-before-restore"
    kept.mkdir(parents=True)
    for path in there:
        shutil.move(path, kept / path.name)
    return kept


def _copy(source: Path, target: Path) -> None:
    for name in FILES:
        if (source / name).exists():
            shutil.copy2(source / name, target / name)


def _clear(folder: Path) -> None:
    for name in FILES:
        (folder / name).unlink(missing_ok=True)
