"""File modes: only the account that runs the product may read the store's files."""

import logging
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

FILE = 0o600
FOLDER = 0o700

FILES = ("crm.*", "secret.key")
FOLDERS = ("backups", "outcomes", "outgoing", "plans", "renewed", "restoring", "thumbnails", "uploads")
"""What the product creates in a store's folder. Whatever else lies there keeps its modes."""

log = logging.getLogger(__name__)


def keep_private() -> None:
    """Set the umask: files made from here on, the database engine's included, are readable by this account only."""
    os.umask(0o077)


def make_folder(path: Path) -> Path:
    """Create the folder, and the missing ones above it, each for its owner only."""
    for folder in (*reversed(path.parents), path):
        if not folder.exists():
            # One by one: mkdir(parents=True) gives the folders above the umask's mode.
            folder.mkdir(mode=FOLDER, exist_ok=True)
    return path


def create(path: Path, mode: str = "xb") -> BinaryIO:
    """Open a file for writing that only its owner may read."""

    def opened(name: str, flags: int) -> int:
        return os.open(name, flags, FILE)

    return open(path, mode, opener=opened)  # type: ignore[return-value]


def write(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, even over one that others could read."""
    with create(path, "wb") as file:
        file.write(content)
    _make_private(path)  # the mode at creation says nothing to a file that was there


def copy(source: Path, target: Path) -> None:
    """A copy with the times of its source, whatever the source's mode."""
    shutil.copy2(source, target)
    target.chmod(FILE)


def tighten(folder: Path) -> list[Path]:
    """Make private what an older version, or whoever copied the store, left readable. Returns the paths where that
    failed, which are also logged.

    Folders that are private already are not walked again: nobody else reaches what is in them, and thirty backups may
    hold a hundred thousand links.
    """
    failed = [path for path in _exposed(folder) if not _make_private(path)]
    if failed:
        more = f" and {len(failed) - 1:,} more" if len(failed) > 1 else ""
        log.warning(
            "Others on this machine may read %s%s, and this account could not change that. Give the store to it "
            "(chown -R), and have its folder readable by it alone (chmod 700).",
            failed[0],
            more,
        )
    return failed


def _exposed(folder: Path) -> Iterator[Path]:
    """The folder, and each of the store's files in it, where others may read or write them."""
    folder_exposed = _is_exposed(folder)
    if folder_exposed:
        yield folder
    for pattern in FILES:
        yield from (path for path in folder.glob(pattern) if not path.is_symlink() and _is_exposed(path))
    for name in FOLDERS:
        inner = folder / name
        if inner.is_dir() and not inner.is_symlink() and (folder_exposed or _is_exposed(inner)):
            yield from _all_exposed(inner)


def _all_exposed(folder: Path) -> Iterator[Path]:
    for folder_name, folders, files in os.walk(folder):
        current = Path(folder_name)
        for path in (current, *(current / name for name in files)):
            if not path.is_symlink() and _is_exposed(path):
                yield path
        # os.walk follows what is left in this list: a link could lead out of the store.
        folders[:] = [name for name in folders if not (current / name).is_symlink()]


def _is_exposed(path: Path) -> bool:
    return bool(path.stat().st_mode & 0o077)


def _make_private(path: Path) -> bool:
    """Make it private; whether that worked. Some file systems have no modes and accept chmod without effect."""
    try:
        path.chmod(FOLDER if stat.S_ISDIR(path.stat().st_mode) else FILE)
    except OSError:
        return False
    return not _is_exposed(path)
