"""Reading the file of an import, within the limits that the settings give."""

import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from crm.foundation import settings
from crm.foundation.sandbox import Limits
from crm.foundation.settings import Settings
from crm.foundation.tables.model import Format, TableLimits
from crm.foundation.tables.other_sheets import is_old_workbook
from crm.foundation.tables.read import Sheet, read
from crm.foundation.tables.sandboxed import read_in_sandbox
from crm.store.uploads import ARRIVING

SMALL = 2**20
"""Bytes of a text file that is read in this process: what comes of so few is bounded, and a sandbox takes half a
second to start."""


def read_file(path: Path, options: Format, limit: int | None = None, heed: Callable[[], None] = lambda: None) -> Sheet:
    """Read an uploaded CSV or Excel file whole, or its first `limit` rows. Invalid where it cannot be read, or would
    come to more than the limits of the settings. `heed` is called while it is read; what it raises ends the reading."""
    given = settings.load()
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=ARRIVING) as folder:
        # A workbook is an archive, or shows one text in many cells: however small, it may come to anything.
        if path.stat().st_size <= SMALL and not (zipfile.is_zipfile(path) or is_old_workbook(path)):
            return read(path, options, limit, limits=table_limits(given), scratch=Path(folder))
        return read_in_sandbox(path, options, limit, table_limits(given), limits(given), Path(folder), heed)


def table_limits(given: Settings) -> TableLimits:
    return TableLimits(
        cells=given.import_cells,
        workbook_cells=given.workbook_cells,
        text=given.workbook_text_mb * 2**20,
        unpacked=given.workbook_unpacked_mb * 2**20,
    )


def limits(given: Settings) -> Limits:
    return Limits(
        memory=given.reading_memory_mb * 2**20,
        output=max(given.reading_memory_mb, given.upload_limit_mb) * 2**20,
        seconds=given.reading_seconds,
        processor_seconds=given.reading_seconds,
    )
