"""Uploaded files: on disk under their content's hash, streamed there, a row in the store for each upload."""

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
from crm.store import Reading, Store, Writing, modes
from crm.store.uploads import ARRIVING

HEAD = 512

OUTGOING = "outgoing"
"""The folder of the store for files that are made to be sent: they may hold personal data, and the machine's temporary
folder would keep what a killed process leaves."""


class Upload(BaseModel, frozen=True):
    id: int
    sha256: str
    file_name: str
    size: int
    created_by: int
    created_at: datetime


class Incoming:
    """A file as it arrives: written to a temporary file, hashed on the way, refused beyond its limit."""

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
            raise Invalid(f"The file is larger than {self._limit / 2**20:,.0f} MiB, the limit here.", "file")
        if len(self._head) < HEAD:
            self._head += piece[:HEAD]
        self._hash.update(piece)
        self._file.write(piece)

    def keep(self, folder: Path) -> str:
        """Move it to its place, durable; its hash. Invalid for a program."""
        if programs.is_program(self._head):
            raise Invalid(programs.WHY, "file")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        sha256 = self._hash.hexdigest()
        self._path.replace(folder / sha256)
        return sha256

    def close(self) -> None:
        self._file.close()


def folder(store: Store) -> Path:
    return modes.make_folder(store.folder / "uploads")


def path_of(store: Store, upload: Upload) -> Path:
    return folder(store) / upload.sha256


def keep(store: Store, pieces: Iterable[bytes], limit: int) -> tuple[str, int]:
    """Stream a file in; its hash and size. `register` then makes it somebody's upload."""
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
    handle, name = tempfile.mkstemp(dir=folder(store), prefix=ARRIVING)
    os.close(handle)
    incoming = Incoming(Path(name), limit)
    try:
        yield incoming
    finally:
        incoming.close()
        Path(name).unlink(missing_ok=True)


def clear_unfinished(store: Store) -> None:
    """At the start of a process: remove what was still arriving, being read or being sent when the last one ended."""
    for path in (*folder(store).glob(f"{ARRIVING}*"), *(store.folder / OUTGOING).glob("*")):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def outgoing(store: Store, suffix: str, write: Callable[[BinaryIO], object]) -> Path:
    """A file made to be sent, on disk and not in memory. Its sender deletes it; it is gone where `write` raises."""
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
    """An upload in its own right, that the log tells of."""
    upload = enter(tx, sha256=sha256, file_name=file_name, size=size)
    tx.record("file.uploaded", "upload", upload.id, file_name=upload.file_name, size=size, sha256=sha256)
    return upload


def enter(tx: Writing, *, sha256: str, file_name: str, size: int) -> Upload:
    """An upload that is part of something larger, which tells the log. Invalid where its name is a program's."""
    bare = programs.shown_name(file_name, settings.load().refuses)
    shown = identity.text(bare, "file name", limit=255) or "file"
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
        raise NotFound("upload")
    return Upload(**found[0])
