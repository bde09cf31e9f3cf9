"""Rejected rows, repaired on the page: they become a file of their own, tried under the choices of the first."""

from pathlib import Path

from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.imports.model import Import, Options
from crm.imports.reading.rejects import table_of
from crm.imports.verbs import begin, get
from crm.platform import files
from crm.store import Writing


def repaired_file(header: list[str], rows: list[list[str]]) -> bytes:
    """The repaired rows as a CSV file under the first file's header. Invalid where there are none."""
    if not rows:
        raise Invalid(tr("No row was repaired yet."), "rows")
    # A row may have been rejected for its number of cells: what stands beyond the header has no field to go to.
    width = len(header)
    return table_of(header, [[*row, *[""] * width][:width] for row in rows])


def begin_repaired(tx: Writing, import_id: int, *, sha256: str, size: int) -> Import:
    """The dry run of the repaired rows, whose file was kept already."""
    first = get(tx, import_id)
    name = Path(first.file_name).stem.removesuffix(" (repaired)")
    upload = files.register(tx, sha256=sha256, file_name=f"{name} (repaired).csv", size=size)
    return begin(tx, first.kind, upload.id, _options(first))


def _options(first: Import) -> Options:
    """The options of the first import, with the decimal mark and date patterns that its whole file decided."""
    return first.options.model_copy(
        update={
            # The repaired rows come in a CSV file of our own: how the first file was written holds no longer.
            "encoding": "utf-8",
            "delimiter": ",",
            "quote": '"',
            "sheet": None,
            "header_line": None,
            # A few rows alone might be read another way than the whole file was.
            "decimal": first.options.decimal or first.found.get("decimal"),
            "date_patterns": {**first.found.get("date_patterns", {}), **first.options.date_patterns},
            "dry_run": True,
        }
    )
