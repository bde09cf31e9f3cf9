"""What outlives a loss of power."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Make durable which files the folder holds: what was made, renamed or dropped in it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
