"""Where the rows of an import are kept with what became (or would become) of each: files beside the store.

One folder an import, `outcomes/<import id>/`, and in it one Parquet file an outcome, its rows in the file's order. They
hold what the uploaded file holds, personal data; who erases a person discards those that name them.
"""

import shutil
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from crm.imports.applying.diff import Diff
from crm.imports.fields import made_by_name
from crm.imports.model import Outcome
from crm.imports.planning import noted
from crm.imports.planning.columns import without
from crm.imports.planning.plan import Plan
from crm.store import Reading, modes

FILED = (Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED, Outcome.SKIPPED)
"""The others are rows of `import_rejects`."""

UNREAD = "unread.parquet"
"""The cells that were left empty, or read in part, each with its row as it stands in the file."""


def folder_of(store: Path, import_id: int) -> Path:
    return store / "outcomes" / str(import_id)


def keep(tx: Reading, import_id: int, plan: Plan, diff: Diff, new: pl.DataFrame) -> None:
    """Write the rows of this import, in place of those of an earlier run. `new` are the rows that become records, with
    `id` where they have one by now. Reads the temporary table `changed`."""
    target = folder_of(tx.folder, import_id)
    draft = target.with_name(f"{import_id}-draft")
    # Written beside and renamed once whole: a page never lists half of an import's rows as if they were all.
    shutil.rmtree(draft, ignore_errors=True)
    modes.make_folder(draft)
    for outcome, rows in _by_outcome(tx, plan, diff, new).items():
        with modes.create(draft / f"{outcome}.parquet") as file:
            # An import that is applied writes this while it holds the writer's place in the store: speed counts more
            # than size.
            rows.write_parquet(file, compression="lz4", statistics=False)
    with modes.create(draft / UNREAD) as file:
        cells = plan.sheet.cells(diff.unread["line"].unique())
        diff.unread.join(cells, on="line", how="left", maintain_order="left").write_parquet(file, compression="lz4")
    shutil.rmtree(target, ignore_errors=True)
    draft.replace(target)


def _by_outcome(tx: Reading, plan: Plan, diff: Diff, new: pl.DataFrame) -> dict[Outcome, pl.DataFrame]:
    known = _values(diff.matched.known.rename({"target": "id"}), plan).sort("line")
    changed = _changed(tx, plan) if diff.updated else pl.DataFrame(schema={"line": pl.Int64})
    unchanged = without(known, changed["line"])
    return {
        Outcome.CREATED: _values(new, plan),
        Outcome.UPDATED: changed,
        Outcome.UNCHANGED: known.clear() if diff.skipped else unchanged,
        Outcome.SKIPPED: known if diff.skipped else known.clear(),
    }


def _values(rows: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """The values that the file gives, in the order in which people read them."""
    named = [f"named_{key}" for key in made_by_name(plan.of)]
    ordered = ["line", "id", *named, *plan.columns, "labels", *plan.attributes]
    ordered += [noted.COLUMN] if noted.taken(plan.of) else []
    present = [name for name in ordered if name in rows.columns]
    filled = [name for name in present if name in ("line", "id") or rows[name].null_count() < rows.height]
    return rows.select(filled)


def _changed(tx: Reading, plan: Plan) -> pl.DataFrame:
    """line, id, shown, and old_<column>, new_<column> of each that may differ."""
    columns = "|".join(["^(?:old|new)_", *(f"^named_{key}$" for key in made_by_name(plan.of))])
    rows = tx.frame(f"SELECT line, id, shown, COLUMNS('{columns}') FROM changed ORDER BY line")
    # Keys of unique fields have a new value only: people know the field, not its normal form.
    return rows.drop(name for name in rows.columns if name.startswith("new_") and f"old_{name[4:]}" not in rows.columns)


# For those who erase


def discard(store: Path, import_id: int) -> None:
    shutil.rmtree(folder_of(store, import_id), ignore_errors=True)


def mentioning(store: Path, texts: Iterable[str]) -> list[int]:
    """Ids of the imports whose rows hold one of the texts in some cell, regardless of case."""
    searched = [text.lower() for text in texts if text]
    folders = [path for path in (store / "outcomes").glob("*") if path.name.isdigit()]
    return sorted(
        int(folder.name) for folder in folders if any(_holds(path, searched) for path in folder.glob("*.parquet"))
    )


def _holds(path: Path, texts: list[str]) -> bool:
    rows = pl.scan_parquet(path)
    kinds = rows.collect_schema()
    if pl.List(pl.String) in kinds.values():
        rows = rows.with_columns(pl.col(pl.List(pl.String)).list.join("\n", ignore_nulls=True))
    columns = [name for name, kind in rows.collect_schema().items() if kind == pl.String]
    if not columns or not texts:
        return False
    held = pl.any_horizontal(pl.col(columns).str.to_lowercase().str.contains_any(texts).any())
    return bool(rows.select(held).collect().item())
