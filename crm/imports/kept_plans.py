"""The plans that dry runs have made, kept so that applying one reads neither its file nor cleans its cells again.

A plan is a function of the file, the options and what the workspace says of cleaning. Its `Basis` holds these: a plan
is used only where they are equal, and is otherwise made anew. The rows lie in files beside the store, which hold
personal data, and go with the process, with the import's end, with any erasure; all else stays in memory.
"""

import logging
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import polars as pl

from crm.foundation import language
from crm.imports.model import Import, Options
from crm.imports.planning.columns import CleaningContext
from crm.imports.planning.plan import Plan
from crm.records.declaration import RecordType
from crm.store import Reading, Store, modes

log = logging.getLogger(__name__)

FOLDER = "plans"
ROWS, SHEET = "rows.parquet", "sheet.parquet"
MOST = 8
"""Plans that are kept at a time, the latest."""
MOST_NOTED = 200_000
"""Faults and cells left empty, which stay in memory: a plan with more of them is not kept."""


@dataclass(frozen=True)
class Basis:
    """All that a plan depends on."""

    upload_id: int
    of: RecordType[Any]
    options: Options
    context: CleaningContext
    language: str
    """Reasons of rejected rows are in the language of whoever began the import."""


@dataclass(frozen=True)
class _Kept:
    basis: Basis
    plan: Plan
    """Without its rows, and without those of its sheet."""
    folder: Path


def basis_of(import_: Import, context: CleaningContext) -> Basis:
    options = import_.options.model_copy(update={"dry_run": False})
    return Basis(import_.upload_id, import_.of, options, context, language.current())


def keep(tx: Reading, import_id: int, basis: Basis, plan: Plan) -> None:
    """Keep a plan in place of an earlier one of the same import."""
    forget(tx, import_id)
    noted = plan.faults.height + plan.unread.height + len(plan.sheet.faults)
    # Once a guessed encoding is confirmed the options are others, and nothing would come of the plan.
    if noted > MOST_NOTED or plan.sheet.dialect.guessed:
        return
    # A name that is not used again: a plan never comes with the rows of another.
    folder = tx.folder / FOLDER / uuid4().hex
    try:
        modes.make_folder(folder)
        _write(plan.rows, folder / ROWS)
        _write(plan.sheet.rows, folder / SHEET)
    except OSError as error:  # a dry run does not fail for what would only save time later
        log.warning("the plan of import %d could not be kept: %s", import_id, error)
        shutil.rmtree(folder, ignore_errors=True)
        return
    rest = replace(plan, rows=plan.rows.clear(), sheet=replace(plan.sheet, rows=plan.sheet.rows.clear()))
    kept = _plans(tx)
    kept[import_id] = _Kept(basis, rest, folder)
    for oldest in list(kept)[:-MOST]:
        forget(tx, oldest)


def find(tx: Reading, import_id: int, basis: Basis) -> Plan | None:
    """The plan that a dry run of this import has made on the same basis, if it is still there."""
    kept = _plans(tx).get(import_id)
    if kept is None or kept.basis != basis:
        return None
    try:
        rows, sheet = pl.read_parquet(kept.folder / ROWS), pl.read_parquet(kept.folder / SHEET)
    except OSError:  # an erasure was faster
        return None
    return replace(kept.plan, rows=rows, sheet=replace(kept.plan.sheet, rows=sheet))


def forget(tx: Reading, import_id: int) -> None:
    kept = _plans(tx).pop(import_id, None)
    if kept is not None:
        shutil.rmtree(kept.folder, ignore_errors=True)


def clear(store: Store) -> None:
    """Delete the files of all plans, those of an earlier process too: none is found after that."""
    shutil.rmtree(store.folder / FOLDER, ignore_errors=True)


def _plans(tx: Reading) -> dict[int, _Kept]:
    found: dict[int, _Kept] = tx.memory.setdefault(__name__, {})
    return found


def _write(rows: pl.DataFrame, path: Path) -> None:
    with modes.create(path) as file:
        rows.write_parquet(file, compression="lz4", statistics=False)
