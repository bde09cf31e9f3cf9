"""Rows of one file that name the same record: the first stands, the others are refused and say which it was."""

from collections.abc import Mapping, Sequence

import polars as pl

from crm.foundation.language import tr
from crm.imports.planning.columns import FAULTS


def doubles(rows: pl.DataFrame, keys: Sequence[tuple[str, str]], names: Mapping[str, str]) -> pl.DataFrame:
    """Faults of the rows that share a key with an accepted earlier row. `keys`: (key column, field); `names`: what
    people call each field."""
    if not keys:
        return pl.DataFrame(schema=FAULTS)
    # By hash first: it leaves a few candidates of a million rows, and what merely collides is told apart below.
    shared = pl.any_horizontal([pl.col(key).hash().is_duplicated() & pl.col(key).is_not_null() for key, _ in keys])
    candidates = rows.filter(shared).select("line", *(key for key, _ in keys)).sort("line")
    holders: list[dict[str, int]] = [{} for _ in keys]
    found: list[tuple[int, str, str]] = []
    for line, *values in candidates.iter_rows():
        earlier = next(
            (
                (holder[value], field, value)
                for holder, value, (_, field) in zip(holders, values, keys, strict=True)
                if value is not None and value in holder
            ),
            None,
        )
        if earlier:
            at, field, value = earlier
            found.append((line, field, _already(names.get(field, field), value, at)))
            continue
        for holder, value in zip(holders, values, strict=True):
            if value is not None:
                holder[value] = line
    return pl.DataFrame(found, schema=FAULTS, orient="row")


def _already(field: str, value: str, line: int) -> str:
    return tr("The {field} “{value}” is already on line {line:,} of this file.", field=field, value=value, line=line)
