"""The head file: number and hash of the log's last event, written and synced beside the store after each commit.

DuckDB opens a damaged or missing write-ahead log without an error, and loses what was acknowledged. A store whose log
ends before its head is therefore refused at start.
"""

import os
from dataclasses import dataclass
from pathlib import Path

SLOT = 128
"""Bytes of a slot. The two slots are written in turn, so that a torn write leaves the previous one whole."""


@dataclass(frozen=True)
class Head:
    seq: int
    hash: str

    def line(self) -> bytes:
        text = f"{self.seq:020d} {self.hash:64s}"
        return f"{text} {checksum(text):08x}\n".encode().ljust(SLOT)


def checksum(text: str) -> int:
    import zlib

    return zlib.crc32(text.encode())


GENESIS = Head(0, "0" * 64)


class HeadFile:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def read(self) -> Head:
        raw = os.pread(self._file, 2 * SLOT, 0)
        found = [head for head in (_parse(raw[:SLOT]), _parse(raw[SLOT:])) if head]
        return max(found, key=lambda head: head.seq, default=GENESIS)

    def write(self, head: Head) -> None:
        os.pwrite(self._file, head.line(), SLOT * (head.seq % 2))
        # Overwriting in place needs no sync of the folder, which write-and-rename would pay at each commit.
        os.fdatasync(self._file)

    def close(self) -> None:
        os.close(self._file)


def _parse(raw: bytes) -> Head | None:
    words = raw.decode("ascii", "replace").split()
    if len(words) != 3:
        return None
    seq, digest, check = words
    if not seq.isdigit() or f"{checksum(f'{seq} {digest:64s}'):08x}" != check:
        return None
    return Head(int(seq), digest)
