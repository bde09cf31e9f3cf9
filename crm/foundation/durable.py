"""Durability of files and folders against a loss of power."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Sync the folder's own entries: files that were created, renamed or deleted in it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
