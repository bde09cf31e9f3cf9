"""Uploaded files: streamed to disk under their content's hash, with a row in the store for each upload."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from pydantic import BaseModel

from crm.foundation import identity, programs, settings
from crm.foundation.errors import Invalid, NotFound
from crm.foundation.language import later, tr
from crm.store import Reading, Store, Writing, modes
from crm.store.uploads import ARRIVING

HEAD = 512

OUTGOING = "outgoing"
"""The store's folder for files that are generated for download. They may hold personal data, and the machine's
temporary folder would keep what a killed process leaves."""


class Upload(BaseModel, frozen=True):
    id: int
    sha256: str
    file_name: str
    size: int
    created_by: int
    created_at: datetime


class Incoming:
    """An upload in progress: written to a temporary file and hashed on the way; Invalid beyond its limit in bytes."""

    def __init__(self, path: Path, limit: int) -> None:
        self.size = 0
        self._path = path
        self._limit = limit
        self._hash = hashlib.sha256()
        self._file = path.open("wb")
        self._head = b""

    def write(self, piece: bytes) -> None:
        self.size += len(piece)
        if self.size > self._limit:
            raise Invalid(
                tr("The file is larger than {limit:,} MiB, the limit here.", limit=round(self._limit / 2**20)), "file"
            )
        # Kept to tell a program when the file is complete, without reading it again.
        if len(self._head) < HEAD:
            self._head += piece[:HEAD]
        self._hash.update(piece)
        self._file.write(piece)

    def keep(self, folder: Path) -> str:
        """Sync it and move it to its place; its SHA-256. Raises Invalid for a program."""
        if programs.is_program(self._head):
            raise Invalid(tr(programs.WHY), "file")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        sha256 = self._hash.hexdigest()
        # Synced before the rename: under its hash a file is complete, even after a power cut.
        self._path.replace(folder / sha256)
        return sha256

    def close(self) -> None:
        self._file.close()


def folder(store: Store) -> Path:
    return modes.make_folder(store.folder / "uploads")


def path_of(store: Store, upload: Upload) -> Path:
    return folder(store) / upload.sha256


def keep(store: Store, pieces: Iterable[bytes], limit: int) -> tuple[str, int]:
    """Store a stream of bytes; its SHA-256 and size. `register` then makes it an upload."""
    with _arriving(store, limit) as incoming:
        for piece in pieces:
            incoming.write(piece)
        return incoming.keep(folder(store)), incoming.size


async def keep_stream(store: Store, pieces: AsyncIterator[bytes], limit: int) -> tuple[str, int]:
    with _arriving(store, limit) as incoming:
        async for piece in pieces:
            incoming.write(piece)
        return incoming.keep(folder(store)), incoming.size


@contextmanager
def _arriving(store: Store, limit: int) -> Iterator[Incoming]:
    # Beside the uploads: a rename is atomic only within one file system.
    handle, name = tempfile.mkstemp(dir=folder(store), prefix=ARRIVING)
    os.close(handle)
    incoming = Incoming(Path(name), limit)
    try:
        yield incoming
    finally:
        incoming.close()
        Path(name).unlink(missing_ok=True)  # gone already where it was kept


def clear_unfinished(store: Store) -> None:
    """At the start of a process: delete the temporary files that the last one left behind."""
    for path in (*folder(store).glob(f"{ARRIVING}*"), *(store.folder / OUTGOING).glob("*")):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def outgoing(store: Store, suffix: str, write: Callable[[BinaryIO], object]) -> Path:
    """Generate a file for download on disk, not in memory. The caller deletes it; it is deleted if `write` raises."""
    handle, name = tempfile.mkstemp(dir=modes.make_folder(store.folder / OUTGOING), suffix=suffix)
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as target:
            write(target)
    except BaseException:
        path.unlink()
        raise
    return path


def register(tx: Writing, *, sha256: str, file_name: str, size: int) -> Upload:
    """Create an upload and record its event."""
    upload = insert(tx, sha256=sha256, file_name=file_name, size=size)
    tx.record("file.uploaded", "upload", upload.id, file_name=upload.file_name, size=size, sha256=sha256)
    return upload


def insert(tx: Writing, *, sha256: str, file_name: str, size: int) -> Upload:
    """Create an upload as part of a larger change, which records the event. Raises Invalid for a program's name."""
    bare = programs.shown_name(file_name, settings.load().refuses)
    shown = identity.text(bare, later("file name"), limit=255) or "file"
    upload_id = tx.insert(
        """
        INSERT INTO base.uploads (sha256, file_name, size, created_by, created_at)
        VALUES ($sha256, $file_name, $size, $actor, $now)
        RETURNING id
        """,
        sha256=sha256,
        file_name=shown,
        size=size,
        actor=tx.actor.id,
        now=tx.now,
    )
    return get(tx, upload_id)


def get(tx: Reading, upload_id: int) -> Upload:
    found = tx.rows("SELECT * FROM uploads WHERE id = $id", id=upload_id)
    if not found:
        raise NotFound(tr("upload"))
    return Upload(**found[0])
