"""Every row of an import with what became of it, or in a dry run would: a page at a time, searched and filtered."""

import json
from pathlib import Path
from typing import Any

import polars as pl

from crm.foundation import identity
from crm.imports.applying.display_values import displayed, names
from crm.imports.applying.outcome_files import FILED, folder_of
from crm.imports.fields import known_as, made_by_name
from crm.imports.model import Fate, Fates, Import, Outcome
from crm.imports.reading.normal_forms import search_texts
from crm.imports.verbs import get
from crm.records.declaration import RecordType
from crm.store import Reading, Row

# Each word is a pass over every cell; what comes after the sixth is left out.
WORDS = 6

SEARCHED = identity.searchable_sql("reason || ' ' || cells || ' ' || line")


def outcomes(
    tx: Reading,
    import_id: int,
    outcome: Outcome | str,
    *,
    search: str = "",
    field: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> Fates:
    """The rows of one outcome in the file's order. `search` looks for its words in all of a row's cells, `field`
    keeps the rows that give the field a value, change it, or are refused for it."""
    found, requested = get(tx, import_id), Outcome(outcome)
    if requested not in FILED:
        return _refused(tx, found, requested, search, field, limit, offset)
    path = _path(tx, import_id, requested)
    if not path.exists():
        return Fates(items=[], total=0, kept=not getattr(found, requested.value))
    rows = _filtered(path, found.of, search, field)
    total = rows.select(pl.len()).collect().item()
    page = rows.slice(offset, limit).collect().to_dicts()
    return Fates(items=_fates(tx, found.of, requested, page), total=total)


def outcome_fields(tx: Reading, import_id: int, outcome: Outcome | str) -> dict[str, int]:
    """Field → in how many rows of the outcome it has a value, changes, or is at fault; the most first."""
    found, requested = get(tx, import_id), Outcome(outcome)
    if requested not in FILED:
        rows = tx.rows(
            """
            SELECT field, count(*) AS many FROM import_rejects
            WHERE import_id = $id AND conflict = $conflict AND field IS NOT NULL
            GROUP BY field ORDER BY many DESC, field
            """,
            id=found.id,
            conflict=requested is Outcome.CONFLICT,
        )
        return {row["field"]: row["many"] for row in rows}
    path = _path(tx, import_id, requested)
    if not path.exists():
        return {}
    file = pl.scan_parquet(path)
    counted = file.select(**{field: _touched(file, field).sum() for field in _fields(file, found.of)}).collect()
    counts = counted.row(0, named=True) if counted.width else {}
    return dict(sorted(((field, many) for field, many in counts.items() if many), key=lambda pair: -pair[1]))


def _path(tx: Reading, import_id: int, outcome: Outcome) -> Path:
    return folder_of(tx.folder, import_id) / f"{outcome}.parquet"


# From the files


def _filtered(path: Path, of: RecordType[Any], search: str, field: str | None) -> pl.LazyFrame:
    """The rows of a file that hold every word of the search, and touch the field."""
    rows = pl.scan_parquet(path)
    if field:
        rows = rows.filter(_touched(rows, field) if field in _fields(rows, of) else pl.lit(False))
    words = _words(search)
    if not words:
        return rows
    texts = [name for name, kind in rows.collect_schema().items() if kind == pl.String]
    read = rows.collect()
    looked_in = search_texts(read, texts) if texts else pl.repeat("", read.height, eager=True)
    line = read["line"].cast(pl.String)
    for word in words:
        # `line` is a number, so it is in no text column; people look for it all the same.
        read = read.filter(hit := looked_in.str.contains(word, literal=True).fill_null(False) | (line == word))
        looked_in, line = looked_in.filter(hit), line.filter(hit)
    return read.lazy()


def _words(search: str) -> list[str]:
    return identity.searchable(search).split()[:WORDS]


def _fields(rows: pl.LazyFrame, of: RecordType[Any]) -> list[str]:
    """The fields by the names that people and the API know them by, in the file's order."""
    columns = [name for name in rows.collect_schema().names() if name not in ("shown", *_aside(of))]
    return list(dict.fromkeys(known_as(of, name.removeprefix("old_").removeprefix("new_")) for name in columns))


def _aside(of: RecordType[Any]) -> list[str]:
    """Columns that are no field of the record."""
    return ["line", "id", *(f"named_{key}" for key in made_by_name(of))]


def _touched(rows: pl.LazyFrame, field: str) -> pl.Expr:
    columns = rows.collect_schema().names()
    column = next(name for name in (field, f"{field}_id", f"new_{field}", f"new_{field}_id") if name in columns)
    if column.startswith("new_"):
        return pl.col(column).ne_missing(pl.col(f"old_{column.removeprefix('new_')}"))
    return pl.col(column).is_not_null()


def _fates(tx: Reading, of: RecordType[Any], outcome: Outcome, page: list[Row]) -> list[Fate]:
    """The rows of a page with names in place of ids."""
    if outcome is Outcome.UPDATED:
        return _changes(tx, of, page)
    known = names(tx, of, page)
    stored = _stored_names(tx, of, [row["id"] for row in page if row.get("id") is not None])
    return [
        Fate(
            line=row["line"],
            outcome=outcome,
            id=row.get("id"),
            name=stored.get(row.get("id") or 0) or _own_name(of, row),
            fields={
                known_as(of, column): displayed(of, column, value, known, row)
                for column, value in row.items()
                if column not in _aside(of) and value is not None
            },
        )
        for row in page
    ]


def _changes(tx: Reading, of: RecordType[Any], page: list[Row]) -> list[Fate]:
    before, after = ([_of_age(row, age) for row in page] for age in ("old_", "new_"))
    known = names(tx, of, [*before, *after])
    return [
        Fate(
            line=row["line"],
            outcome=Outcome.UPDATED,
            id=row["id"],
            name=row["shown"],
            changes={
                known_as(of, column): [
                    displayed(of, column, was.get(column), known, row),
                    displayed(of, column, value, known, row),
                ]
                for column, value in becomes.items()
                if was.get(column) != value and column in was
            },
        )
        for row, was, becomes in zip(page, before, after, strict=True)
    ]


def _of_age(row: Row, age: str) -> Row:
    return {column.removeprefix(age): value for column, value in row.items() if column.startswith(age)}


def _stored_names(tx: Reading, of: RecordType[Any], ids: list[int]) -> dict[int, str]:
    """id → title of the records that the actor sees, as it is now."""
    found = tx.rows(
        f"SELECT id, {of.title_sql()} AS shown FROM {of.plural} WHERE id IN (SELECT unnest($ids::BIGINT[]))",
        ids=ids,
    )
    return {row["id"]: row["shown"] for row in found}


def _own_name(of: RecordType[Any], row: Row) -> str | None:
    return next((row[key] for key in (*of.title, *of.uniques) if row.get(key)), None)


# From the store


def _refused(
    tx: Reading, found: Import, outcome: Outcome, search: str, field: str | None, limit: int, offset: int
) -> Fates:
    words = {f"word_{index}": word for index, word in enumerate(_words(search))}
    conditions = ["import_id = $id", "conflict = $conflict", "($field IS NULL OR field = $field)"]
    conditions += [f"contains({SEARCHED}, ${name})" for name in words]
    where = f"FROM import_rejects WHERE {' AND '.join(conditions)}"
    params = {"id": found.id, "conflict": outcome is Outcome.CONFLICT, "field": field, **words}
    rows = tx.rows(f"SELECT * {where} ORDER BY line LIMIT $limit OFFSET $offset", **params, limit=limit, offset=offset)
    return Fates(
        items=[
            Fate(
                line=row["line"],
                outcome=outcome,
                field=row["field"],
                reason=row["reason"],
                cells=json.loads(row["cells"]),
            )
            for row in rows
        ],
        total=int(tx.value(f"SELECT count(*) {where}", **params)),
    )
