"""The uploaded files beside the database. Named by their content's hash and never changed, so copies can be hard
links."""

import os
from pathlib import Path

from crm.store import modes

FOLDER = "uploads"
ARRIVING = "arriving-"
"""The prefix of a file that is still being written."""


def share(source: Path, target: Path) -> None:
    """Link or copy the uploads of the source folder into the target folder."""
    uploads = source / FOLDER
    if not uploads.is_dir():
        return
    modes.make_folder(target / FOLDER)
    for path in uploads.iterdir():
        copy = target / FOLDER / path.name
        if not path.name.startswith(ARRIVING) and not copy.exists():
            _link(path, copy)


def _link(path: Path, copy: Path) -> None:
    try:
        os.link(path, copy)
        copy.chmod(modes.FILE)  # it may come from a folder that somebody brought here
    except OSError:  # another disk, or one that knows no links
        modes.copy(path, copy)
