"""Backups: made while the product runs, restored while it is stopped."""

import fcntl
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel

from crm.foundation import clock, sealing
from crm.foundation.access import Actor, Permission
from crm.foundation.errors import Invalid, StoreRefused
from crm.store import Reading, Store, modes, restoring, uploads

FOLDER = "backups"
FILES = ("crm.duckdb", "crm.duckdb.wal", "crm.head")


class Backup(BaseModel, frozen=True):
    """A folder with a complete store. `label` says on what occasion it was made; `size` is in bytes."""

    name: str
    label: str
    made_at: datetime
    size: int


def make(store: Store, actor: Actor) -> Path:
    """Copy the running store into its folder of backups; the new folder. Writes wait until it is done."""
    with store.reading(actor) as tx:
        tx.require(Permission.MANAGE_SETTINGS)
        tx.require_confirmed()
    folder = store.back_up()
    with store.writing(actor) as tx:
        tx.record("backup.made", "workspace", 1, folder=folder.name)
    return folder


def listed(tx: Reading, store: Store) -> list[Backup]:
    """The backups, newest first."""
    tx.require(Permission.MANAGE_SETTINGS)
    found = [_read(path) for path in (store.folder / FOLDER).glob("*") if (path / "crm.duckdb").is_file()]
    return sorted(found, key=lambda backup: backup.name, reverse=True)


def drop(store: Store, actor: Actor, names: Iterable[str]) -> list[str]:
    """Delete backups, such as those that still hold an erased person. Returns the names of those that existed."""
    with store.reading(actor) as tx:
        tx.require_confirmed()
        there = {backup.name for backup in listed(tx, store)}
    dropped = sorted(there & set(names))
    for name in dropped:
        shutil.rmtree(store.folder / FOLDER / name)
    if dropped:
        with store.writing(actor) as tx:
            tx.record("backup.dropped", "workspace", 1, folders=dropped)
    return dropped


def restore(backup: Path, folder: Path) -> Path | None:
    """Restore a backup; the folder that keeps the replaced store, None where there was none.

    Raises Invalid where `backup` is no backup, StoreRefused where the store is open or the backup cannot be opened; the
    store is then unchanged. If interrupted, the next start finishes the restore.
    """
    if not (backup / "crm.duckdb").is_file():
        raise Invalid(f"{backup} is not a backup: it holds no crm.duckdb.")
    modes.make_folder(folder)
    _refuse_held(folder / "crm.duckdb")
    restoring.finish(folder)
    staged = restoring.staged_in(folder)
    try:
        _stage(backup, staged)
        kept = _place_to_keep(folder)
        uploads.share(backup, folder)
        restoring.begin(folder, kept)
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        raise
    restoring.finish(folder)
    return kept


def _read(path: Path) -> Backup:
    stamp, _, label = path.name.partition("-")
    size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return Backup(name=path.name, label=label, made_at=_moment(stamp, path), size=size)


def _moment(stamp: str, path: Path) -> datetime:
    try:
        return datetime.strptime(stamp, "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)
    except ValueError:  # a folder that somebody brought here
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _refuse_held(path: Path) -> None:
    """Raise StoreRefused if another process has the store open: DuckDB holds a POSIX lock on its file while it is
    open."""
    if not path.exists():
        return
    with path.open("r+b") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreRefused(f"Another process has the store {path} open. Stop it first.") from error


def _stage(backup: Path, staged: Path) -> None:
    """Copy the backup and open the copy once, which proves that it is sound, migrates it and folds its log in. Opening
    an older one encrypts its secrets, so it gets the key of the store that it will be."""
    modes.make_folder(staged)
    for name in FILES:
        if (backup / name).exists():
            modes.copy(backup / name, staged / name)
    key, staged_key = staged.parent / sealing.KEY_FILE, staged / sealing.KEY_FILE
    if key.exists():
        modes.copy(key, staged_key)
    Store(staged).close()
    if staged_key.exists() and not key.exists():
        staged_key.replace(key)


def _place_to_keep(folder: Path) -> Path | None:
    """Make the folder that will keep the current store, with its uploads; None where there is no store."""
    if not any((folder / name).exists() for name in FILES):
        return None
    kept = folder / FOLDER / f"{clock.now():%Y%m%dT%H%M%S%f}-before-restore"
    modes.make_folder(kept)
    uploads.share(folder, kept)
    return kept
