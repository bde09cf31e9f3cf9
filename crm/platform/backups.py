"""Backups: made while the product runs, restored while it is stopped."""

import fcntl
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel

from crm.foundation import clock, sealing
from crm.foundation.access import Actor, Permission
from crm.foundation.errors import Invalid, StoreHeld
from crm.foundation.language import tr
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
    # Not inside `writing`: it takes the writer lock itself, and would wait for it forever.
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
        existing = {backup.name for backup in listed(tx, store)}
    dropped = sorted(existing & set(names))
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
        raise Invalid(tr("{backup} is not a backup: it holds no crm.duckdb.", backup=backup))
    modes.make_folder(folder)
    _refuse_open(folder / "crm.duckdb")
    restoring.finish(folder)
    staged = restoring.staged_in(folder)
    try:
        _stage(backup, staged)
        replaced = _make_folder_for_replaced(folder)
        uploads.share(backup, folder)
        restoring.begin(folder, replaced)
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        raise
    restoring.finish(folder)
    return replaced


def _read(path: Path) -> Backup:
    stamp, _, label = path.name.partition("-")
    size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return Backup(name=path.name, label=label, made_at=_made_at(stamp, path), size=size)


def _made_at(stamp: str, path: Path) -> datetime:
    try:
        return datetime.strptime(stamp, "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)
    except ValueError:  # a folder that somebody brought here
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _refuse_open(path: Path) -> None:
    """Raise StoreRefused if another process has the store open: DuckDB holds a POSIX lock on its file while it is
    open."""
    if not path.exists():
        return
    with path.open("r+b") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreHeld(tr("Another process has the store {path} open. Stop it first.", path=path)) from error


def _stage(backup: Path, staged: Path) -> None:
    """Copy the backup to the staging folder and open the copy once. Raises StoreRefused where it is not sound."""
    modes.make_folder(staged)
    for name in FILES:
        if (backup / name).exists():
            modes.copy(backup / name, staged / name)
    # Opening an older store seals its plain secrets, which needs the key of the store that it will be.
    key, staged_key = staged.parent / sealing.KEY_FILE, staged / sealing.KEY_FILE
    if key.exists():
        modes.copy(key, staged_key)
    # Opened once: that proves it sound, migrates it and folds its log in, before the store is touched.
    Store(staged).close()
    if staged_key.exists() and not key.exists():
        staged_key.replace(key)


def _make_folder_for_replaced(folder: Path) -> Path | None:
    """Make the folder that will keep the current store, with its uploads; None where there is no store."""
    if not any((folder / name).exists() for name in FILES):
        return None
    replaced = folder / FOLDER / f"{clock.now():%Y%m%dT%H%M%S%f}-before-restore"
    modes.make_folder(replaced)
    uploads.share(folder, replaced)
    return replaced
