"""The uploaded files beside the database: named by their content's hash and never changed, so copies can be links."""

import os
import shutil
from pathlib import Path

FOLDER = "uploads"
ARRIVING = "arriving-"
"""How the name of a file begins that is still being written."""


def share(source: Path, target: Path) -> None:
    """Let the target folder hold the uploads of the source folder, too."""
    there = source / FOLDER
    if not there.is_dir():
        return
    (target / FOLDER).mkdir(exist_ok=True)
    for path in there.iterdir():
        copy = target / FOLDER / path.name
        if not path.name.startswith(ARRIVING) and not copy.exists():
            _link(path, copy)


def _link(path: Path, copy: Path) -> None:
    try:
        os.link(path, copy)
    except OSError:  # another disk, or one that knows no links
        shutil.copy2(path, copy)
